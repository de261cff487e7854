"""What approving a request would change, before it is approved."""

from dataclasses import dataclass
from datetime import date, datetime

from bright_credit.common.errors import DomainError
from loan.domain.comparison import Comparison
from loan.models import ApprovalRequest
from loan.selectors.approvals import PENDING, status_of
from loan.services.approvals.deciding import wanted_by
from loan.services.approvals.kinds import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request; while it waits, what it would change now, or why it would be refused."""

    request: ApprovalRequest
    comparison: Comparison | None = None
    refusal: DomainError | None = None


def look_at(request: ApprovalRequest, *, as_of: date, now: datetime) -> Seen:
    """Return a request as its checker needs to see it. Writes nothing."""
    if status_of(request, now=now) != PENDING:
        return Seen(request=request)
    try:
        change = KINDS[request.kind].preview(wanted_by(request), as_of)
    except DomainError as refusal:
        return Seen(request=request, refusal=refusal)
    return Seen(request=request, comparison=change.comparison)
