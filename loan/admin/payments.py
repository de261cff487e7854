"""The admin of payments: what each paid, posting one, and taking one back."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bright_credit.common import business_day
from bright_credit.common.admin.columns import day, instant, link, rupees, rupees_column, state
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Cell, Panel, facts
from bright_credit.common.admin.theme import button
from loan.admin.change_panels import change_panels
from loan.admin.reasons import ReversalForm
from loan.admin.servicing import OfALoan
from loan.admin.tones import LOAN_TONES
from loan.models import Event, Payment
from loan.services.happening import Author
from loan.services.payments import PaymentChange, reverse_payment


@admin.register(Payment)
class PaymentAdmin(OfALoan):
    """Payments, found by their reference too, and taken back here when they came to nothing."""

    list_display = (
        "reference_id",
        "loan_number",
        "value_date",
        "amount",
        "payment_method",
        "interest",
        "principal",
        "received_at",
    )
    list_filter = ("payment_method",)
    list_select_related = ("loan", "event")
    actions_detail = ("reverse_it",)
    search_help_text = f"Payment reference; {OfALoan.search_help_text}"

    amount = rupees_column("amount_paise", "Amount")
    interest = rupees_column("interest_paise", "Interest")
    principal = rupees_column("principal_paise", "Principal")

    def matching(self, text: str) -> Q:
        """Return the condition of payments that a text finds."""
        return Q(reference_id=text) | super().matching(text)

    def panels(self, request: HttpRequest, obj: Payment) -> Sequence[Panel]:
        """Return the payment and what it paid."""
        return [
            facts(
                "Payment",
                ("Reference", obj.reference_id),
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Amount", rupees(obj.amount_paise)),
                ("Method", obj.payment_method),
                ("Value date", day(obj.value_date)),
                ("Received", instant(obj.received_at)),
                ("Posted by", obj.event.actor),
                *_reversal(obj),
            ),
            facts(
                "Allocation when it was posted",
                ("Interest", rupees(obj.interest_paise)),
                ("Principal", rupees(obj.principal_paise)),
                ("Charges", rupees(obj.charges_paise)),
                ("Penal charges", rupees(obj.penal_paise)),
                ("Held as advance", rupees(obj.advance_paise)),
                ("Refundable excess", rupees(obj.excess_paise)),
                (
                    "Principal outstanding afterwards",
                    rupees(obj.principal_outstanding_after_paise),
                ),
                (
                    "Loan afterwards",
                    state(obj.loan_status_after, LOAN_TONES),
                ),
            ),
        ]

    def has_reverse_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may take payments back."""
        return request.user.has_perm("loan.change_payment")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the reversal only of a payment that has not been reversed."""
        known = str(object_id).isdecimal()
        if not known or _reversal_of(int(object_id)) is not None:
            return []
        return super().get_actions_detail(request, object_id)

    @button("Reverse", path="reverse", permission="reverse", icon="undo", danger=True)
    def reverse_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what would change and ask why; then take the payment back."""
        payment: Any = self.get_object(request, object_id)
        if payment is None:
            raise Http404
        back = reverse("admin:loan_payment_change", args=[payment.pk])
        form = ReversalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            done = self._change(request, payment, reason=asked["reason"], bounced=asked["bounced"])
            if done is not None:
                self.log_change(request, payment, f"Reversed: {asked['reason']}")
                messages.success(request, f"{payment.reference_id} is reversed.")
            return HttpResponseRedirect(back)
        change = self._change(request, payment, reason=None)
        if change is None:
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Reverse the payment {payment.reference_id} of {payment.loan}",
            submit="Reverse",
            back=back,
            form=form,
            panels=change_panels(change.comparison),
            danger=True,
        )

    def _change(
        self,
        request: HttpRequest,
        payment: Payment,
        *,
        reason: str | None,
        bounced: bool = False,
    ) -> PaymentChange | None:
        """Take a payment back; without a reason, only look at what that would change."""
        return attempt(
            request,
            lambda: reverse_payment(
                payment.pk,
                as_of=business_day.today(),
                by=Author(actor=request.user.get_username()[:80], reason=reason or ""),
                bounced=bounced,
                preview=reason is None,
            ),
        )


def _reversal_of(payment_key: int) -> Event | None:
    return Event.objects.filter(reverses__payment=payment_key).first()


def _reversal(payment: Payment) -> Iterator[tuple[str, Cell]]:
    taken_back = _reversal_of(payment.pk)
    if taken_back is not None:
        yield "Reversed", link(instant(taken_back.booked_at), taken_back)
        yield "Reversed by", taken_back.actor
        yield "Because", taken_back.reason
