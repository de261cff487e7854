"""The endpoints that repay a loan early, change its terms, or imagine either."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.schema import REFUSED_BY_RULES
from loan.domain.events import Keeping, Towards
from loan.domain.scenario import Cancel, ChangeRate, Foreclose, Pay, Reschedule, Skip, Wish
from loan.selectors.what_if import what_if
from loan.serializers.answers import PaymentAnswer
from loan.serializers.approvals import ApprovalAnswer
from loan.serializers.changes import (
    ForeclosureQuoteAnswer,
    PaymentChangeAnswer,
    TermsChangeAnswer,
    WhatIfAnswer,
)
from loan.serializers.requests import (
    ForeclosureQuoteQuery,
    ForeclosureRequest,
    PrepaymentRequest,
    RateChangeRequest,
)
from loan.serializers.what_if import WhatIfRequest
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import rate_change
from loan.services.early_repayment import (
    foreclose,
    foreclosure_quote_for,
    prepay,
    preview_foreclosure,
    preview_prepayment,
)
from loan.services.happening import Author
from loan.services.payments import PaymentOrder
from loan.services.rescheduling import RateOrder, change_rate
from loan.views.approvals import waiting
from loan.views.asking import LOAN_ID, author, checked, received, refuse_query
from loan.views.reschedules import change_of_terms
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope

IMAGINES = Rule(permission="loan.view_loan", scope=Scope.LOANS_READ, borrowers=True)
# No borrowers: money is recorded by who has received it, not by who says they paid.
TAKES_MONEY = Rule(permission="loan.add_payment", scope=Scope.PAYMENTS_POST)
# Borrowers see what repaying early would bring, beside whoever may take the money.
PREVIEWS = Rule(permission="loan.add_payment", scope=Scope.PAYMENTS_POST, borrowers=True)
# Staff alone: the rate is the lender's to decide.
_CHANGES_RATES = Rule(permission="loan.change_loan")


class PrepaymentView(APIView):
    """Repay a part of a loan early."""

    access = {"POST": TAKES_MONEY}

    @extend_schema(
        operation_id="prepay_loan",
        parameters=[LOAN_ID],
        request=PrepaymentRequest,
        responses={201: PaymentAnswer},
        examples=[
            OpenApiExample(
                "A part prepayment",
                value={
                    "amount": 100000,
                    "reduce": "TENURE",
                    "payment_method": "NEFT",
                    "reference_id": "UTR-2201",
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Take the prepayment and answer how it was allocated; `GET` the loan for its schedule.

        It first meets what is due, charges, and the interest to today; the rest repays principal.
        From what closes the loan on, it is refused: see the foreclosure quote. A repeat of the same
        reference gets the first answer, with the header `Idempotent-Replayed: true`.
        """
        refuse_query(request)
        order = _prepayment(loan_id, checked(PrepaymentRequest, request.data))
        return received(
            prepay(
                order,
                as_of=business_day.today(),
                by=author(request, ""),
                caller=caller_of(request),
            )
        )


class PrepaymentPreviewView(APIView):
    """What a part prepayment would change."""

    access = {"POST": PREVIEWS}

    @extend_schema(
        operation_id="preview_prepayment",
        parameters=[LOAN_ID],
        request=PrepaymentRequest,
        responses=PaymentChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after the prepayment. Nothing is written."""
        refuse_query(request)
        order = _prepayment(loan_id, checked(PrepaymentRequest, request.data))
        change = preview_prepayment(order, as_of=business_day.today(), caller=caller_of(request))
        return Response(PaymentChangeAnswer(change).data)


class ForeclosureQuoteView(APIView):
    """What closes a loan."""

    access = {"GET": IMAGINES}

    @extend_schema(
        operation_id="quote_foreclosure",
        parameters=[LOAN_ID, OpenApiParameter("on", OpenApiTypes.DATE)],
        responses={200: ForeclosureQuoteAnswer, **REFUSED_BY_RULES},
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return what closes the loan on a day, if nothing else is paid before. Nothing is written.

        Dues that fall until then, and penal charges, are counted; the quote is valid on its day.
        """
        asked = checked(ForeclosureQuoteQuery, request.query_params)
        quoted = foreclosure_quote_for(
            loan_id, on=asked.get("on"), as_of=business_day.today(), caller=caller_of(request)
        )
        return Response(ForeclosureQuoteAnswer(quoted).data)


class ForeclosureView(APIView):
    """Close a loan early."""

    access = {"POST": TAKES_MONEY}

    @extend_schema(
        operation_id="foreclose_loan",
        parameters=[LOAN_ID],
        request=ForeclosureRequest,
        responses={201: PaymentAnswer},
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Take exactly what closes the loan today, and close it.

        Any other amount is refused and the right one said. A repeat of the same reference gets the
        first answer, with the header `Idempotent-Replayed: true`.
        """
        refuse_query(request)
        asked = checked(ForeclosureRequest, request.data)
        return received(
            foreclose(
                _early(loan_id, asked, Towards.FORECLOSURE),
                quoted_on=asked.get("quoted_on"),
                as_of=business_day.today(),
                by=author(request, ""),
                caller=caller_of(request),
            )
        )


class ForeclosurePreviewView(APIView):
    """What closing a loan early would change."""

    access = {"POST": PREVIEWS}

    @extend_schema(
        operation_id="preview_foreclosure",
        parameters=[LOAN_ID],
        request=ForeclosureRequest,
        responses=PaymentChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it is closed. Nothing is written."""
        refuse_query(request)
        asked = checked(ForeclosureRequest, request.data)
        change = preview_foreclosure(
            _early(loan_id, asked, Towards.FORECLOSURE),
            quoted_on=asked.get("quoted_on"),
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        return Response(PaymentChangeAnswer(change).data)


class RateChangeView(APIView):
    """Change the rate of a loan."""

    access = {"POST": _CHANGES_RATES}

    @extend_schema(
        operation_id="change_rate",
        parameters=[LOAN_ID],
        request=RateChangeRequest,
        responses={202: ApprovalAnswer},
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Ask for another rate from a day on: it takes two people, so the answer is 202.

        Once it is approved the instalments to come follow, and the old schedule is kept. Time that
        has passed is never charged anew. A change that begins on or before another one agreed
        already is refused.
        """
        order, by = _rate_order(request, loan_id)
        now = timezone.now()
        done = ask(
            rate_change(order),
            by=by,
            maker=caller_of(request),
            as_of=business_day.today(),
            now=now,
        )
        if isinstance(done, Asked):
            return waiting(done, now=now)
        return Response(TermsChangeAnswer(done).data, status=201)


class RateChangePreviewView(APIView):
    """What a change of the rate would change."""

    access = {"POST": _CHANGES_RATES}

    @extend_schema(
        operation_id="preview_rate_change",
        parameters=[LOAN_ID],
        request=RateChangeRequest,
        responses=TermsChangeAnswer,
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return the loan before and after it. Nothing is written."""
        order, by = _rate_order(request, loan_id)
        change = change_rate(order, as_of=business_day.today(), by=by, preview=True)
        return Response(TermsChangeAnswer(change).data)


class WhatIfView(APIView):
    """What would become of a loan."""

    access = {"POST": IMAGINES}

    @extend_schema(
        operation_id="what_if",
        parameters=[LOAN_ID],
        request=WhatIfRequest,
        responses=WhatIfAnswer,
        examples=[
            OpenApiExample(
                "A bonus in March, and an instalment missed in June",
                value={
                    "events": [
                        {
                            "event": "PREPAY",
                            "on": "2027-03-15",
                            "amount": 50000,
                            "reduce": "TENURE",
                        },
                        {"event": "SKIP", "on": "2027-06-05"},
                    ]
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request, loan_id: str) -> Response:
        """Return how the loan ends as agreed, and with what is imagined. Nothing is written.

        Both sides suppose each instalment to come to be paid on its due date; `SKIP` leaves one
        out. The figures come from the very code that the events themselves go through.
        """
        refuse_query(request)
        asked = checked(WhatIfRequest, request.data)
        imagined = what_if(
            loan_id,
            wishes=[_wish(event) for event in asked["events"]],
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        return Response(WhatIfAnswer(imagined).data)


def _early(loan_id: str, asked: dict[str, Any], towards: Towards) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan_id,
        amount_paise=asked["amount"],
        payment_method=asked["payment_method"],
        reference_id=asked["reference_id"],
        towards=towards,
    )


def _rate_order(request: Request, loan_id: str) -> tuple[RateOrder, Author]:
    refuse_query(request)
    asked = checked(RateChangeRequest, request.data)
    order = RateOrder(
        loan_id=loan_id,
        annual_rate_bps=asked["interest_rate"],
        keeping=Keeping(asked["keep"]),
        from_date=asked.get("from_date"),
        restructures=asked.get("restructuring", False),
    )
    return order, author(request, asked["reason"])


def _wish(event: dict[str, Any]) -> Wish:
    on = event["on"]
    match event["event"]:
        case "SKIP":
            return Skip(on=on)
        case "FORECLOSE":
            return Foreclose(on=on)
        case "CANCEL":
            return Cancel(on=on)
        case "DUE_DAY" | "HOLIDAY" | "TENOR" as kind:
            return Reschedule(on=on, change=change_of_terms(kind, event))
        case "CHANGE_RATE":
            return ChangeRate(
                on=on, annual_rate_bps=event["interest_rate"], keeping=Keeping(event["keep"])
            )
        case "PREPAY":
            return Pay(
                on=on,
                amount_paise=event["amount"],
                towards=Towards(f"REDUCE_{event['reduce']}"),
            )
        case _:
            return Pay(on=on, amount_paise=event["amount"])


def _prepayment(loan_id: str, asked: dict[str, Any]) -> PaymentOrder:
    return _early(loan_id, asked, Towards(f"REDUCE_{asked['reduce']}"))
