"""The statement's form: the contract's keys, and what else a reader needs. Amounts in rupees."""

from rest_framework import serializers

from bright_credit.common.api.fields import (
    CleanCharField,
    StrictDateField,
    StrictInstantField,
    rupees_out,
)
from bright_credit.common.api.serializers import Answer, StrictSerializer
from loan.serializers.answers import AllocationRow, AllocationTotals


class StatementQuery(StrictSerializer):
    """Which loan, as of which day, and as it was known at which instant."""

    loan_id = CleanCharField(max_length=30, help_text="Such as LN-2025-0456.")
    as_of = StrictDateField(
        required=False, help_text="A day from the disbursement to today (default: now)."
    )
    known_at = StrictInstantField(
        required=False,
        help_text="As it was known at an instant, such as 2026-03-15T09:30:00Z (default: now). "
        "Without `as_of`, of the day of that instant.",
    )


class SummaryAnswer(Answer):
    """The loan's figures on the day; `outstanding` is of the principal."""

    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")
    outstanding = rupees_out("outstanding_paise")
    amount_lent = rupees_out("principal_paise")
    capitalised_interest = rupees_out(
        "capitalised_paise",
        help_text="Interest of a moratorium, or of holidays, that has become principal.",
    )
    holiday_interest = rupees_out(
        "holiday_interest_paise", help_text="Becomes principal when an agreed holiday ends."
    )
    upfront_interest = rupees_out(
        "upfront_interest_paise",
        help_text="Interest of a broken period that was kept back from the disbursement.",
    )
    charges_paid = rupees_out("charges_paid_paise")
    penal_charges_paid = rupees_out("penal_paid_paise")
    advance = rupees_out("advance_paise")
    excess = rupees_out("excess_paise")
    due_amount = rupees_out("due_paise")
    overdue_amount = rupees_out("overdue_paise")
    days_past_due = serializers.IntegerField()
    bucket = serializers.CharField()
    asset_class = serializers.CharField(help_text="The borrower's, by all loans.")
    npa_since = serializers.DateField(allow_null=True)
    status = serializers.CharField()


class Breakdown(Answer):
    """An instalment's two components."""

    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")


class HistoryRow(Answer):
    """An instalment that has fallen due or was paid."""

    due_date = serializers.DateField()
    status = serializers.CharField()
    breakdown = Breakdown(source="*")


class InstalmentRow(Answer):
    """An instalment in full: asked, paid, and when."""

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    status = serializers.CharField()
    amount = rupees_out("total_paise")
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")
    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")
    paid_on = serializers.DateField(allow_null=True)


class ChargeRow(Answer):
    """A charge with the GST in it, and what was paid and waived of it."""

    charge = serializers.CharField(source="key")
    kind = serializers.CharField()
    levied_on = serializers.DateField()
    amount = rupees_out("amount_paise")
    gst = rupees_out("gst_paise")
    paid = rupees_out("paid_paise")
    waived = rupees_out("waived_paise")
    outstanding = rupees_out("outstanding_paise")


class PaymentRow(Answer):
    """A payment and how it was allocated."""

    reference_id = serializers.CharField(source="payment.reference_id")
    payment_method = serializers.CharField(source="payment.payment_method")
    value_date = serializers.DateField(source="payment.value_date")
    amount = rupees_out("payment.amount_paise")
    allocation = AllocationTotals(source="split")
    lines = AllocationRow(many=True)


class StatementAnswer(Answer):
    """A loan's statement as of a day."""

    loan_id = serializers.CharField(source="loan.public_id")
    user_id = serializers.CharField(source="loan.borrower.public_id")
    product = serializers.CharField(source="loan.product_id")
    as_of = serializers.DateField()
    known_at = StrictInstantField(
        read_only=True, allow_null=True, help_text="The instant asked for; null: now."
    )
    loan_summary = SummaryAnswer(source="summary")
    payment_history = HistoryRow(many=True, source="history")
    instalments = InstalmentRow(many=True, source="history")
    upcoming_instalments = InstalmentRow(many=True, source="upcoming")
    charges = ChargeRow(many=True)
    payments = PaymentRow(many=True)
