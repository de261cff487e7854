"""The statement endpoint."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from statements.selectors.statement import statement
from statements.serializers.statement import StatementAnswer, StatementQuery


class StatementView(APIView):
    """A loan's statement."""

    @extend_schema(
        operation_id="get_statement",
        parameters=[
            OpenApiParameter(
                "loan_id", str, required=True, examples=[OpenApiExample("A", "LN-2025-0456")]
            ),
            OpenApiParameter(
                "as_of", str, description="A day from the disbursement to today (default: now)."
            ),
        ],
        responses=StatementAnswer,
    )
    def get(self, request: Request) -> Response:
        """Return what was asked, what was paid and what is left, as of a day."""
        asked = StatementQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        drawn = statement(
            asked.validated_data["loan_id"],
            as_of=asked.validated_data.get("as_of"),
            today=business_day.today(),
        )
        return Response(StatementAnswer(drawn).data)
