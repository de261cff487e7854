"""What callers may ask of a reschedule: a shape for each change of terms."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import (
    CleanCharField,
    StrictBooleanField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
)
from bright_credit.common.api.serializers import StrictSerializer
from loan.domain.events import MAX_HOLIDAY_INSTALMENTS, HolidayInterest
from loan.domain.terms import MAX_INSTALMENTS

CHANGES = ("DUE_DAY", "HOLIDAY", "TENOR")


class NewDueDay(StrictSerializer):
    """Each instalment moves to the first such day of a month from its old date on."""

    due_day = StrictIntegerField(
        min_value=1,
        max_value=31,
        help_text="The days by which the period under way grows bear interest.",
    )


class NewHoliday(StrictSerializer):
    """Instalments are skipped."""

    instalments = StrictIntegerField(
        min_value=1, max_value=MAX_HOLIDAY_INSTALMENTS, help_text="How many."
    )
    interest = StrictChoiceField(
        choices=[each.value for each in HolidayInterest],
        help_text="Which instalment collects the interest of the holiday; or CAPITALISED: it "
        "becomes principal when the holiday ends.",
    )
    keep = StrictChoiceField(
        choices=["TENURE", "EMI"],
        help_text="EMI: the loan ends as much later. TENURE: the other instalments are larger.",
    )


class NewTenor(StrictSerializer):
    """More or fewer instalments follow than before."""

    instalments = StrictIntegerField(
        min_value=1, max_value=MAX_INSTALMENTS, help_text="How many are to follow."
    )


class RescheduleRequest(StrictSerializer):
    """Other instalments, from the first one on that falls due on a date or later."""

    change = StrictChoiceField(choices=list(CHANGES))
    from_date = StrictDateField(required=False, help_text="Today by default.")
    restructuring = StrictBooleanField(
        required=False,
        help_text="The borrower is in financial difficulty: the loan is marked and downgraded.",
    )
    reason = CleanCharField(max_length=200)


class DueDayRequest(RescheduleRequest, NewDueDay):
    """Another due day."""

    change = StrictChoiceField(choices=["DUE_DAY"])


class HolidayRequest(RescheduleRequest, NewHoliday):
    """A payment holiday."""

    change = StrictChoiceField(choices=["HOLIDAY"])


class TenorRequest(RescheduleRequest, NewTenor):
    """More or fewer instalments."""

    change = StrictChoiceField(choices=["TENOR"])


RESCHEDULES: dict[str, type[serializers.Serializer[Any]]] = {
    "DUE_DAY": DueDayRequest,
    "HOLIDAY": HolidayRequest,
    "TENOR": TenorRequest,
}


def shape_of_reschedule(data: Any) -> type[serializers.Serializer[Any]]:
    """Return what a body has to look like: its change says."""
    change = data.get("change") if isinstance(data, Mapping) else None
    return RESCHEDULES.get(str(change), RescheduleRequest)
