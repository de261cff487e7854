"""How each instalment of a loan stands on a day: what was asked of it, and what was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from loan.domain.position import Position, paid_of
from loan.domain.schedule import InstalmentPlan


class InstalmentStatus(StrEnum):
    """Where an instalment stands on a day."""

    PAID = "PAID"
    UPCOMING = "UPCOMING"
    DUE = "DUE"  # its day is today, and not over
    PARTIALLY_PAID = "PARTIALLY_PAID"
    OVERDUE = "OVERDUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentLine:
    """An instalment with what was paid of it. Amounts in paise."""

    number: int
    due_date: date
    status: InstalmentStatus
    principal_paise: int
    interest_paise: int
    principal_paid_paise: int
    interest_paid_paise: int
    paid_on: date | None

    @property
    def total_paise(self) -> int:
        """Principal and interest together."""
        return self.principal_paise + self.interest_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentLines:
    """A schedule as of a day: instalments due or paid by then, and those to come."""

    history: tuple[InstalmentLine, ...]
    upcoming: tuple[InstalmentLine, ...]


def instalment_lines(
    schedule: Sequence[InstalmentPlan],
    position: Position,
    *,
    as_of: date,
    day_ended: bool,
    last_paid_on: Mapping[int, date],
) -> InstalmentLines:
    """Return the schedule as of a day. `last_paid_on` is when each instalment last met money."""
    lines = [
        _line(plan, position, as_of=as_of, day_ended=day_ended, last_paid_on=last_paid_on)
        for plan in schedule
    ]
    return InstalmentLines(
        history=tuple(line for line in lines if line.status is not InstalmentStatus.UPCOMING),
        upcoming=tuple(line for line in lines if line.status is InstalmentStatus.UPCOMING),
    )


def _line(
    plan: InstalmentPlan,
    position: Position,
    *,
    as_of: date,
    day_ended: bool,
    last_paid_on: Mapping[int, date],
) -> InstalmentLine:
    principal_paid_paise = interest_paid_paise = 0
    if plan.number <= position.next_number:
        paid = paid_of(position, plan)
        principal_paid_paise, interest_paid_paise = paid.principal_paise, paid.interest_paise
    status = _status(
        plan, principal_paid_paise + interest_paid_paise, as_of=as_of, day_ended=day_ended
    )
    return InstalmentLine(
        number=plan.number,
        due_date=plan.due_date,
        status=status,
        principal_paise=plan.principal_paise,
        interest_paise=plan.interest_paise,
        principal_paid_paise=principal_paid_paise,
        interest_paid_paise=interest_paid_paise,
        paid_on=last_paid_on.get(plan.number) if status is InstalmentStatus.PAID else None,
    )


def _status(
    plan: InstalmentPlan, paid_paise: int, *, as_of: date, day_ended: bool
) -> InstalmentStatus:
    if paid_paise == plan.total_paise:
        return InstalmentStatus.PAID
    if plan.due_date > as_of:
        return InstalmentStatus.UPCOMING
    if paid_paise > 0:
        return InstalmentStatus.PARTIALLY_PAID
    if plan.due_date == as_of and not day_ended:
        return InstalmentStatus.DUE
    return InstalmentStatus.OVERDUE
