"""The maker's side: asking for what another person must approve, and taking it back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from bright_credit.common.errors import NotPermitted
from loan.models import ApprovalDecision, ApprovalRequest
from loan.services.approvals.deciding import lock_request
from loan.services.approvals.kinds import KINDS, Change, Wanted
from loan.services.happening import Author, lock_loan
from users.domain.callers import Caller


class NotTheMaker(NotPermitted):
    """Only who has made a request may withdraw it."""

    code = "not_the_maker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that waits for a second person; `repeated`: it was waiting already."""

    request: ApprovalRequest
    repeated: bool = False


def ask(wanted: Wanted, *, by: Author, maker: Caller, as_of: date, now: datetime) -> Asked | Change:
    """Write down what a maker asks for, or do it when the lender lets one person do so little.

    What the service would refuse is refused at once; the same request, while it waits, is returned
    again. What was done before under the same reference is returned as it was done.
    """
    kind = KINDS[wanted.kind]
    done = kind.done_before(wanted)
    if done is not None:
        return done
    amount_paise = None if kind.gain is None else int(wanted.payload[kind.gain])
    if amount_paise is not None and amount_paise <= settings.APPROVALS_DIRECT_UP_TO_PAISE:
        return kind.perform(wanted, as_of, by)
    return _written(wanted, amount_paise, by=by, maker=maker, as_of=as_of, now=now)


@transaction.atomic
def _written(
    wanted: Wanted,
    amount_paise: int | None,
    *,
    by: Author,
    maker: Caller,
    as_of: date,
    now: datetime,
) -> Asked:
    loan = lock_loan(wanted.loan_id)  # so that of two alike the second finds the first
    KINDS[wanted.kind].preview(wanted, as_of)
    waiting = ApprovalRequest.objects.filter(
        loan=loan, kind=wanted.kind, payload=wanted.payload, decision=None, expires_at__gt=now
    ).first()
    if waiting is not None:
        return Asked(request=waiting, repeated=True)
    request = ApprovalRequest.objects.create(
        loan=loan,
        kind=wanted.kind,
        payload=dict(wanted.payload),
        amount_paise=amount_paise,
        reason=by.reason,
        maker=maker.name,
        maker_name=by.actor,
        asked_at=now,
        expires_at=now + timedelta(days=settings.APPROVAL_DAYS),
    )
    return Asked(request=request)


@transaction.atomic
def withdraw(request_id: int, *, maker: Caller, name: str, now: datetime) -> ApprovalRequest:
    """Take a request back, as its maker.

    Raises `ApprovalRequestNotFound`, `AlreadyDecided`, `NotTheMaker`.
    """
    request = lock_request(request_id)
    if request.maker != maker.name:
        raise NotTheMaker("Only who has made the request may withdraw it.")
    request.decision = ApprovalDecision.objects.create(
        request=request,
        outcome=ApprovalDecision.Outcome.WITHDRAWN,
        maker=request.maker,
        checker=maker.name,
        checker_name=name,
        decided_at=now,
    )
    return request
