"""A loan before and after a change, as previews and changes answer it. Amounts in rupees."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import RupeesField, rupees_out


class FiguresAnswer(serializers.Serializer[Any]):
    """Where a loan stands on one side of a change."""

    status = serializers.CharField()
    days_past_due = serializers.IntegerField()
    bucket = serializers.CharField()
    asset_class = serializers.CharField(help_text="The borrower's, by all loans.")
    npa_since = serializers.DateField(allow_null=True)
    restructured_on = serializers.DateField(
        allow_null=True, help_text="The end of that day makes the loan non-performing."
    )
    oldest_unpaid_due_date = serializers.DateField(allow_null=True)
    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")
    charges_paid = rupees_out("charges_paid_paise")
    penal_charges_paid = rupees_out("penal_paid_paise")
    advance = rupees_out("advance_paise")
    excess = rupees_out("excess_paise")
    due_amount = rupees_out("due_paise")
    overdue_amount = rupees_out("overdue_paise")
    charges_unpaid = rupees_out("charges_unpaid_paise")
    penal_charges_unpaid = rupees_out("penal_unpaid_paise")
    interest_to_come = rupees_out(
        "interest_to_come_paise", help_text="Of the instalments not billed yet."
    )
    instalments_to_come = serializers.IntegerField()
    last_due_date = serializers.DateField(allow_null=True)
    holiday_interest = rupees_out(
        "holiday_interest_paise", help_text="Becomes principal when an agreed holiday ends."
    )
    holiday_ends_on = serializers.DateField(allow_null=True)


class InstalmentSide(serializers.Serializer[Any]):
    """An instalment on one side of a change."""

    due_date = serializers.DateField()
    status = serializers.CharField()
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")
    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")


class InstalmentChangeAnswer(serializers.Serializer[Any]):
    """An instalment that the change touches; a side is null where the instalment is not there."""

    number = serializers.IntegerField()
    before = InstalmentSide(allow_null=True)
    after = InstalmentSide(allow_null=True)


class ChargeChangeAnswer(serializers.Serializer[Any]):
    """A charge that the change brings, or takes away."""

    charge = serializers.CharField(source="key")
    kind = serializers.CharField()
    levied_on = serializers.DateField()
    amount = rupees_out("amount_paise")


class ComparisonAnswer(serializers.Serializer[Any]):
    """The loan on one day without the change and with it."""

    as_of = serializers.DateField()
    before = FiguresAnswer()
    after = FiguresAnswer()
    instalments = InstalmentChangeAnswer(many=True)
    charges_appeared = ChargeChangeAnswer(many=True)
    charges_vanished = ChargeChangeAnswer(many=True)


class LoanChangeAnswer(serializers.Serializer[Any]):
    """What an event changes of a loan; without event when it is only a preview."""

    loan_id = serializers.CharField(source="loan.public_id")
    event = serializers.IntegerField(
        source="event.sequence",
        default=None,
        allow_null=True,
        help_text="Its number among the events of the loan.",
    )
    booked_on = serializers.DateField(source="event.booked_on", default=None, allow_null=True)
    by = serializers.CharField(source="event.actor", default=None, allow_null=True)
    reason = serializers.CharField(source="event.reason", default=None, allow_null=True)
    change = ComparisonAnswer(source="comparison")


class RefundAnswer(LoanChangeAnswer):
    """Excess paid back; a repeat of the same refund has no change."""

    reference_id = serializers.CharField()
    amount = rupees_out("amount_paise")
    change = ComparisonAnswer(source="comparison", allow_null=True)


class PaymentChangeAnswer(serializers.Serializer[Any]):
    """What a payment, or taking one back, changes; without event when it is only a preview."""

    loan_id = serializers.CharField(source="loan.public_id")
    payment_id = serializers.IntegerField(source="payment.pk", default=None, allow_null=True)
    event = serializers.IntegerField(
        source="event.sequence",
        default=None,
        allow_null=True,
        help_text="Its number among the events of the loan.",
    )
    booked_on = serializers.DateField(source="event.booked_on", default=None, allow_null=True)
    by = serializers.CharField(source="event.actor", default=None, allow_null=True)
    reason = serializers.CharField(source="event.reason", default=None, allow_null=True)
    change = ComparisonAnswer(source="comparison")


class WriteOffAnswer(serializers.Serializer[Any]):
    """What a write-off or a settlement changes; without event when it is only a preview."""

    loan_id = serializers.CharField(source="loan.public_id")
    payment_id = serializers.IntegerField(source="payment.pk", default=None, allow_null=True)
    event = serializers.IntegerField(
        source="event.sequence",
        default=None,
        allow_null=True,
        help_text="Its number among the events of the loan.",
    )
    booked_on = serializers.DateField(source="event.booked_on", default=None, allow_null=True)
    by = serializers.CharField(source="event.actor", default=None, allow_null=True)
    reason = serializers.CharField(source="event.reason", default=None, allow_null=True)
    change = ComparisonAnswer(source="comparison", allow_null=True)


class TermsChangeAnswer(serializers.Serializer[Any]):
    """What a change of terms changes; without event when it is only a preview."""

    loan_id = serializers.CharField(source="loan.public_id")
    event = serializers.IntegerField(
        source="event.sequence",
        default=None,
        allow_null=True,
        help_text="Its number among the events of the loan.",
    )
    booked_on = serializers.DateField(source="event.booked_on", default=None, allow_null=True)
    by = serializers.CharField(source="event.actor", default=None, allow_null=True)
    reason = serializers.CharField(source="event.reason", default=None, allow_null=True)
    change = ComparisonAnswer(source="comparison")


class PointAnswer(serializers.Serializer[Any]):
    """Days past due on a date, before anything is paid that day and after."""

    on = serializers.DateField()
    days_past_due = serializers.IntegerField()
    days_past_due_after = serializers.IntegerField()


class OutcomeAnswer(serializers.Serializer[Any]):
    """How the loan ends. Amounts in rupees, over its whole life."""

    status = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    last_due_date = serializers.DateField()
    instalments = serializers.IntegerField(help_text="Prepayments stand among them.")
    interest = rupees_out("interest_paise")
    penal_charges = rupees_out("penal_paise")
    paid = rupees_out("paid_paise")
    worst_days_past_due = serializers.IntegerField()
    days_past_due = PointAnswer(many=True, source="path")


class WhatIfAnswer(serializers.Serializer[Any]):
    """The loan as agreed, and with what is imagined. Nothing was written."""

    loan_id = serializers.CharField(source="loan.public_id")
    as_of = serializers.DateField(source="today")
    before = OutcomeAnswer()
    after = OutcomeAnswer()
    interest_saved = RupeesField(
        source="interest_saved_paise", read_only=True, help_text="Negative when it costs more."
    )


class ForeclosureQuoteAnswer(serializers.Serializer[Any]):
    """What closes the loan on a day, paid exactly. Amounts in rupees."""

    loan_id = serializers.CharField(source="loan.public_id")
    on = serializers.DateField(source="quote.on")
    valid_until = serializers.DateField(
        help_text="The amount is that of the day: another day has a quote of its own."
    )
    principal_outstanding = rupees_out("quote.principal_paise")
    principal_overdue = rupees_out("quote.principal_due_paise", help_text="Of it, billed.")
    interest_due = rupees_out("quote.interest_due_paise")
    interest_accrued = rupees_out(
        "quote.accrued_interest_paise", help_text="Since the last due date, to the day."
    )
    per_diem = rupees_out("quote.per_diem_paise", help_text="Interest of one more day.")
    charges = rupees_out("quote.charges_paise")
    penal_charges = rupees_out("quote.penal_paise")
    foreclosure_charge = rupees_out("quote.closing_charge_paise")
    foreclosure_charge_gst = rupees_out("quote.closing_gst_paise")
    advance_held = rupees_out("quote.advance_paise", help_text="Taken off.")
    excess_held = rupees_out("quote.excess_paise", help_text="Taken off.")
    amount = rupees_out("quote.amount_paise", help_text="To be paid on the day.")
    refundable = rupees_out(
        "quote.refundable_paise", help_text="What would be left of the money held."
    )


class CancellationQuoteAnswer(serializers.Serializer[Any]):
    """What gives the loan back on a day, paid exactly. Amounts in rupees."""

    loan_id = serializers.CharField(source="loan.public_id")
    on = serializers.DateField(source="quote.on")
    cooling_off_ends = serializers.DateField(
        source="quote.last_day", help_text="The last day on which the loan may be given back."
    )
    principal = rupees_out("quote.principal_paise")
    interest = rupees_out("quote.cancelling.interest_paise", help_text="Of the days until then.")
    charges = rupees_out("quote.charges_paise")
    fee_returned = rupees_out(
        "quote.cancelling.returned_fee_paise", help_text="With its GST. Taken off."
    )
    interest_returned = rupees_out(
        "quote.cancelling.returned_interest_paise",
        help_text="Kept back from the disbursement. Taken off.",
    )
    held = rupees_out("quote.held_paise", help_text="Taken off.")
    amount = rupees_out("quote.amount_paise", help_text="To be paid on the day.")
