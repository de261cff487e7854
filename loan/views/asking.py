"""What every loan endpoint asks of a request, and how it answers one that took money."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from bright_credit.common.api.idempotency import REPLAYED_HEADER
from bright_credit.common.api.serializers import StrictSerializer
from loan.selectors.standing import receipt_detail
from loan.serializers.answers import PaymentAnswer
from loan.services.happening import Author
from loan.services.payments import Receipt

LOAN_ID = OpenApiParameter(
    "loan_id",
    {"type": "string", "minLength": 1, "maxLength": 30},
    OpenApiParameter.PATH,
    description="Such as LN-2025-0456.",
)


def refuse_query(request: Request) -> None:
    """Refuse query parameters where none is taken: who sends one expects it to be heeded."""
    if request.query_params:
        checked(StrictSerializer, request.query_params)


def checked(serializer_class: type[Any], data: object) -> dict[str, Any]:
    """Return the values that a request holds, by its form. Raises what the form refuses."""
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def author(request: Request, reason: str) -> Author:
    """Return who asks, as the record names it: a login, `borrower:9`, `partner:3`, `sandbox`."""
    return Author(actor=request.user.get_username()[:80], reason=reason)


def received(receipt: Receipt) -> Response:
    """Return the answer to a payment taken, now or before."""
    told = receipt if receipt.lines is not None else receipt_detail(receipt.payment)
    answer = PaymentAnswer(told).data
    headers = {REPLAYED_HEADER: "true"} if receipt.repeated else {}
    return Response(answer, status=201, headers=headers)
