"""Charges put on loans and waived, and excess paid back."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import REPLAYED_HEADER, idempotent
from loan.serializers.approvals import ApprovalAnswer
from loan.serializers.changes import LoanChangeAnswer, RefundAnswer
from loan.serializers.requests import (
    ChargeRequest,
    RefundPreviewRequest,
    RefundRequest,
    WaiverPreviewRequest,
    WaiverRequest,
)
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import refund as wanted_refund
from loan.services.approvals.kinds import waiver
from loan.services.charges import levy_charge, waive_charge
from loan.services.refunds import Refund, RefundOrder, preview_refund
from loan.views.approvals import waiting
from loan.views.asking import LOAN_ID, author, checked, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule

# Staff alone: what is let go or paid back is the lender's to decide.
_LEVIES = Rule(permission="loan.add_charge")
_WAIVES = Rule(permission="loan.change_charge")
_REFUNDS = Rule(permission="loan.change_loan")

CHARGE = OpenApiParameter(
    "charge",
    {"type": "string", "minLength": 1, "maxLength": 40},
    OpenApiParameter.PATH,
    description="The name of the charge, such as PENAL-3.",
)


class ChargeView(APIView):
    """Put a charge on a loan."""

    access = {"POST": _LEVIES}

    @extend_schema(
        operation_id="levy_charge",
        summary="Levy a charge",
        parameters=[LOAN_ID],
        request=ChargeRequest,
        responses={201: LoanChangeAnswer},
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Levy the charge with GST on top of it, as of now, and return the loan before and after.

        Excess that is held meets it at once. The name of the charge is taken once in a loan.
        """
        refuse_query(request)
        asked = checked(ChargeRequest, request.data)
        change = levy_charge(
            loan_id,
            key=asked["charge"],
            amount_paise=asked["amount"],
            as_of=business_day.today(),
            by=author(request, asked["reason"]),
        )
        return Response(LoanChangeAnswer(change).data, status=201)


class ChargeWaiverView(APIView):
    """Waive a charge."""

    access = {"POST": _WAIVES}

    @extend_schema(
        operation_id="waive_charge",
        summary="Waive a charge",
        parameters=[LOAN_ID, CHARGE],
        request=WaiverRequest,
        responses={201: LoanChangeAnswer, 202: ApprovalAnswer},
        examples=[
            OpenApiExample(
                "A waiver", value={"amount": 250, "reason": "goodwill"}, request_only=True
            )
        ],
    )
    @idempotent
    def post(self, request: Request, loan_id: str, charge: str) -> Response:
        """Ask for what is unpaid of a charge, or a part of it, to be waived: it takes two people.

        The answer is 202 and the request that waits; up to what the lender lets one person waive,
        201 and the loan before and after. A charge that is waived counts as settled: a loan on
        which nothing else is owed closes.
        """
        refuse_query(request)
        asked = checked(WaiverRequest, request.data)
        today, now = business_day.today(), timezone.now()
        done = ask(
            waiver(loan_id, charge, amount_paise=asked.get("amount"), as_of=today),
            by=author(request, asked["reason"]),
            maker=caller_of(request),
            as_of=today,
            now=now,
        )
        if isinstance(done, Asked):
            return waiting(done, now=now)
        return Response(LoanChangeAnswer(done).data, status=201)


class ChargeWaiverPreviewView(APIView):
    """What waiving a charge would change."""

    access = {"POST": _WAIVES}

    @extend_schema(
        operation_id="preview_charge_waiver",
        summary="Preview a waiver",
        parameters=[LOAN_ID, CHARGE],
        request=WaiverPreviewRequest,
        responses=LoanChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str, charge: str) -> Response:
        """Return the loan before and after the waiver. Nothing is written."""
        refuse_query(request)
        asked = checked(WaiverPreviewRequest, request.data)
        change = waive_charge(
            loan_id,
            charge,
            amount_paise=asked.get("amount"),
            as_of=business_day.today(),
            by=author(request, ""),
            preview=True,
        )
        return Response(LoanChangeAnswer(change).data)


class RefundView(APIView):
    """Pay excess back."""

    access = {"POST": _REFUNDS}

    @extend_schema(
        operation_id="refund_excess",
        summary="Refund excess",
        parameters=[LOAN_ID],
        request=RefundRequest,
        responses={201: RefundAnswer, 202: ApprovalAnswer},
        examples=[
            OpenApiExample(
                "A refund", value={"amount": 518, "reference_id": "UTR-REF-1"}, request_only=True
            )
        ],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Ask for money beyond everything owed to be recorded as paid back: it takes two people.

        The answer is 202 and the request that waits; up to what the lender lets one person pay
        back, 201. The same reference never pays twice: an identical repeat gets the refund again,
        without its change and with the header `Idempotent-Replayed: true`; one that differs gets a
        conflict.
        """
        refuse_query(request)
        asked = checked(RefundRequest, request.data)
        order = RefundOrder(
            loan_id=loan_id, amount_paise=asked["amount"], reference_id=asked["reference_id"]
        )
        now = timezone.now()
        done = ask(
            wanted_refund(order),
            by=author(request, asked.get("reason", "")),
            maker=caller_of(request),
            as_of=business_day.today(),
            now=now,
        )
        if isinstance(done, Asked):
            return waiting(done, now=now)
        repeated = isinstance(done, Refund) and done.repeated
        headers = {REPLAYED_HEADER: "true"} if repeated else {}
        return Response(RefundAnswer(done).data, status=201, headers=headers)


class RefundPreviewView(APIView):
    """What paying excess back would change."""

    access = {"POST": _REFUNDS}

    @extend_schema(
        operation_id="preview_refund",
        summary="Preview a refund",
        parameters=[LOAN_ID],
        request=RefundPreviewRequest,
        responses=LoanChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after the refund. Nothing is written."""
        refuse_query(request)
        asked = checked(RefundPreviewRequest, request.data)
        change = preview_refund(loan_id, amount_paise=asked["amount"], as_of=business_day.today())
        return Response(LoanChangeAnswer(change).data)
