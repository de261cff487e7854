"""The endpoints that take a loan off the books, or settle it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import REPLAYED_HEADER, idempotent
from loan.domain.events import WriteOffKind
from loan.serializers.approvals import ApprovalAnswer
from loan.serializers.changes import WriteOffAnswer
from loan.serializers.requests import SettlementRequest, WriteOffRequest
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import Wanted, settlement, write_off_of
from loan.services.payments import PaymentOrder
from loan.services.writing_off import preview_settlement, write_off
from loan.views.approvals import waiting
from loan.views.asking import LOAN_ID, author, checked, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule

# Staff alone: what is given up is the lender's to decide.
_WRITES_OFF = Rule(permission="loan.change_loan")
_TECHNICAL = OpenApiExample(
    "A technical write-off",
    value={"kind": "TECHNICAL", "reason": "Doubtful for a year, nothing to be had"},
    request_only=True,
)
_SETTLEMENT = OpenApiExample(
    "A settlement",
    value={
        "amount": 200000,
        "payment_method": "NEFT",
        "reference_id": "UTR-SETTLE-1",
        "reason": "Compromise approved by the committee",
    },
    request_only=True,
)


class WriteOffView(APIView):
    """Take a loan off the books."""

    access = {"POST": _WRITES_OFF}

    @extend_schema(
        operation_id="write_off_loan",
        summary="Write a loan off",
        parameters=[LOAN_ID],
        request=WriteOffRequest,
        responses={201: WriteOffAnswer, 202: ApprovalAnswer},
        examples=[_TECHNICAL],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Ask for the loan to be taken off the books: it takes two people.

        `TECHNICAL` keeps the claim on the borrower, and what is paid of it is a recovery; `FULL`
        gives it up, also of a loan that is off the books. Only loans of non-performing borrowers
        are written off. The answer is 202 and the request that waits.
        """
        refuse_query(request)
        asked = checked(WriteOffRequest, request.data)
        wanted = write_off_of(loan_id, WriteOffKind(asked["kind"]))
        return _asked(request, wanted, reason=asked["reason"])


class WriteOffPreviewView(APIView):
    """What writing a loan off would change."""

    access = {"POST": _WRITES_OFF}

    @extend_schema(
        operation_id="preview_write_off",
        summary="Preview a write-off",
        parameters=[LOAN_ID],
        request=WriteOffRequest,
        responses=WriteOffAnswer,
        examples=[_TECHNICAL],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it. Nothing is written."""
        refuse_query(request)
        asked = checked(WriteOffRequest, request.data)
        seen = write_off(
            loan_id,
            WriteOffKind(asked["kind"]),
            as_of=business_day.today(),
            by=author(request, asked["reason"]),
            preview=True,
        )
        return Response(WriteOffAnswer(seen).data)


class SettlementView(APIView):
    """Settle a loan."""

    access = {"POST": _WRITES_OFF}

    @extend_schema(
        operation_id="settle_loan",
        summary="Settle a loan",
        parameters=[LOAN_ID],
        request=SettlementRequest,
        responses={201: WriteOffAnswer, 202: ApprovalAnswer},
        examples=[_SETTLEMENT],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Ask for the agreed part to be taken and the rest to be given up: it takes two people.

        The loan closes once it is approved; the answer is 202 and the request that waits. The same
        reference never settles twice: an identical repeat gets the settlement again, without its
        change and with the header `Idempotent-Replayed: true`. Should the payment bounce, nothing
        was given up.
        """
        refuse_query(request)
        asked = checked(SettlementRequest, request.data)
        wanted = settlement(_order(loan_id, asked))
        return _asked(request, wanted, reason=asked["reason"])


class SettlementPreviewView(APIView):
    """What settling a loan would change."""

    access = {"POST": _WRITES_OFF}

    @extend_schema(
        operation_id="preview_settlement",
        summary="Preview a settlement",
        parameters=[LOAN_ID],
        request=SettlementRequest,
        responses=WriteOffAnswer,
        examples=[_SETTLEMENT],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it. Nothing is written."""
        refuse_query(request)
        asked = checked(SettlementRequest, request.data)
        seen = preview_settlement(_order(loan_id, asked), as_of=business_day.today())
        return Response(WriteOffAnswer(seen).data)


def _asked(request: Request, wanted: Wanted, *, reason: str) -> Response:
    """Ask for what takes two people; answer what waits, or what was done before."""
    now = timezone.now()
    done = ask(
        wanted,
        by=author(request, reason),
        maker=caller_of(request),
        as_of=business_day.today(),
        now=now,
    )
    if isinstance(done, Asked):
        return waiting(done, now=now)
    return Response(WriteOffAnswer(done).data, status=201, headers={REPLAYED_HEADER: "true"})


def _order(loan_id: str, asked: dict[str, Any]) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan_id,
        amount_paise=asked["amount"],
        payment_method=asked["payment_method"],
        reference_id=asked["reference_id"],
    )
