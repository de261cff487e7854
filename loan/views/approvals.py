"""What one person asks for and another approves."""

from datetime import datetime

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.idempotency import REPLAYED_HEADER, idempotent
from bright_credit.common.api.pagination import KeysetPagination
from loan.selectors.approvals import RequestFilter, request_by_id, requests_matching
from loan.serializers.approvals import (
    ApprovalAnswer,
    ApprovalDetailAnswer,
    ApprovalListQuery,
    ApprovalPage,
    ApproveRequest,
    RejectRequest,
    WithdrawRequest,
)
from loan.services.approvals.asking import Asked, withdraw
from loan.services.approvals.deciding import Checker, Decided, approve, reject
from loan.services.approvals.looking import look_at
from loan.views.asking import author, checked, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import Rule

_LOOKS = Rule(permission="loan.view_approvalrequest")
_DECIDES = Rule(permission="loan.decide_approvalrequest")

APPROVAL_ID = OpenApiParameter("approval_id", int, OpenApiParameter.PATH)


class ApprovalListView(APIView):
    """Requests, newest first."""

    access = {"GET": _LOOKS}

    @extend_schema(
        operation_id="list_approvals",
        summary="Requests for approval",
        parameters=[ApprovalListQuery],
        responses=ApprovalPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of requests that takes two people, newest first."""
        asked = checked(ApprovalListQuery, request.query_params)
        now = timezone.now()
        wanted = RequestFilter(**{name: asked.get(name) for name in ("status", "kind", "loan_id")})
        pages = KeysetPagination()
        page = pages.paginate_queryset(
            requests_matching(wanted, now=now, caller=caller_of(request)), request, view=self
        )
        return pages.get_paginated_response(
            ApprovalAnswer(page, many=True, context={"now": now}).data
        )


class ApprovalView(APIView):
    """One request."""

    access = {"GET": _LOOKS}

    @extend_schema(
        operation_id="get_approval",
        summary="One request for approval",
        parameters=[APPROVAL_ID],
        responses=ApprovalDetailAnswer,
    )
    def get(self, request: Request, approval_id: int) -> Response:
        """Return the request; while it waits, with what approving it would change now."""
        refuse_query(request)
        now = timezone.now()
        seen = look_at(
            request_by_id(approval_id, caller=caller_of(request)),
            as_of=business_day.today(),
            now=now,
        )
        return Response(ApprovalDetailAnswer(seen, context={"now": now}).data)


class ApproveView(APIView):
    """Approve what another person asks for."""

    access = {"POST": _DECIDES}

    @extend_schema(
        operation_id="approve",
        summary="Approve a request",
        parameters=[APPROVAL_ID],
        request=ApproveRequest,
        responses={201: ApprovalDetailAnswer},
    )
    @idempotent
    def post(self, request: Request, approval_id: int) -> Response:
        """Do what was asked for, and return what it changed.

        Not by who has asked. When the loan has changed so that it is refused, the request waits on.
        """
        refuse_query(request)
        asked = checked(ApproveRequest, request.data)
        now = timezone.now()
        decided = approve(
            approval_id,
            by=_checker(request, asked.get("note", "")),
            as_of=business_day.today(),
            now=now,
        )
        return _answer(decided, now=now)


class RejectView(APIView):
    """Reject what another person asks for."""

    access = {"POST": _DECIDES}

    @extend_schema(
        operation_id="reject",
        summary="Reject a request",
        parameters=[APPROVAL_ID],
        request=RejectRequest,
        responses={201: ApprovalDetailAnswer},
    )
    @idempotent
    def post(self, request: Request, approval_id: int) -> Response:
        """Decide that it is not done, and why. Not by who has asked, who may withdraw it."""
        refuse_query(request)
        asked = checked(RejectRequest, request.data)
        now = timezone.now()
        decided = reject(approval_id, by=_checker(request, asked["note"]), now=now)
        return _answer(decided, now=now)


class WithdrawView(APIView):
    """Take a request of one's own back."""

    access = {"POST": _LOOKS}

    @extend_schema(
        operation_id="withdraw",
        summary="Withdraw a request",
        parameters=[APPROVAL_ID],
        request=WithdrawRequest,
        responses={201: ApprovalDetailAnswer},
    )
    @idempotent
    def post(self, request: Request, approval_id: int) -> Response:
        """Take the request back: by who has made it, while nobody has decided on it."""
        refuse_query(request)
        checked(WithdrawRequest, request.data)
        now = timezone.now()
        name = author(request, "").actor
        withdrawn = withdraw(approval_id, maker=caller_of(request), name=name, now=now)
        return _answer(Decided(request=withdrawn), now=now)


def waiting(asked: Asked, *, now: datetime) -> Response:
    """Return the answer to what was asked for and waits for a second person: 202."""
    headers = {REPLAYED_HEADER: "true"} if asked.repeated else {}
    answer = ApprovalAnswer(asked.request, context={"now": now}).data
    return Response(answer, status=202, headers=headers)


def _checker(request: Request, note: str) -> Checker:
    return Checker(caller=caller_of(request), name=author(request, "").actor, note=note)


def _answer(decided: Decided, *, now: datetime) -> Response:
    return Response(ApprovalDetailAnswer(decided, context={"now": now}).data, status=201)
