"""The admin of what happened to loans: payments, allocations, charges. To look at."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    number,
    rupees,
    rupees_column,
    state,
)
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import column
from loan.admin.loans import loans_like
from loan.admin.tones import LOAN_TONES
from loan.models import Allocation, Charge, Payment


class _OfALoan(SearchMixin, PageAdmin):
    """Rows of loans, found by their loan or its borrower."""

    search_help_text = "Loan: LN-2025-0456 or 456; borrower: BC-USER id, name or e-mail"
    list_select_related: ClassVar[tuple[str, ...]] = ("loan",)
    ordering = ("-id",)

    def matching(self, text: str) -> Q:
        """Return the condition of rows whose loan a text finds."""
        return loans_like(text, path="loan__")

    @column("Loan", ordering="loan")
    def loan_number(self, row: Any) -> str:
        """Return the loan's public id."""
        return str(row.loan.public_id)


@admin.register(Payment)
class PaymentAdmin(_OfALoan):
    """Payments, found by their reference too."""

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
    search_help_text = f"Payment reference; {_OfALoan.search_help_text}"

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
            ),
            facts(
                "Allocation",
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


@admin.register(Charge)
class ChargeAdmin(_OfALoan):
    """Charges levied on loans."""

    list_display = ("key", "loan_number", "kind", "levied_on", "amount", "paid")
    list_filter = ("kind",)

    amount = rupees_column("amount_paise", "Amount")
    paid = rupees_column("paid_paise", "Paid")

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
                ("Paid", rupees(obj.paid_paise)),
                ("Unpaid", rupees(obj.amount_paise - obj.paid_paise)),
            )
        ]


@admin.register(Allocation)
class AllocationAdmin(_OfALoan):
    """Money that met instalments and charges."""

    list_display = (
        "id",
        "loan_number",
        "value_date",
        "source",
        "met",
        "interest",
        "principal",
        "charge_amount",
    )
    list_filter = ("source",)
    list_select_related = ("loan", "charge")

    interest = rupees_column("interest_paise", "Interest")
    principal = rupees_column("principal_paise", "Principal")
    charge_amount = rupees_column("charge_paise", "Charge")

    @column("Met")
    def met(self, row: Allocation) -> str:
        """Return what it met."""
        return row.charge_key or f"Instalment {row.instalment_number}"

    def panels(self, request: HttpRequest, obj: Allocation) -> Sequence[Panel]:
        """Return the allocation and where its money came from."""
        payment = obj.payment
        return [
            facts(
                "Allocation",
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Money from", obj.source.capitalize()),
                ("Payment", link(payment.reference_id, payment) if payment else NOTHING),
                ("Value date", day(obj.value_date)),
                ("Booked", instant(obj.booked_at)),
                ("Met", self.met(obj)),
                ("Interest", rupees(obj.interest_paise)),
                ("Principal", rupees(obj.principal_paise)),
                ("Charge", rupees(obj.charge_paise)),
            )
        ]
