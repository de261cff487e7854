"""A loan's statement as of a day: what was asked, what was paid, what is left. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from loan.domain.delinquency import Bucket, bucket, days_past_due
from loan.domain.position import (
    Position,
    due_unpaid,
    oldest_unpaid_due_date,
    overdue_unpaid,
    paid_of,
    principal_outstanding_paise,
)
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms


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
class Summary:
    """The loan's figures on the day. Amounts in paise; `outstanding_paise` is of the principal."""

    principal_paise: int
    principal_paid_paise: int
    interest_paid_paise: int
    outstanding_paise: int
    charges_paid_paise: int
    penal_paid_paise: int
    advance_paise: int
    excess_paise: int
    due_paise: int
    overdue_paise: int
    days_past_due: int
    bucket: Bucket
    npa_since: date | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentLines:
    """A schedule as of a day: instalments due or paid by then, and those to come."""

    history: tuple[InstalmentLine, ...]
    upcoming: tuple[InstalmentLine, ...]


def summary(
    terms: LoanTerms,
    schedule: Sequence[InstalmentPlan],
    position: Position,
    *,
    as_of: date,
    day_ended: bool,
) -> Summary:
    """Return the figures of a position. What fell due on a day that has ended is overdue."""
    oldest = oldest_unpaid_due_date(position, schedule)
    due = due_unpaid(position, schedule, as_of)
    return Summary(
        principal_paise=terms.principal_paise,
        principal_paid_paise=position.principal_paid_paise,
        interest_paid_paise=position.interest_paid_paise,
        outstanding_paise=principal_outstanding_paise(terms, position),
        charges_paid_paise=position.charges_paid_paise,
        penal_paid_paise=position.penal_paid_paise,
        advance_paise=position.advance_paise,
        excess_paise=position.excess_paise,
        due_paise=due,
        overdue_paise=due if day_ended else overdue_unpaid(position, schedule, as_of),
        days_past_due=days_past_due(oldest, as_of),
        bucket=bucket(oldest, as_of, day_ended=day_ended, npa_since=position.npa_since),
        npa_since=position.npa_since,
        status=position.status.value,
    )


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
    paid = paid_of(position, plan)
    status = _status(plan, paid.total_paise, as_of=as_of, day_ended=day_ended)
    return InstalmentLine(
        number=plan.number,
        due_date=plan.due_date,
        status=status,
        principal_paise=plan.principal_paise,
        interest_paise=plan.interest_paise,
        principal_paid_paise=paid.principal_paise,
        interest_paid_paise=paid.interest_paise,
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
