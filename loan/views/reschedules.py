"""The endpoints that change the instalments of a loan."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from loan.domain.events import ChangeOfTerms, DueDay, Holiday, HolidayInterest, Keeping, Tenor
from loan.serializers.approvals import ApprovalAnswer
from loan.serializers.changes import TermsChangeAnswer
from loan.serializers.reschedules import RESCHEDULES, shape_of_reschedule
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import restructuring
from loan.services.happening import Author
from loan.services.rescheduling import RescheduleOrder, reschedule
from loan.views.approvals import waiting
from loan.views.asking import LOAN_ID, author, checked, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule

# Staff alone: the terms are the lender's to agree.
_CHANGES_TERMS = Rule(permission="loan.change_loan")

_REQUEST = PolymorphicProxySerializer(
    component_name="RescheduleRequest",
    serializers=dict(RESCHEDULES),
    resource_type_field_name="change",
)
_HOLIDAY = OpenApiExample(
    "Two instalments skipped",
    value={
        "change": "HOLIDAY",
        "instalments": 2,
        "interest": "WITH_FIRST_INSTALMENT",
        "keep": "EMI",
        "reason": "Parental leave",
    },
    request_only=True,
)


class RescheduleView(APIView):
    """Change the instalments of a loan."""

    access = {"POST": _CHANGES_TERMS}

    @extend_schema(
        operation_id="reschedule_loan",
        parameters=[LOAN_ID],
        request=_REQUEST,
        responses={201: TermsChangeAnswer, 202: ApprovalAnswer},
        examples=[_HOLIDAY],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Move the due day, skip instalments, or agree another number of them; the old schedule is
        kept.

        What is due already stays due. A change that another one, agreed already, reaches beyond is
        refused. `restructuring` marks the loan, which the day's end makes non-performing: it takes
        two people, so the answer to it is 202.
        """
        order, by = _order(request, loan_id)
        today, now = business_day.today(), timezone.now()
        if not order.restructures:
            return Response(
                TermsChangeAnswer(reschedule(order, as_of=today, by=by)).data, status=201
            )
        done = ask(restructuring(order), by=by, maker=caller_of(request), as_of=today, now=now)
        if isinstance(done, Asked):
            return waiting(done, now=now)
        return Response(TermsChangeAnswer(done).data, status=201)


class ReschedulePreviewView(APIView):
    """What a change of the instalments would change."""

    access = {"POST": _CHANGES_TERMS}

    @extend_schema(
        operation_id="preview_reschedule",
        parameters=[LOAN_ID],
        request=_REQUEST,
        responses=TermsChangeAnswer,
        examples=[_HOLIDAY],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it. Nothing is written."""
        order, by = _order(request, loan_id)
        change = reschedule(order, as_of=business_day.today(), by=by, preview=True)
        return Response(TermsChangeAnswer(change).data)


def change_of_terms(kind: str, asked: dict[str, Any]) -> ChangeOfTerms:
    """Return the change that a request names, from what it says of it."""
    match kind:
        case "DUE_DAY":
            return DueDay(due_day=asked["due_day"])
        case "HOLIDAY":
            return Holiday(
                instalments=asked["instalments"],
                interest=HolidayInterest(asked["interest"]),
                keeping=Keeping(asked["keep"]),
            )
        case _:
            return Tenor(instalments=asked["instalments"])


def _order(request: Request, loan_id: str) -> tuple[RescheduleOrder, Author]:
    refuse_query(request)
    asked = checked(shape_of_reschedule(request.data), request.data)
    order = RescheduleOrder(
        loan_id=loan_id,
        change=change_of_terms(asked["change"], asked),
        from_date=asked.get("from_date"),
        restructures=asked.get("restructuring", False),
    )
    return order, author(request, asked["reason"])
