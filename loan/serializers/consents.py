"""Consents over HTTP."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.pagination import PageAnswer
from users.domain.consents import Action, Purpose


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
