"""The class of a loan's borrower, as the API answers it. Amounts in rupees."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import StrictInstantField, rupees_out
from loan.models import Event
from loan.serializers.changes import ComparisonAnswer


class AssetClassChangeAnswer(serializers.Serializer[Any]):
    """A change of class as it was recorded; a later one says how it is from its date on."""

    effective_on = serializers.DateField()
    asset_class = serializers.CharField()
    npa_since = serializers.DateField(allow_null=True)
    marked_class = serializers.CharField(
        allow_null=True, help_text="What a person had the borrower marked as; it is no better."
    )
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


class ClassMarkShown(serializers.Serializer[Any]):
    """By which event of which loan a person marked the borrower. Staff are told who and why."""

    asset_class = serializers.CharField(source="payload.asset_class")
    effective_on = serializers.DateField(source="value_date")
    loan_id = serializers.CharField(source="loan.public_id")
    event = serializers.IntegerField(source="sequence", help_text="Its number in the loan.")
    by = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    def get_by(self, event: Event) -> str | None:
        """Return who asked for it."""
        return event.actor if self.context.get("staff") else None

    def get_reason(self, event: Event) -> str | None:
        """Return why."""
        return event.reason if self.context.get("staff") else None


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
    mark = ClassMarkShown(
        allow_null=True, help_text="While a person has the borrower marked as of a worse class."
    )
    changes = AssetClassChangeAnswer(many=True)


class ClassMarkAnswer(serializers.Serializer[Any]):
    """What a mark, or lifting it, would change of a loan. Nothing was written."""

    loan_id = serializers.CharField(source="loan.public_id")
    change = ComparisonAnswer(source="comparison")
