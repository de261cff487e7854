"""What callers may imagine of a loan: a shape for each kind of event."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from bright_credit.common.api.fields import (
    PercentField,
    RupeesField,
    StrictChoiceField,
    StrictDateField,
    json_kind,
)
from bright_credit.common.api.serializers import StrictSerializer
from loan.serializers.reschedules import NewDueDay, NewHoliday, NewTenor


class ImaginedPayment(StrictSerializer):
    """So much is paid, on top of every due being paid on its date."""

    event = StrictChoiceField(choices=["PAY"])
    on = StrictDateField()
    amount = RupeesField()


class ImaginedSkip(StrictSerializer):
    """The instalment due that day is not paid."""

    event = StrictChoiceField(choices=["SKIP"])
    on = StrictDateField()


class ImaginedPrepayment(StrictSerializer):
    """A part of the loan is repaid early."""

    event = StrictChoiceField(choices=["PREPAY"])
    on = StrictDateField()
    amount = RupeesField()
    reduce = StrictChoiceField(
        choices=["TENURE", "EMI"],
        help_text="TENURE keeps the instalment and ends earlier; EMI keeps the last due date.",
    )


class ImaginedForeclosure(StrictSerializer):
    """All of the loan is repaid."""

    event = StrictChoiceField(choices=["FORECLOSE"])
    on = StrictDateField()


class ImaginedCancellation(StrictSerializer):
    """The loan is given back in its cooling-off period."""

    event = StrictChoiceField(choices=["CANCEL"])
    on = StrictDateField()


class ImaginedRateChange(StrictSerializer):
    """The yearly rate is another from that day on."""

    event = StrictChoiceField(choices=["CHANGE_RATE"])
    on = StrictDateField()
    interest_rate = PercentField(max_bps=6_000, help_text="Per cent a year.")
    keep = StrictChoiceField(
        choices=["TENURE", "EMI"],
        help_text="TENURE: the instalment changes. EMI: their number does.",
    )


class ImaginedDueDay(NewDueDay):
    """Instalments fall on another day of the month."""

    event = StrictChoiceField(choices=["DUE_DAY"])
    on = StrictDateField()


class ImaginedHoliday(NewHoliday):
    """Instalments are skipped by agreement."""

    event = StrictChoiceField(choices=["HOLIDAY"])
    on = StrictDateField()


class ImaginedTenor(NewTenor):
    """More or fewer instalments follow."""

    event = StrictChoiceField(choices=["TENOR"])
    on = StrictDateField()


_SHAPES: dict[str, type[serializers.Serializer[Any]]] = {
    "PAY": ImaginedPayment,
    "SKIP": ImaginedSkip,
    "PREPAY": ImaginedPrepayment,
    "FORECLOSE": ImaginedForeclosure,
    "CANCEL": ImaginedCancellation,
    "CHANGE_RATE": ImaginedRateChange,
    "DUE_DAY": ImaginedDueDay,
    "HOLIDAY": ImaginedHoliday,
    "TENOR": ImaginedTenor,
}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="ImaginedEvent",
        serializers=dict(_SHAPES),
        resource_type_field_name="event",
    )
)
class ImaginedEventField(serializers.Field[Any, Any, Any, Any]):
    """One event: its kind says what else it takes."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values of its kind; raise with every field at fault at once."""
        if not isinstance(data, Mapping):
            raise ValidationError(
                {
                    "non_field_errors": [
                        ErrorDetail(f"Must be an object, not {json_kind(data)}.", "not_an_object")
                    ]
                }
            )
        if "event" not in data:
            raise ValidationError({"event": [ErrorDetail("This field is required.", "required")]})
        kinds = StrictChoiceField(choices=list(_SHAPES))
        try:
            kind = kinds.run_validation(data["event"])
        except ValidationError as error:
            raise ValidationError({"event": error.detail}) from error
        return _SHAPES[kind]().run_validation(data)


class WhatIfRequest(StrictSerializer):
    """What is imagined, on top of every due being paid on its date."""

    events = serializers.ListField(child=ImaginedEventField(), min_length=1, max_length=50)
