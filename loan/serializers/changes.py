"""A loan before and after a change, as previews and changes answer it. Amounts in rupees."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import rupees_out


class FiguresAnswer(serializers.Serializer[Any]):
    """Where a loan stands on one side of a change."""

    status = serializers.CharField()
    days_past_due = serializers.IntegerField()
    bucket = serializers.CharField()
    npa_since = serializers.DateField(allow_null=True)
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
