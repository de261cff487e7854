"""The form of explanations: steps with their operands, each number in its unit."""

from datetime import date
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bright_credit.common.api.fields import CleanCharField, StrictDateField, StrictInstantField
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.money import format_exact_rupees, percent, rupees
from statements.domain.explanations.steps import Explanation, Operand, Rounding, Step, Unit

_MEASURED = {"oneOf": [{"type": "number"}, {"type": "string"}]}


class ExplanationQuery(StrictSerializer):
    """Which amounts of the statement, as of which day and as known at which instant."""

    amount = CleanCharField(max_length=120, required=False)
    as_of = StrictDateField(required=False)
    known_at = StrictInstantField(required=False)


class OperandAnswer(serializers.Serializer[Any]):
    """A number or a date that a step uses."""

    name = serializers.CharField(help_text="Stable; meant for programs.")
    label = serializers.CharField()  # type: ignore[assignment]  # the serializer's own, unused
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    value = serializers.SerializerMethodField(
        method_name="in_its_unit",
        help_text="Rupees, per cent, a count, a date, or a part of a year.",
    )

    @extend_schema_field(_MEASURED)
    def in_its_unit(self, operand: Operand) -> object:
        """Return the value in its unit."""
        return measured(operand.value, operand.unit)


class RuleAnswer(serializers.Serializer[Any]):
    """Why a step is taken, and where that is laid down."""

    code = serializers.CharField(help_text="Stable; meant for programs.")
    text = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the field's own, unused


class StepAnswer(serializers.Serializer[Any]):
    """One step of an explanation."""

    text = serializers.CharField()
    operands = OperandAnswer(many=True)
    exact = serializers.SerializerMethodField(
        help_text="The value before rounding, as text; null where nothing is rounded."
    )
    rounding = serializers.ChoiceField(
        choices=[rounding.value for rounding in Rounding], allow_null=True
    )
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    result = serializers.SerializerMethodField()
    rule = RuleAnswer()

    def get_exact(self, step: Step) -> str | None:
        """Return the exact amount in rupees."""
        return None if step.exact_paise is None else format_exact_rupees(step.exact_paise)

    @extend_schema_field({"type": "number"})
    def get_result(self, step: Step) -> object:
        """Return what the step comes to, in its unit."""
        return measured(step.result, step.unit)


class ExplanationAnswer(serializers.Serializer[Any]):
    """An amount of the statement, and the steps that lead to it."""

    amount = serializers.CharField(help_text="Its place, such as `instalments.3.interest`.")
    label = serializers.CharField()  # type: ignore[assignment]  # the serializer's own, unused
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    value = serializers.SerializerMethodField(
        method_name="in_its_unit", help_text="As the statement shows it."
    )
    agrees = serializers.BooleanField(help_text="Whether the last step comes to the value.")
    steps = StepAnswer(many=True)

    @extend_schema_field({"type": "number"})
    def in_its_unit(self, explanation: Explanation) -> object:
        """Return the value in its unit."""
        return measured(explanation.value, explanation.unit)


class ExplanationsAnswer(serializers.Serializer[Any]):
    """The amounts that were asked for, explained."""

    loan_id = serializers.CharField(source="loan.public_id")
    as_of = serializers.DateField()
    explanations = ExplanationAnswer(many=True)


def measured(value: int | date | Fraction, unit: Unit) -> object:
    """Return a value of the core as JSON has it: rupees, per cent, a count, a date, `1/12`."""
    if isinstance(value, date | Fraction):
        return str(value)
    if unit is Unit.RUPEES:
        return rupees(value)
    return percent(value) if unit is Unit.PERCENT_A_YEAR else value
