"""The class of a loan's borrower, as the API answers it. Amounts in rupees."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import StrictInstantField, rupees_out


class AssetClassChangeAnswer(serializers.Serializer[Any]):
    """A change of class as it was recorded; a later one says how it is from its date on."""

    effective_on = serializers.DateField()
    asset_class = serializers.CharField()
    npa_since = serializers.DateField(allow_null=True)
    booked_on = serializers.DateField()
    booked_at = StrictInstantField(read_only=True)
    loan_id = serializers.CharField(
        source="event.loan.public_id",
        default=None,
        allow_null=True,
        help_text="Of the event that brought it; null: a day's end did.",
    )
    event = serializers.IntegerField(
        source="event.sequence", default=None, allow_null=True, help_text="Its number in the loan."
    )


class AssetClassAnswer(serializers.Serializer[Any]):
    """The class of a loan's borrower on the open business date, by all the borrower's loans."""

    loan_id = serializers.CharField(source="loan.public_id")
    user_id = serializers.CharField(source="loan.borrower.public_id")
    as_of = serializers.DateField()
    asset_class = serializers.CharField(
        help_text="SMA-0 to SMA-2 by the worst loan while the borrower is standard."
    )
    npa_since = serializers.DateField(allow_null=True)
    days_past_due = serializers.IntegerField(help_text="Of the borrower's worst loan.")
    income_in_suspense = rupees_out(
        "loan.suspended_paise", help_text="Of this loan: booked, and not received."
    )
    changes = AssetClassChangeAnswer(many=True)
