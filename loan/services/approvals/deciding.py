"""The checker's side: approving what another person asked for, or rejecting it.

The request's row is locked first, before the business day and the loan, so of two checkers the
second finds the first's decision; the unique key of decisions stands behind that. An approval runs
the very service that the maker would have called, in the same transaction. When the service refuses
by now, nothing is written: the request goes on waiting, to be rejected, withdrawn, or to expire.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from bright_credit.common.errors import Conflict, NotPermitted
from loan.domain.comparison import Comparison
from loan.models import ApprovalDecision, ApprovalRequest, Event
from loan.selectors.approvals import ApprovalRequestNotFound
from loan.services.approvals.kinds import KINDS, Wanted
from loan.services.happening import Author
from users.domain.callers import Caller


class AlreadyDecided(Conflict):
    """The request was approved, rejected or withdrawn before."""

    code = "already_decided"


class ApprovalExpired(Conflict):
    """The request waited for too long. What is still wanted is asked for anew."""

    code = "approval_expired"


class OwnRequest(NotPermitted):
    """Who has made a request may not decide on it: that takes a second person."""

    code = "own_request"


class NothingLeftToDo(Conflict):
    """What was asked for has been done already, under the same reference."""

    code = "nothing_left_to_do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """Who decides: for good, as the record names them, and why."""

    caller: Caller
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A request with its decision, and what an approval changed."""

    request: ApprovalRequest
    comparison: Comparison | None = None


@transaction.atomic
def approve(request_id: int, *, by: Checker, as_of: date, now: datetime) -> Decided:
    """Do what was asked for, once; its event is the maker's, and the decision names the checker.

    Raises `ApprovalRequestNotFound`, `AlreadyDecided`, `ApprovalExpired`, `OwnRequest`,
    `NothingLeftToDo`, and whatever the service refuses it with.
    """
    request = _to_decide(request_id, by=by)
    if request.expires_at <= now:
        raise ApprovalExpired(f"The request could be approved until {request.expires_at:%d %b %Y}.")
    change = KINDS[request.kind].perform(
        wanted_by(request), as_of, Author(actor=request.maker_name, reason=request.reason)
    )
    if change.event is None or ApprovalDecision.objects.filter(event=change.event).exists():
        raise NothingLeftToDo("What was asked for has been done already.")
    request.decision = _decision(request, by=by, outcome="APPROVED", now=now, event=change.event)
    return Decided(request=request, comparison=change.comparison)


@transaction.atomic
def reject(request_id: int, *, by: Checker, now: datetime) -> Decided:
    """Decide that what was asked for is not done; the note says why.

    Raises `ApprovalRequestNotFound`, `AlreadyDecided`, `OwnRequest`.
    """
    request = _to_decide(request_id, by=by)
    request.decision = _decision(request, by=by, outcome="REJECTED", now=now)
    return Decided(request=request)


def wanted_by(request: ApprovalRequest) -> Wanted:
    """Return what a request asks for."""
    return Wanted(kind=request.kind, loan_id=request.loan.public_id, payload=request.payload)


def lock_request(request_id: int) -> ApprovalRequest:
    """Return a request that nobody has decided on, locked until the transaction ends.

    Raises `ApprovalRequestNotFound`, `AlreadyDecided`.
    """
    locked = ApprovalRequest.objects.select_for_update(of=("self",)).select_related("loan")
    request = locked.filter(pk=request_id).first()
    if request is None:
        raise ApprovalRequestNotFound("There is no request of this number.")
    decision = ApprovalDecision.objects.filter(request=request).first()
    if decision is not None:
        raise AlreadyDecided(f"The request is decided: {decision.outcome.lower()} already.")
    return request


def _to_decide(request_id: int, *, by: Checker) -> ApprovalRequest:
    request = lock_request(request_id)
    if request.maker == by.caller.name:
        raise OwnRequest("Who has made a request may not decide on it.")
    return request


def _decision(
    request: ApprovalRequest,
    *,
    by: Checker,
    outcome: str,
    now: datetime,
    event: Event | None = None,
) -> ApprovalDecision:
    return ApprovalDecision.objects.create(
        request=request,
        outcome=outcome,
        maker=request.maker,
        checker=by.caller.name,
        checker_name=by.name,
        note=by.note,
        decided_at=now,
        event=event,
    )
