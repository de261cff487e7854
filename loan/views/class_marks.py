"""The endpoints that mark a borrower as of a worse class, and lift the mark."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from loan.serializers.approvals import ApprovalAnswer
from loan.serializers.impairment import ClassMarkAnswer
from loan.serializers.requests import ClassMarkRequest
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import class_mark
from loan.services.class_marks import MarkOrder, mark_class
from loan.views.approvals import waiting
from loan.views.asking import LOAN_ID, author, checked, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule

# Staff alone: the class is the lender's to identify.
_MARKS = Rule(permission="loan.change_loan")
_LOSS = OpenApiExample(
    "A loss asset",
    value={"mark": "LOSS", "reason": "Fraud, identified by the auditor"},
    request_only=True,
)


class ClassMarkView(APIView):
    """Mark a loan's borrower as of a worse class."""

    access = {"POST": _MARKS}

    @extend_schema(
        operation_id="mark_asset_class",
        summary="Mark the asset class",
        parameters=[LOAN_ID],
        request=ClassMarkRequest,
        responses={202: ApprovalAnswer},
        examples=[_LOSS],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Ask for the borrower to be marked, or for the mark to be lifted: it takes two people.

        The class holds for all loans of the borrower from the open business date on, whatever is
        paid, until the mark is lifted. The answer is 202 and the request that waits.
        """
        refuse_query(request)
        asked = checked(ClassMarkRequest, request.data)
        now = timezone.now()
        made = ask(
            class_mark(_order(loan_id, asked)),
            by=author(request, asked["reason"]),
            maker=caller_of(request),
            as_of=business_day.today(),
            now=now,
        )
        if not isinstance(made, Asked):
            raise TypeError("a mark always takes two people")
        return waiting(made, now=now)


class ClassMarkPreviewView(APIView):
    """What marking a loan's borrower would change."""

    access = {"POST": _MARKS}

    @extend_schema(
        operation_id="preview_asset_class_mark",
        summary="Preview a mark of the asset class",
        parameters=[LOAN_ID],
        request=ClassMarkRequest,
        responses=ClassMarkAnswer,
        examples=[_LOSS],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it. Nothing is written."""
        refuse_query(request)
        asked = checked(ClassMarkRequest, request.data)
        seen = mark_class(
            _order(loan_id, asked),
            as_of=business_day.today(),
            by=author(request, asked["reason"]),
            preview=True,
        )
        return Response(ClassMarkAnswer(seen).data)


def _order(loan_id: str, asked: dict[str, Any]) -> MarkOrder:
    return MarkOrder.named(loan_id, asked["mark"], from_date=asked.get("from_date"))
