"""Requests that wait for a second person: what is sent, and what is answered."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bright_credit.common.api.fields import CleanCharField, RupeesField, StrictChoiceField
from bright_credit.common.api.pagination import PageAnswer, PageQuery
from bright_credit.common.api.serializers import StrictSerializer
from loan.models import ApprovalRequest
from loan.selectors.approvals import STATUSES, status_of, words_of
from loan.serializers.changes import ComparisonAnswer
from loan.services.approvals.kinds import KINDS


class ApprovalListQuery(PageQuery):
    """Which requests to list."""

    status = StrictChoiceField(choices=STATUSES, required=False, help_text="As it stands now.")
    kind = StrictChoiceField(choices=list(KINDS), required=False)
    loan_id = CleanCharField(max_length=30, required=False, help_text="Such as LN-2025-0456.")


class ApproveRequest(StrictSerializer):
    """What the checker has to say, if anything."""

    note = CleanCharField(max_length=200, required=False)


class RejectRequest(StrictSerializer):
    """Why it is not done."""

    note = CleanCharField(max_length=200)


class WithdrawRequest(StrictSerializer):
    """Nothing needs to be said."""


class TermAnswer(serializers.Serializer[Any]):
    """One thing asked for, in words."""

    name = serializers.CharField()
    value = serializers.CharField()


class ApprovalAnswer(serializers.Serializer[Any]):
    """What a maker asks for, and what a checker decided on it."""

    approval_id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=list(KINDS))
    loan_id = serializers.CharField(source="loan.public_id")
    amount = RupeesField(source="amount_paise", read_only=True, allow_null=True)
    details = serializers.SerializerMethodField()
    reason = serializers.CharField()
    status = serializers.SerializerMethodField()
    made_by = serializers.CharField(source="maker_name")
    made_at = serializers.DateTimeField(source="asked_at")
    expires_at = serializers.DateTimeField()
    decided_by = serializers.CharField(
        source="decision.checker_name", default=None, allow_null=True
    )
    decided_at = serializers.DateTimeField(
        source="decision.decided_at", default=None, allow_null=True
    )
    note = serializers.CharField(source="decision.note", default=None, allow_null=True)
    event = serializers.IntegerField(
        source="decision.event.sequence",
        default=None,
        allow_null=True,
        help_text="The number of the event that the approval brought, among those of the loan.",
    )

    @extend_schema_field(TermAnswer(many=True))
    def get_details(self, request: ApprovalRequest) -> list[dict[str, str]]:
        """Return what is asked for, as names and words."""
        return [{"name": name, "value": words} for name, words in words_of(request.payload)]

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, request: ApprovalRequest) -> str:
        """Return how it stands at the instant of the context."""
        return status_of(request, now=self.context["now"])


class ApprovalPage(PageAnswer):
    """A page of requests, newest first."""

    results = ApprovalAnswer(many=True)


class RefusalAnswer(serializers.Serializer[Any]):
    """Why it would be refused now."""

    code = serializers.CharField()
    detail = serializers.CharField(source="message")


class ApprovalDetailAnswer(serializers.Serializer[Any]):
    """A request with what approving it would change now, or changed."""

    approval = ApprovalAnswer(source="request")
    change = ComparisonAnswer(source="comparison", allow_null=True)
    refusal = RefusalAnswer(
        default=None, allow_null=True, help_text="Of a request that waits: why not, as things are."
    )
