"""The admin of webhooks: partners' endpoints, and what was sent to them with what came of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from bright_credit.common.admin.columns import (
    NOTHING,
    Tone,
    badge_column,
    counted,
    instant,
    link,
    list_url,
    state,
)
from bright_credit.common.admin.pages import PageAdmin, attempt, form_page
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.theme import button, column
from users.domain.webhooks import (
    EVENT_WORDS,
    MAX_OVERLAP_HOURS,
    MAX_URL_LENGTH,
    USUAL_OVERLAP_HOURS,
)
from users.models import Partner, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from users.services.delivering import body_of, replay, replay_given_up
from users.services.webhooks import (
    NewSecret,
    disable_endpoint,
    enable_endpoint,
    make_endpoint,
    rotate_secret,
)

_TONES: Final = {"DELIVERED": Tone.GOOD, "DEAD": Tone.DANGER, "PENDING": Tone.INFO}
_ATTEMPTS_SHOWN: Final = 50


class NewEndpointForm(forms.Form):
    """Whose endpoint, where, and what it is told of."""

    partner = forms.ModelChoiceField(
        queryset=Partner.objects.filter(active=True).order_by("name"),
        widget=UnfoldAdminSelectWidget,
    )
    url = forms.CharField(label="URL", max_length=MAX_URL_LENGTH, widget=UnfoldAdminTextInputWidget)
    events = forms.MultipleChoiceField(
        choices=[(event.value, f"{event.value}: {words}") for event, words in EVENT_WORDS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class RotationForm(forms.Form):
    """How long the former secret signs beside the new one."""

    overlap_hours = forms.IntegerField(
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        initial=USUAL_OVERLAP_HOURS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="0 when the former secret has leaked.",
    )


class AgainForm(forms.Form):
    """How far back messages that were given up are sent again."""

    days = forms.IntegerField(
        min_value=1, max_value=90, initial=7, widget=UnfoldAdminIntegerFieldWidget
    )


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(PageAdmin):
    """Endpoints, without their secrets: what they are told, and how they are doing."""

    list_display = ("pk", "partner", "url", "in_use", "failing_since", "last_success_at")
    list_select_related = ("partner",)
    list_filter = ("partner", ("disabled_at", admin.EmptyFieldListFilter), "disabled_because")
    ordering = ("-pk",)
    actions_list = ("new_endpoint",)
    actions_detail = ("rotate", "send_again", "enable", "disable")

    @column("In use")
    def in_use(self, endpoint: WebhookEndpoint) -> str:
        """Return whether it is told of anything; if not, why."""
        return "Yes" if endpoint.is_enabled else endpoint.get_disabled_because_display()

    def panels(self, request: HttpRequest, obj: WebhookEndpoint) -> list[Panel]:
        """Return what is known of the endpoint."""
        return [
            facts(
                "Endpoint",
                ("Partner", link(obj.partner.name, obj.partner)),
                ("URL", obj.url),
                ("Events", ", ".join(obj.events)),
                ("In use", self.in_use(obj)),
                ("Made", instant(obj.created_at)),
                ("Last took a message", instant(obj.last_success_at)),
                ("Failing since", instant(obj.failing_since)),
                ("Disabled", instant(obj.disabled_at)),
                ("Deliveries", link_to_deliveries(obj)),
            )
        ]

    def has_new_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may make endpoints."""
        return request.user.has_perm("users.add_webhookendpoint")

    def has_keep_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may change endpoints and send messages again."""
        return request.user.has_perm("users.change_webhookendpoint")

    @button("New endpoint", path="new", permission="new", icon="add")
    @sensitive_variables()
    def new_endpoint(self, request: HttpRequest) -> HttpResponse:
        """Ask where and of what to tell, make the endpoint, and show its secret this one time."""
        form = NewEndpointForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            made = attempt(
                request,
                lambda: make_endpoint(
                    given["partner"],
                    url=given["url"],
                    events=given["events"],
                    https_only=settings.WEBHOOK_HTTPS_ONLY,
                    now=timezone.now(),
                ),
            )
            if made is not None:
                return self._shown_once(request, made)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title="A new webhook endpoint",
            submit="Make the endpoint",
            back=list_url(WebhookEndpoint),
            form=form,
        )

    @button("Change the secret", path="rotate", permission="keep", icon="key")
    @sensitive_variables()
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the overlap, change the secret, and show it this one time."""
        endpoint = _row(WebhookEndpoint.objects.select_related("partner"), object_id)
        form = RotationForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            made = attempt(
                request,
                lambda: rotate_secret(endpoint.pk, **form.cleaned_data, now=timezone.now()),
            )
            if made is not None:
                return self._shown_once(request, made)
        return self._ask(request, endpoint, "Change the secret", form=form)

    @button("Send again", path="again", permission="keep", icon="replay")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how far back; then send once more what was given up."""
        endpoint = _row(WebhookEndpoint.objects.select_related("partner"), object_id)
        form = AgainForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            since = timedelta(days=form.cleaned_data["days"])
            count = attempt(
                request, lambda: replay_given_up(endpoint, since=since, now=timezone.now())
            )
            if count is not None:
                messages.success(request, f"{counted(count, 'message')} will be sent again.")
                return HttpResponseRedirect(_page(endpoint))
        return self._ask(request, endpoint, "Send again what was given up", form=form)

    @button("Enable", path="enable", permission="keep", icon="play_arrow")
    def enable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then tell the endpoint again of what follows."""
        return self._change(request, object_id, "Enable", enable_endpoint, danger=False)

    @button("Disable", path="disable", permission="keep", icon="block", danger=True)
    def disable(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then send the endpoint nothing more."""
        return self._change(
            request,
            object_id,
            "Disable",
            lambda key: disable_endpoint(key, now=timezone.now()),
            danger=True,
        )

    def _change(
        self,
        request: HttpRequest,
        object_id: str,
        verb: str,
        change: Callable[[int], WebhookEndpoint],
        *,
        danger: bool,
    ) -> HttpResponse:
        endpoint = _row(WebhookEndpoint.objects.select_related("partner"), object_id)
        if request.method == "POST":
            if attempt(request, lambda: change(endpoint.pk)) is not None:
                messages.success(request, f"The endpoint is {verb.lower()}d.")
            return HttpResponseRedirect(_page(endpoint))
        return self._ask(request, endpoint, verb, danger=danger)

    def _ask(
        self,
        request: HttpRequest,
        endpoint: WebhookEndpoint,
        submit: str,
        *,
        form: forms.Form | None = None,
        danger: bool = False,
    ) -> HttpResponse:
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"{submit}: endpoint {endpoint.pk} of {endpoint.partner}",
            submit=submit,
            back=_page(endpoint),
            form=form,
            panels=self.panels(request, endpoint),
            danger=danger,
        )

    def _shown_once(self, request: HttpRequest, made: NewSecret) -> HttpResponse:
        panel = facts(
            "The secret",
            ("Secret", made.text),
            ("The former signs until", instant(made.former_expires_at)),
            (
                "Note",
                "It is shown this once, and cannot be seen again. Give it to the partner now.",
            ),
        )
        answer = form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"The new secret of endpoint {made.endpoint.pk}",
            submit="Change it again",
            back=_page(made.endpoint),
            panels=[panel],
        )
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(PageAdmin):
    """Deliveries: messages on their way, taken, or given up, with the log of their attempts."""

    list_display = ("message_id", "type", "endpoint", "state", "attempts", "outcome", "occurred")
    list_select_related = ("message", "endpoint__partner")
    list_filter = ("status", "outcome", "endpoint")
    ordering = ("-pk",)
    actions_detail = ("send_again",)

    state = badge_column("status", "State", tones=_TONES)

    @column("Message")
    def message_id(self, delivery: WebhookDelivery) -> str:
        """Return the message's id."""
        return delivery.message.public_id

    @column("Event")
    def type(self, delivery: WebhookDelivery) -> str:
        """Return what kind of event it tells."""
        return delivery.message.type

    @column("Happened")
    def occurred(self, delivery: WebhookDelivery) -> str:
        """Return when it happened."""
        return instant(delivery.message.occurred_at)

    def panels(self, request: HttpRequest, obj: WebhookDelivery) -> list[Panel]:
        """Return the delivery, what is sent, and its newest attempts."""
        log = WebhookAttempt.objects.filter(delivery=obj).order_by("-number")[:_ATTEMPTS_SHOWN]
        return [
            facts(
                "Delivery",
                ("Message", obj.message.public_id),
                ("Event", obj.message.type),
                ("Endpoint", link(str(obj.endpoint), obj.endpoint)),
                ("State", state(obj.status, _TONES)),
                ("Taken", instant(obj.delivered_at)),
                ("Next attempt", instant(obj.next_attempt_at) if _waits(obj) else NOTHING),
                ("What is sent", body_of(obj.message).decode()),
            ),
            Table(
                title="Attempts",
                headings=("Number", "Sent", "Took", "Status", "Outcome"),
                rows=tuple(
                    (
                        str(each.number),
                        instant(each.sent_at),
                        f"{each.duration_ms} ms",
                        NOTHING if each.http_status is None else str(each.http_status),
                        each.outcome,
                    )
                    for each in log
                ),
                numeric=frozenset({"Number", "Took"}),
            ),
        ]

    def has_keep_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may send messages again."""
        return request.user.has_perm("users.change_webhookendpoint")

    @button("Send again", path="again", permission="keep", icon="replay")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then send the message once more, under its own id."""
        rows = WebhookDelivery.objects.select_related("message", "endpoint__partner")
        delivery = _row(rows, object_id)
        if request.method == "POST":
            if attempt(request, lambda: replay(delivery.pk)) is not None:
                messages.success(request, "The message will be sent again within seconds.")
            return HttpResponseRedirect(_page(delivery))
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Send {delivery.message.public_id} again",
            submit="Send again",
            back=_page(delivery),
            panels=self.panels(request, delivery),
        )


def link_to_deliveries(endpoint: WebhookEndpoint) -> SafeString:
    """Return a link to the list of an endpoint's deliveries."""
    return format_html(
        '<a class="bl-link" href="{}">All of them</a>',
        list_url(WebhookDelivery, endpoint__id__exact=endpoint.pk),
    )


def _waits(delivery: WebhookDelivery) -> bool:
    return delivery.status == WebhookDelivery.Status.PENDING


def _row(rows: QuerySet[Any], key: str) -> Any:
    found = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if found is None:
        raise Http404
    return found


def _page(row: Any) -> str:
    return reverse(f"admin:users_{row._meta.model_name}_change", args=[row.pk])
