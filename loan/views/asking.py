"""What every loan endpoint asks of a request: its form, and who sends it."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from bright_credit.common.api.serializers import StrictSerializer
from loan.services.happening import Author

LOAN_ID = OpenApiParameter(
    "loan_id",
    {"type": "string", "minLength": 1, "maxLength": 30},
    OpenApiParameter.PATH,
    description="Such as LN-2025-0456.",
)


def refuse_query(request: Request) -> None:
    """Refuse query parameters where none is taken: who sends one expects it to be heeded."""
    checked(StrictSerializer, request.query_params)


def checked(serializer_class: type[Any], data: object) -> dict[str, Any]:
    """Return the values that a request holds, by its form. Raises what the form refuses."""
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def author(request: Request, reason: str) -> Author:
    """Return who asks, as the record names it: a login, `borrower:9`, `partner:3`, `sandbox`."""
    return Author(actor=request.user.get_username()[:80], reason=reason)
