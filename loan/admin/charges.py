"""The admin of charges: what each came to, and waiving one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bright_credit.common import business_day
from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    number,
    rupees,
    rupees_column,
)
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button
from loan.admin.change_panels import change_panels
from loan.admin.proposing import propose
from loan.admin.reasons import WaiverForm
from loan.admin.servicing import OfALoan
from loan.models import Charge
from loan.services.approvals.asking import Asked
from loan.services.approvals.kinds import Wanted, waiver
from loan.services.charges import ChargeChange, waive_charge
from loan.services.happening import Author


@admin.register(Charge)
class ChargeAdmin(OfALoan):
    """Charges levied on loans, and waived here."""

    list_display = ("key", "loan_number", "kind", "levied_on", "amount", "paid")
    list_filter = ("kind",)
    actions_detail = ("waive_it",)

    amount = rupees_column("amount_paise", "Amount")
    paid = rupees_column("paid_paise", "Paid or waived")

    def panels(self, request: HttpRequest, obj: Charge) -> Sequence[Panel]:
        """Return the charge."""
        return [
            facts(
                "Charge",
                ("Charge", obj.key),
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Kind", obj.get_kind_display().capitalize()),
                ("Instalment", number(obj.instalment_number)),
                ("Levied on", day(obj.levied_on)),
                ("Booked", instant(obj.levied_at)),
                ("Amount", rupees(obj.amount_paise)),
                ("GST in it", rupees(obj.gst_paise)),
                ("Paid or waived", rupees(obj.paid_paise)),
                ("Unpaid", rupees(obj.amount_paise - obj.paid_paise)),
                ("Cancelled by", link(str(obj.cancelled_by), obj.cancelled_by))
                if obj.cancelled_by
                else ("Cancelled", NOTHING),
            )
        ]

    def has_waive_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may waive charges."""
        return request.user.has_perm("loan.change_charge")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the waiver only of a charge of which something is owed."""
        known = str(object_id).isdecimal()
        owed = Charge.objects.filter(cancelled_by=None, paid_paise__lt=F("amount_paise"))
        if not known or not owed.filter(pk=int(object_id)).exists():
            return []
        return super().get_actions_detail(request, object_id)

    @button("Waive", path="waive", permission="waive", icon="money_off", danger=True)
    def waive_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what waiving all of it would change, ask how much and why; then ask for it."""
        charge: Any = self.get_object(request, object_id)
        if charge is None:
            raise Http404
        back = reverse("admin:loan_charge_change", args=[charge.pk])
        form = WaiverForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._ask(request, charge, **form.cleaned_data)
            return HttpResponseRedirect(back)
        change = self._preview(request, charge)
        if change is None:
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Waive {charge.key} of {charge.loan}",
            submit="Ask for the waiver",
            back=back,
            form=form,
            panels=change_panels(change.comparison),
            danger=True,
        )

    def _ask(
        self, request: HttpRequest, charge: Charge, *, amount: int | None, reason: str
    ) -> None:
        """Ask for an amount to be waived; what is unpaid, without one."""

        def want() -> Wanted:
            return waiver(
                charge.loan.public_id,
                charge.key,
                amount_paise=amount,
                as_of=business_day.today(),
            )

        done = propose(request, want, reason=reason)
        if isinstance(done, Asked):
            self.log_change(request, charge, f"Waiver asked for: {reason}")
        elif done is not None:
            self.log_change(request, charge, f"Waived: {reason}")
            messages.success(request, f"{charge.key} of {charge.loan} is waived.")

    def _preview(self, request: HttpRequest, charge: Charge) -> ChargeChange | None:
        """Return what waiving all of it would change."""
        return attempt(
            request,
            lambda: waive_charge(
                charge.loan.public_id,
                charge.key,
                amount_paise=None,
                as_of=business_day.today(),
                by=Author(),
                preview=True,
            ),
        )
