"""The admin of provisions: what was set aside when and for what, and the rates."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.widgets import UnfoldAdminDateWidget, UnfoldBooleanWidget

from bright_credit.common import business_day
from bright_credit.common.admin.columns import (
    day,
    instant,
    list_url,
    number,
    rate,
    rate_column,
    rupees,
    rupees_column,
)
from bright_credit.common.admin.fields import UnitsFormMixin
from bright_credit.common.admin.pages import PageAdmin, attempt, form_page
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.theme import ModelAdmin, button
from loan.models import Provision, ProvisionRate
from loan.services.provisioning import Provisioned, post_provision, preview_provision

_HEADINGS = ("Product", "Class", "Loans", "Exposure", "Rate", "Provision")
_NUMERIC = frozenset({"Loans", "Exposure", "Rate", "Provision"})


class ProvisionForm(forms.Form):
    """As of which day; seen first, booked once confirmed."""

    as_of = forms.DateField(label="As of the end of", widget=UnfoldAdminDateWidget)
    confirmed = forms.BooleanField(
        label="I have seen what is set aside",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Without it, the provision is shown and nothing is booked.",
    )


@admin.register(Provision)
class ProvisionAdmin(PageAdmin):
    """Provisions, newest first; each one's page has its shares by product and class."""

    list_display = ("as_of", "exposure", "provision", "booked_on", "actor")
    ordering = ("-as_of",)
    actions_list = ("post_it",)

    exposure = rupees_column("exposure_paise", "Exposure")
    provision = rupees_column("provision_paise", "Provision")

    def panels(self, request: HttpRequest, obj: Provision) -> Sequence[Panel]:
        """Return the provision and its shares."""
        return [
            facts(
                f"Provision as of {day(obj.as_of)}",
                ("Exposure", rupees(obj.exposure_paise)),
                ("Provision", rupees(obj.provision_paise)),
                ("Booked on", day(obj.booked_on)),
                ("Booked", instant(obj.booked_at)),
                ("By", obj.actor),
            ),
            Table(
                title="By product and class",
                headings=_HEADINGS,
                numeric=_NUMERIC,
                rows=tuple(
                    (
                        share.product_id,
                        share.asset_class,
                        number(share.loans),
                        rupees(share.exposure_paise),
                        rate(share.rate_bps),
                        rupees(share.provision_paise),
                    )
                    for share in obj.shares.order_by("product_id", "id")
                ),
            ),
        ]

    def has_book_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may book provisions."""
        return request.user.has_perm("loan.add_provision")

    @button("Book a provision", path="book", permission="book", icon="shield")
    def post_it(self, request: HttpRequest) -> HttpResponse:
        """Show the provision as of a day; then book it."""
        form, shown = ProvisionForm(request.POST or None), []
        if request.method == "POST" and form.is_valid():
            as_of: date = form.cleaned_data["as_of"]
            today = business_day.today()
            if form.cleaned_data["confirmed"]:
                actor = request.user.get_username()[:80]
                made = attempt(request, lambda: post_provision(as_of, today=today, actor=actor))
                if made is not None:
                    messages.success(request, f"Provision as of {day(as_of)}: booked.")
                    return HttpResponseRedirect(list_url(Provision))
            else:
                made = attempt(request, lambda: preview_provision(as_of, today=today))
                shown = [] if made is None else _preview_panels(made)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title="Book a provision",
            submit="Go on",
            back=list_url(Provision),
            form=form,
            panels=shown,
        )


def _preview_panels(made: Provisioned) -> list[Panel]:
    return [
        facts(
            f"Provision as of {day(made.as_of)}",
            ("Exposure", rupees(made.exposure_paise)),
            ("Provision", rupees(made.provision_paise)),
            ("The last one", rupees(made.before_paise)),
            ("To be booked", rupees(made.provision_paise - made.before_paise)),
        ),
        Table(
            title="By product and class",
            headings=_HEADINGS,
            numeric=_NUMERIC,
            rows=tuple(
                (
                    line.exposure.product,
                    line.exposure.asset_class.value,
                    number(line.exposure.loans),
                    rupees(line.exposure.exposure_paise),
                    rate(line.rate_bps),
                    rupees(line.provision_paise),
                )
                for line in made.lines
            ),
        ),
    ]


@admin.register(ProvisionRate)
class ProvisionRateAdmin(UnitsFormMixin, ModelAdmin):
    """The rates, one a class: changed, never added to nor deleted."""

    list_display = ("asset_class", "of_exposure")
    readonly_fields = ("asset_class",)
    actions = None

    of_exposure = rate_column("rate_bps", "Of the exposure")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: every class has its row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: every class has its row."""
        return False
