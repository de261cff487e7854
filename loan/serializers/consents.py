"""Consents over HTTP."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import CleanCharField, StrictChoiceField
from bright_credit.common.api.pagination import PageAnswer
from bright_credit.common.api.serializers import StrictSerializer
from users.domain.consents import MAX_VERSION_LENGTH, VERSION_PATTERN, Action, Purpose


class ConsentRequest(StrictSerializer):
    """What the person says, and which text they were shown."""

    purpose = StrictChoiceField(choices=list(Purpose))
    action = StrictChoiceField(choices=list(Action))
    text_version = CleanCharField(
        max_length=MAX_VERSION_LENGTH,
        pattern=VERSION_PATTERN,
        pattern_words="Must be letters, digits, dots, dashes and underscores, such as 2026-11.",
        help_text="Of the text that was shown, such as 2026-11.",
    )


class ConsentAnswer(serializers.Serializer[Any]):
    """A consent as it was given or withdrawn."""

    consent_id = serializers.IntegerField(source="pk")
    user_id = serializers.CharField(source="borrower.public_id")
    purpose = serializers.ChoiceField(choices=list(Purpose))
    action = serializers.ChoiceField(choices=list(Action))
    text_version = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_by = serializers.CharField(source="actor")


class ConsentPage(PageAnswer):
    """A page of consents, newest first. The newest of a purpose says how it stands."""

    results = ConsentAnswer(many=True)
