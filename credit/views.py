"""Credit scores over HTTP."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credit.selectors import score_report
from credit.serializers import ScoreAnswer, ScoresAnswer, ScoresQuery
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope


class ScoresView(APIView):
    """A borrower's credit score."""

    access = {
        "GET": Rule(permission="credit.view_creditscore", scope=Scope.SCORES_READ, borrowers=True)
    }

    @extend_schema(
        operation_id="get_credit_scores",
        summary="A borrower's credit score",
        description="The newest BrightLend score, from 300 to 900, with the points of its seven "
        "characteristics, the reasons for it and what would raise it. It is our own score and no "
        "credit bureau's. With `thin_file` a good payment history means no adverse record, not a "
        "proven one.",
        parameters=[ScoresQuery],
        responses=ScoresAnswer,
        examples=[
            OpenApiExample(
                "A new borrower",
                response_only=True,
                value={
                    "score": 720,
                    "factors": {
                        "payment_history": "EXCELLENT",
                        "credit_utilization": "LOW_RISK",
                        "credit_age": "GOOD",
                    },
                    "model_version": "brightlend-1",
                    "as_of": "2026-01-15",
                    "computed_at": "2026-01-15T10:04:31.482913+05:30",
                    "trigger": "REGISTRATION",
                    "thin_file": True,
                    "basis": "NO_ADVERSE_RECORD",
                    "overlay": None,
                    "points": [
                        {
                            "characteristic": "payment_history",
                            "points": 145,
                            "maximum": 200,
                            "band": "EXCELLENT",
                            "code": "PAYMENT_HISTORY_UNPROVEN",
                        }
                    ],
                    "reason_codes": ["PAYMENT_HISTORY_UNPROVEN", "CASH_FLOW_NOT_KNOWN"],
                    "improvements": [
                        {
                            "code": "PAYMENT_HISTORY_UNPROVEN",
                            "points": 20,
                            "text": "Pay 6 more instalments on time.",
                        }
                    ],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Return the newest score of the borrower of the query."""
        query = ScoresQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        report = score_report(
            asked["user_id"],
            with_history=asked["history"],
            limit=asked["limit"],
            caller=caller_of(request),
        )
        answer = dict(ScoreAnswer(report.latest).data)
        if report.history is not None:
            answer["history"] = ScoreAnswer(report.history, many=True).data
        return Response(answer)
