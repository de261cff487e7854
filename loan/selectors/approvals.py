"""Requests that wait for a second person, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from bright_credit.common.errors import NotFound
from bright_credit.common.money import format_rupees
from loan.models import ApprovalRequest
from loan.selectors.loans import loan_by_public_id
from users.domain.callers import SYSTEM, Caller
from users.looks import notice, notice_list

PENDING: Final = "PENDING"
EXPIRED: Final = "EXPIRED"
STATUSES: Final = (PENDING, "APPROVED", "REJECTED", "WITHDRAWN", EXPIRED)


class ApprovalRequestNotFound(NotFound):
    """There is no request of this number."""

    code = "approval_request_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """What a request must be to be listed; None: anything."""

    status: str | None = None
    kind: str | None = None
    loan_id: str | None = None


def requests_matching(
    wanted: RequestFilter, *, now: datetime, caller: Caller = SYSTEM
) -> QuerySet[ApprovalRequest]:
    """Return the requests that match, as they stand at an instant. Raises `LoanNotFound`.

    The look at a list of people is noticed for the access log.
    """
    notice_list(caller)
    found = ApprovalRequest.objects.select_related("loan", "decision__event")
    if wanted.status == PENDING:
        found = found.filter(decision=None, expires_at__gt=now)
    elif wanted.status == EXPIRED:
        found = found.filter(decision=None, expires_at__lte=now)
    elif wanted.status is not None:
        found = found.filter(decision__outcome=wanted.status)
    if wanted.kind is not None:
        found = found.filter(kind=wanted.kind)
    if wanted.loan_id is not None:
        found = found.filter(loan=loan_by_public_id(wanted.loan_id))
    return found


def request_by_id(request_id: int, *, caller: Caller = SYSTEM) -> ApprovalRequest:
    """Return a request with its loan and decision. Raises `ApprovalRequestNotFound`.

    The look is noticed for the access log.
    """
    found = ApprovalRequest.objects.select_related("loan", "decision__event")
    request = found.filter(pk=request_id).first()
    if request is None:
        raise ApprovalRequestNotFound("There is no request of this number.")
    notice(caller, request.loan.borrower_id, record=request.loan.public_id)
    return request


def status_of(request: ApprovalRequest, *, now: datetime) -> str:
    """Return whether a request waits, has waited too long, or what was decided."""
    decision = getattr(request, "decision", None)
    if decision is not None:
        return str(decision.outcome)
    return PENDING if request.expires_at > now else EXPIRED


def words_of(payload: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what is asked for as names and words: `("Charge", "PENAL-1")`.

    What was left to its default is left out. In the order of the names: the database keeps none.
    """
    told = sorted(payload.items())
    return tuple(_in_words(name, value) for name, value in told if value is not None)


def _in_words(name: str, value: Any) -> tuple[str, str]:
    if name.endswith("_paise"):
        name, text = name.removesuffix("_paise"), format_rupees(value)
    elif name.endswith("_bps"):
        name, text = name.removesuffix("_bps"), f"{value // 100}.{value % 100:02d}%"
    else:
        text = str(value)
    return name.replace("_", " ").capitalize(), text
