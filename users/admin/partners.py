"""The admin of partners and their keys. A key's text is shown once, on the page that made it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminIntegerFieldWidget

from bright_credit.common.admin.columns import NOTHING, instant, link
from bright_credit.common.admin.pages import PageAdmin, attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import ModelAdmin, button, column
from users.domain.scopes import SCOPE_WORDS
from users.models import Partner, PartnerKey
from users.services.partners import make_partner_key, revoke_partner_key


class NewKeyForm(forms.Form):
    """What a new key is good for, and for how long."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {words}") for scope, words in SCOPE_WORDS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="As few as the partner's back-end needs.",
    )
    days = forms.IntegerField(
        label="Good for days",
        required=False,
        min_value=1,
        max_value=3_660,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty: until it is revoked.",
    )


@admin.register(Partner)
class PartnerAdmin(ModelAdmin):
    """Partners: companies whose back-ends call for the borrowers they registered."""

    actions = None
    list_display = ("name", "active", "created_at")
    fields = ("name", "active")
    search_fields = ("name",)
    actions_detail = ("new_key",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: a partner that is gone is made inactive."""
        return False

    def has_key_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may make keys."""
        return request.user.has_perm("users.add_partnerkey")

    @button("New key", path="key", permission="key", icon="key")
    @sensitive_variables()
    def new_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what the key is for, make it, and show it this one time."""
        partner = _partner(object_id)
        form = NewKeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            days, now = form.cleaned_data["days"], timezone.now()
            made = attempt(
                request,
                lambda: make_partner_key(
                    partner,
                    scopes=form.cleaned_data["scopes"],
                    expires_at=now + timedelta(days=days) if days else None,
                    now=now,
                ),
            )
            if made is not None:
                return self._shown_once(request, made.key, made.text)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"A new key for {partner}",
            submit="Make the key",
            back=_page(partner),
            form=form,
        )

    def _shown_once(self, request: HttpRequest, key: PartnerKey, text: str) -> HttpResponse:
        panel = facts(
            "The key",
            ("Key", text),
            ("Scopes", ", ".join(key.scopes)),
            ("Good until", instant(key.expires_at)),
            (
                "Note",
                "It is shown this once, and cannot be seen again. Give it to the partner now.",
            ),
        )
        answer = form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"The new key of {key.partner}",
            submit="Make another key",
            back=_page(key.partner),
            panels=[panel],
        )
        answer["Cache-Control"] = "no-store"
        return answer


@admin.register(PartnerKey)
class PartnerKeyAdmin(PageAdmin):
    """Keys, without their secrets: when they were made and last used, and the end of them."""

    list_display = ("key_id", "partner", "in_use", "created_at", "last_used_at", "expires_at")
    list_select_related = ("partner",)
    list_filter = ("partner", ("revoked_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    actions_detail = ("revoke",)

    @column("In use")
    def in_use(self, key: PartnerKey) -> str:
        """Return whether the key is not revoked."""
        return "Yes" if key.revoked_at is None else NOTHING

    def panels(self, request: HttpRequest, obj: PartnerKey) -> list[Panel]:
        """Return what is known of the key."""
        return [
            facts(
                "Key",
                ("Id", obj.key_id),
                ("Partner", link(obj.partner.name, obj.partner)),
                ("Scopes", ", ".join(obj.scopes)),
                ("Made", instant(obj.created_at)),
                ("Good until", instant(obj.expires_at)),
                ("Last used", instant(obj.last_used_at)),
                ("Revoked", instant(obj.revoked_at)),
            )
        ]

    def has_revoke_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may revoke keys."""
        return request.user.has_perm("users.change_partnerkey")

    @button("Revoke", path="revoke", permission="revoke", icon="key_off", danger=True)
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then make the key open nothing."""
        found = PartnerKey.objects.select_related("partner")
        key = found.filter(pk=object_id).first() if object_id.isdecimal() else None
        if key is None:
            raise Http404
        if request.method == "POST":
            revoke_partner_key(key, now=timezone.now())
            messages.success(request, f"The key {key.key_id} opens nothing any more.")
            return HttpResponseRedirect(_page(key))
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Revoke the key {key.key_id} of {key.partner}",
            submit="Revoke",
            back=_page(key),
            panels=self.panels(request, key),
            danger=True,
        )


def _partner(key: str) -> Partner:
    partner = Partner.objects.filter(pk=key).first() if key.isdecimal() else None
    if partner is None:
        raise Http404
    return partner


def _page(row: Any) -> str:
    return reverse(f"admin:users_{row._meta.model_name}_change", args=[row.pk])
