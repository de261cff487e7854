"""A loan before and after a change, side by side: what a preview shows, and what was done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from loan.domain.asset_class import AssetClass, state_on
from loan.domain.delinquency import Bucket, bucket, days_past_due
from loan.domain.effects import ChargeBooked, PenalLevied
from loan.domain.events import ChargeKind
from loan.domain.lifecycle import LoanStatus
from loan.domain.loaded_schedule import loaded_rows
from loan.domain.position import (
    Position,
    charges_unpaid_paise,
    due_unpaid,
    oldest_unpaid_due_date,
    overdue_unpaid,
    penal_unpaid_paise,
)
from loan.domain.schedule import InstalmentPlan
from loan.domain.standing import InstalmentLine, instalment_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Where a loan stands on one side of a change. Amounts in paise.

    To come is what is not billed: so much interest, so many instalments, until the last due date.
    `holiday_interest_paise` becomes principal on `holiday_ends_on`.
    """

    status: LoanStatus
    days_past_due: int
    bucket: Bucket
    asset_class: AssetClass
    npa_since: date | None
    restructured_on: date | None
    oldest_unpaid_due_date: date | None
    principal_paid_paise: int
    interest_paid_paise: int
    charges_paid_paise: int
    penal_paid_paise: int
    advance_paise: int
    excess_paise: int
    due_paise: int
    overdue_paise: int
    charges_unpaid_paise: int
    penal_unpaid_paise: int
    interest_to_come_paise: int
    instalments_to_come: int
    last_due_date: date | None
    holiday_ends_on: date | None
    holiday_interest_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentChange:
    """An instalment that a change touches; one side is None when the instalment is not there."""

    number: int
    before: InstalmentLine | None
    after: InstalmentLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeChange:
    """A charge that a change brings or takes away."""

    key: str
    kind: ChargeKind
    levied_on: date
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A loan on one day, which has not ended, without a change and with it."""

    as_of: date
    before: Figures
    after: Figures
    instalments: tuple[InstalmentChange, ...]
    charges_appeared: tuple[ChargeChange, ...]
    charges_vanished: tuple[ChargeChange, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """A position with the schedule in force, and since when the borrower is non-performing.

    `marked` is the class that a person has the borrower marked as, if any.

    A loan that is 90 days past due itself makes its borrower so, whoever has written it down yet.
    """

    schedule: Sequence[InstalmentPlan]
    position: Position
    npa_since: date | None = None
    marked: AssetClass | None = None

    @property
    def borrower_npa_since(self) -> date | None:
        """Since when the borrower is non-performing by all that is known."""
        return self.npa_since or self.position.npa_since


def compare(
    before: Side,
    after: Side,
    *,
    appeared: Iterable[object],
    vanished: Iterable[object],
    as_of: date,
) -> Comparison:
    """Return the two sides of a change; `appeared` and `vanished` are the effects it is made of."""
    lines_before, lines_after = _lines(before, as_of), _lines(after, as_of)
    numbers = sorted(lines_before.keys() | lines_after.keys())
    return Comparison(
        as_of=as_of,
        before=_figures(before, as_of),
        after=_figures(after, as_of),
        instalments=tuple(
            InstalmentChange(
                number=number, before=lines_before.get(number), after=lines_after.get(number)
            )
            for number in numbers
            if lines_before.get(number) != lines_after.get(number)
        ),
        charges_appeared=_charges(appeared),
        charges_vanished=_charges(vanished),
    )


def _figures(side: Side, as_of: date) -> Figures:
    position, schedule = side.position, side.schedule
    oldest = oldest_unpaid_due_date(position, schedule)
    to_come = [row for row in loaded_rows(schedule) if row.number > position.billed_through]
    return Figures(
        status=position.status,
        days_past_due=days_past_due(oldest, as_of),
        bucket=bucket(oldest, as_of, day_ended=False, npa_since=side.borrower_npa_since),
        asset_class=state_on(side.borrower_npa_since, as_of, day_ended=False, marked=side.marked),
        npa_since=side.borrower_npa_since,
        restructured_on=position.restructured_on,
        oldest_unpaid_due_date=oldest,
        principal_paid_paise=position.principal_paid_paise,
        interest_paid_paise=position.interest_paid_paise,
        charges_paid_paise=position.charges_paid_paise,
        penal_paid_paise=position.penal_paid_paise,
        advance_paise=position.advance_paise,
        excess_paise=position.excess_paise,
        due_paise=due_unpaid(position, schedule, as_of),
        overdue_paise=overdue_unpaid(position, schedule, as_of),
        charges_unpaid_paise=charges_unpaid_paise(position),
        penal_unpaid_paise=penal_unpaid_paise(position),
        interest_to_come_paise=sum(row.interest_paise for row in to_come),
        instalments_to_come=len(to_come),
        last_due_date=to_come[-1].due_date if to_come else None,
        holiday_ends_on=position.holiday_ends_on,
        holiday_interest_paise=position.holiday_interest_paise,
    )


def _lines(side: Side, as_of: date) -> dict[int, InstalmentLine]:
    """Return the instalments that were read; those before them are paid, and rest."""
    lines = instalment_lines(
        loaded_rows(side.schedule), side.position, as_of=as_of, day_ended=False, last_paid_on={}
    )
    return {line.number: line for line in (*lines.history, *lines.upcoming)}


def _charges(effects: Iterable[object]) -> tuple[ChargeChange, ...]:
    return tuple(
        ChargeChange(
            key=effect.key,
            kind=ChargeKind.PENAL if isinstance(effect, PenalLevied) else effect.kind,
            levied_on=effect.levied_on,
            amount_paise=effect.amount_paise,
        )
        for effect in effects
        if isinstance(effect, PenalLevied | ChargeBooked)
    )
