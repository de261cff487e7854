"""What the scores endpoint takes and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bright_credit.common.api.fields import CleanCharField, QueryBooleanField, QueryIntegerField
from bright_credit.common.api.serializers import StrictSerializer
from credit.domain.bins import Band
from credit.domain.scorecard import Basis, Characteristic
from credit.models import CreditScore
from credit.selectors import DEFAULT_HISTORY, MAX_HISTORY

#: The characteristics that are shown as factors.
_FACTORS = (
    Characteristic.PAYMENT_HISTORY,
    Characteristic.CREDIT_UTILIZATION,
    Characteristic.CREDIT_AGE,
)
MAX_USER_ID_LENGTH = 32


class ScoresQuery(StrictSerializer):
    """Whose score is asked for, and whether the ones before it are, too."""

    user_id = CleanCharField(max_length=MAX_USER_ID_LENGTH, help_text="Such as BC-USER-009.")
    history = QueryBooleanField(default=False, help_text="Add the scores before, newest first.")
    limit = QueryIntegerField(
        min_value=1,
        max_value=MAX_HISTORY,
        default=DEFAULT_HISTORY,
        help_text="The most scores that the history lists.",
    )


class FactorsAnswer(serializers.Serializer[Any]):
    """The bands of the three factors of a score."""

    payment_history = serializers.ChoiceField(choices=list(Band))
    credit_utilization = serializers.ChoiceField(choices=list(Band))
    credit_age = serializers.ChoiceField(choices=list(Band))


class PointsAnswer(serializers.Serializer[Any]):
    """The points that one characteristic gave, and why not more."""

    characteristic = serializers.ChoiceField(choices=list(Characteristic))
    points = serializers.IntegerField()
    maximum = serializers.IntegerField()
    band = serializers.ChoiceField(choices=list(Band))
    code = serializers.CharField()


class ImprovementAnswer(serializers.Serializer[Any]):
    """What would raise the score, and by how many points at most."""

    code = serializers.CharField()
    points = serializers.IntegerField()
    text = serializers.CharField()


class ScoreAnswer(serializers.Serializer[Any]):
    """One score with what explains it."""

    score = serializers.IntegerField(min_value=300, max_value=900)
    factors = serializers.SerializerMethodField()
    model_version = serializers.CharField()
    as_of = serializers.DateField(source="as_of_date")
    computed_at = serializers.DateTimeField()
    trigger = serializers.ChoiceField(choices=CreditScore.Trigger.choices)
    thin_file = serializers.BooleanField()
    basis = serializers.ChoiceField(choices=list(Basis))
    overlay = serializers.SerializerMethodField()
    points = PointsAnswer(many=True)
    reason_codes = serializers.ListField(child=serializers.CharField())
    improvements = ImprovementAnswer(many=True)

    @extend_schema_field(FactorsAnswer)
    def get_factors(self, score: CreditScore) -> dict[str, str]:
        """Return the bands of the characteristics that are shown as factors."""
        bands = {row["characteristic"]: row["band"] for row in score.points}
        return {factor.value: bands[factor.value] for factor in _FACTORS}

    def get_overlay(self, score: CreditScore) -> str | None:
        """Return the ceiling that was put on the score; null when there was none."""
        return score.overlay or None


class ScoresAnswer(ScoreAnswer):
    """The newest score, with the history when it was asked for."""

    history = ScoreAnswer(many=True, required=False)
