"""The endpoints that give a loan back in its cooling-off period."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.schema import REFUSED_BY_RULES
from loan.domain.events import Towards
from loan.serializers.answers import PaymentAnswer
from loan.serializers.changes import CancellationQuoteAnswer, PaymentChangeAnswer
from loan.serializers.requests import CancellationQuoteQuery, CancellationRequest
from loan.services.early_repayment import cancel, cancellation_quote_for, preview_cancellation
from loan.services.payments import PaymentOrder
from loan.views.asking import LOAN_ID, author, checked, received, refuse_query
from loan.views.terms import IMAGINES, PREVIEWS, TAKES_MONEY
from users.api.permissions import caller_of


class CancellationQuoteView(APIView):
    """What gives a loan back."""

    access = {"GET": IMAGINES}

    @extend_schema(
        operation_id="quote_cancellation",
        parameters=[LOAN_ID, OpenApiParameter("on", OpenApiTypes.DATE)],
        responses={200: CancellationQuoteAnswer, **REFUSED_BY_RULES},
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return what gives the loan back on a day of its cooling-off period. Nothing is written.

        It is the principal with the interest of the days, without penalty, less what was kept back
        and is returned. The quote is valid on its day.
        """
        asked = checked(CancellationQuoteQuery, request.query_params)
        quoted = cancellation_quote_for(
            loan_id, on=asked.get("on"), as_of=business_day.today(), caller=caller_of(request)
        )
        return Response(CancellationQuoteAnswer(quoted).data)


class CancellationView(APIView):
    """Give a loan back."""

    access = {"POST": TAKES_MONEY}

    @extend_schema(
        operation_id="cancel_loan",
        parameters=[LOAN_ID],
        request=CancellationRequest,
        responses={201: PaymentAnswer},
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Take exactly what gives the loan back today, and close it.

        Any other amount is refused and the right one said; so is a day after the period.
        """
        refuse_query(request)
        asked = checked(CancellationRequest, request.data)
        return received(
            cancel(
                _order(loan_id, asked),
                quoted_on=asked.get("quoted_on"),
                as_of=business_day.today(),
                by=author(request, ""),
                caller=caller_of(request),
            )
        )


class CancellationPreviewView(APIView):
    """What giving a loan back would change."""

    access = {"POST": PREVIEWS}

    @extend_schema(
        operation_id="preview_cancellation",
        parameters=[LOAN_ID],
        request=CancellationRequest,
        responses=PaymentChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it is given back. Nothing is written."""
        refuse_query(request)
        asked = checked(CancellationRequest, request.data)
        change = preview_cancellation(
            _order(loan_id, asked),
            quoted_on=asked.get("quoted_on"),
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        return Response(PaymentChangeAnswer(change).data)


def _order(loan_id: str, asked: dict[str, Any]) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan_id,
        amount_paise=asked["amount"],
        payment_method=asked["payment_method"],
        reference_id=asked["reference_id"],
        towards=Towards.CANCELLATION,
    )
