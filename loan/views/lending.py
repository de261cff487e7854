"""The loan endpoints: each reads the clock once and calls one service or selector."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.pagination import KeysetPagination
from loan.selectors.listing import LoanFilter, matching, still_matching
from loan.selectors.standing import (
    carried_to_today,
    loan_detail,
    loans_of_borrower,
)
from loan.serializers.answers import (
    ApplicationAnswer,
    LoanAnswer,
    LoanDetailAnswer,
    LoanPage,
    PaymentAnswer,
    QuoteAnswer,
)
from loan.serializers.changes import (
    PaymentChangeAnswer,
)
from loan.serializers.requests import (
    ApplyRequest,
    LoanListQuery,
    PaymentRequest,
    QuoteRequest,
    ReversalPreviewRequest,
    ReversalRequest,
)
from loan.services.origination import apply_for_loan
from loan.services.payments import (
    PaymentOrder,
    post_payment,
    preview_payment,
    reverse_payment,
)
from loan.services.quotes import quote
from loan.views.asking import LOAN_ID, author, checked, received, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope

#: The query parameters of the list of loans that choose among them.
FILTERS = ("status", "product", "disbursed_from", "disbursed_to")

_READS_LOANS = Rule(permission="loan.view_loan", scope=Scope.LOANS_READ, borrowers=True)
# No borrowers: a payment is posted by who has received the money, not by who says they paid.
_POSTS_PAYMENTS = Rule(permission="loan.add_payment", scope=Scope.PAYMENTS_POST)
_REVERSES_PAYMENTS = Rule(permission="loan.change_payment", scope=Scope.PAYMENTS_REVERSE)


class QuoteView(APIView):
    """Price a loan without applying for it."""

    access = {
        "POST": Rule(permission="loan.view_loanproduct", scope=Scope.LOANS_QUOTE, borrowers=True)
    }

    @extend_schema(
        operation_id="quote_loan",
        summary="Quote a loan",
        request=QuoteRequest,
        responses=QuoteAnswer,
        examples=[
            OpenApiExample(
                "A quote",
                value={"product": "PERSONAL_LOAN", "amount": 500000, "tenure_months": 24},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Return the EMI, the schedule, the APR and the total cost. Nothing is written."""
        refuse_query(request)
        asked = checked(QuoteRequest, request.data)
        priced = quote(
            product_code=asked["product"],
            amount_paise=asked["amount"],
            tenure_months=asked["tenure_months"],
            user_id=asked.get("user_id"),
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        return Response(QuoteAnswer(priced).data)


class ApplyView(APIView):
    """Apply for a loan."""

    access = {
        "POST": Rule(permission="loan.add_loanapplication", scope=Scope.LOANS_APPLY, borrowers=True)
    }

    @extend_schema(
        operation_id="apply_for_loan",
        summary="Apply for a loan",
        request=ApplyRequest,
        responses={201: ApplicationAnswer},
        examples=[
            OpenApiExample(
                "An application",
                value={
                    "user_id": "BC-USER-009",
                    "product": "PERSONAL_LOAN",
                    "amount": 500000,
                    "tenure_months": 24,
                    "purpose": "HOME_RENOVATION",
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Decide on the application; an approved one is paid out and answered with its loan."""
        refuse_query(request)
        asked = checked(ApplyRequest, request.data)
        outcome = apply_for_loan(
            asked["user_id"],
            product_code=asked["product"],
            amount_paise=asked["amount"],
            tenure_months=asked["tenure_months"],
            purpose=asked["purpose"],
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        return Response(ApplicationAnswer(outcome).data, status=201)


class PaymentView(APIView):
    """Post a payment."""

    access = {"POST": _POSTS_PAYMENTS}

    @extend_schema(
        operation_id="post_payment",
        summary="Post a payment",
        request=PaymentRequest,
        responses={201: PaymentAnswer},
        examples=[
            OpenApiExample(
                "A payment",
                value={
                    "loan_id": "LN-2025-0456",
                    "amount": 24500,
                    "payment_method": "UPI",
                    "reference_id": "PAY-789XYZ",
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Post the payment and answer how it was allocated.

        The same reference never takes money twice: an identical repeat gets the first answer, with
        the header `Idempotent-Replayed: true`; one that differs gets a conflict. A payment with an
        earlier `value_date` counts from that day: charges that it makes void vanish, and money that
        came after it moves.
        """
        refuse_query(request)
        asked = checked(PaymentRequest, request.data)
        return received(
            post_payment(
                PaymentOrder(**_order(asked)),
                as_of=business_day.today(),
                by=author(request, ""),
                caller=caller_of(request),
            )
        )


class PaymentPreviewView(APIView):
    """What a payment would change."""

    access = {"POST": _POSTS_PAYMENTS}

    @extend_schema(
        operation_id="preview_payment", request=PaymentRequest, responses=PaymentChangeAnswer
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Return the loan before and after the payment, an earlier `value_date` told anew.

        Nothing is written; posting the payment does the same, as long as nothing else happens to
        the loan in between.
        """
        refuse_query(request)
        asked = checked(PaymentRequest, request.data)
        change = preview_payment(
            PaymentOrder(**_order(asked)), as_of=business_day.today(), caller=caller_of(request)
        )
        return Response(PaymentChangeAnswer(change).data)


class PaymentReversalView(APIView):
    """Take a payment back."""

    access = {"POST": _REVERSES_PAYMENTS}

    @extend_schema(
        operation_id="reverse_payment",
        request=ReversalRequest,
        responses={201: PaymentChangeAnswer},
        examples=[
            OpenApiExample(
                "A reversal",
                value={"reason": "NACH return 04: balance insufficient"},
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Reverse the payment and return the loan before and after it.

        The loan is as if the payment had never come: the original overdue date, the penal charges
        and the class come back, and what later payments met moves. A payment is reversed once.
        """
        refuse_query(request)
        asked = checked(ReversalRequest, request.data)
        change = reverse_payment(
            payment_id,
            as_of=business_day.today(),
            by=author(request, asked["reason"]),
            caller=caller_of(request),
            bounced=asked.get("bounced", False),
        )
        return Response(PaymentChangeAnswer(change).data, status=201)


class PaymentReversalPreviewView(APIView):
    """What taking a payment back would change."""

    access = {"POST": _REVERSES_PAYMENTS}

    @extend_schema(
        operation_id="preview_payment_reversal",
        request=ReversalPreviewRequest,
        responses=PaymentChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, payment_id: int) -> Response:
        """Return the loan before and after the reversal. Nothing is written."""
        refuse_query(request)
        asked = checked(ReversalPreviewRequest, request.data)
        change = reverse_payment(
            payment_id,
            as_of=business_day.today(),
            by=author(request, ""),
            preview=True,
            caller=caller_of(request),
            bounced=asked.get("bounced", False),
        )
        return Response(PaymentChangeAnswer(change).data)


class LoanListView(APIView):
    """The loans of a borrower."""

    access = {"GET": _READS_LOANS}

    @extend_schema(
        operation_id="list_loans",
        summary="A borrower's loans",
        parameters=[LoanListQuery],
        responses=LoanPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of the borrower's loans, newest first.

        A page has at most `limit` rows, and may have fewer although another follows.
        """
        asked = checked(LoanListQuery, request.query_params)
        wanted = LoanFilter(**{name: asked[name] for name in FILTERS if name in asked})
        pages = KeysetPagination()
        found = matching(loans_of_borrower(asked["user_id"], caller=caller_of(request)), wanted)
        page = pages.paginate_queryset(found, request, view=self)
        loans = carried_to_today(page or [], today=business_day.today())
        return pages.get_paginated_response(
            LoanAnswer(still_matching(loans, wanted), many=True).data
        )


class LoanDetailView(APIView):
    """One loan."""

    access = {"GET": _READS_LOANS}

    @extend_schema(
        operation_id="get_loan",
        summary="One loan",
        parameters=[LOAN_ID],
        responses=LoanDetailAnswer,
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the loan with its schedule and where it stands today."""
        refuse_query(request)
        detail = loan_detail(loan_id, as_of=business_day.today(), caller=caller_of(request))
        return Response(LoanDetailAnswer(detail).data)


def _order(asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "loan_id": asked["loan_id"],
        "amount_paise": asked["amount"],
        "payment_method": asked["payment_method"],
        "reference_id": asked["reference_id"],
        "value_date": asked.get("value_date"),
    }
