"""What a change of terms makes of the instalments to come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice

from bright_credit.common.business_day import add_months, clamp_day
from bright_credit.common.errors import Conflict
from loan.domain.amortization import Remaining, over_count
from loan.domain.early_repayment import instalments_of, remaining_of
from loan.domain.events import (
    MAX_HOLIDAY_INSTALMENTS,
    DueDay,
    Holiday,
    HolidayInterest,
    Keeping,
    RateChanged,
    Rescheduled,
    Tenor,
)
from loan.domain.in_force import Agreed, InForce, PutOffInterest
from loan.domain.running_period import RunningPeriod, is_in_moratorium, running_period
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import InvalidTerms, LoanTerms
from loan.domain.walk import Walk


class OverlappingChange(Conflict):
    """Another change was agreed that begins on this day or later, or a holiday that still runs."""

    code = "overlapping_change"


def require_free(in_force: InForce, event: RateChanged | Rescheduled) -> None:
    """Refuse a change that would disturb one agreed before. Raises `OverlappingChange`."""
    kind = _kind(event)
    for earlier in in_force.changes:
        if earlier.overlaps(kind, from_date=event.from_date):
            raise OverlappingChange(
                f"A change of the {_WORDS[earlier.kind]} reaching {earlier.until} is agreed "
                "already.",
                field="from_date",
            )


def change_rate(walk: Walk, event: RateChanged) -> bool:
    """Reckon the instalments to come at another rate; return whether a schedule can be made of it.

    It cannot, either, when they would come to less than is held in advance for them.
    """
    after = walk.in_force.with_rate(event.annual_rate_bps, from_date=event.from_date)
    if must_wait(walk, event.value_date):
        return False
    coming = _at_rate(walk.terms, walk, after, keeping=event.keeping)
    if coming is None or sum(row.total_paise for row in coming) < walk.position.advance_paise:
        return False
    walk.in_force = after.with_change(Agreed.RATE, until=event.from_date)
    walk.replace_schedule(coming, on=event.value_date, event_key=event.key)
    return True


def reschedule(walk: Walk, event: Rescheduled) -> bool:
    """Put what was agreed in the place of the instalments to come; return whether that could be.

    Instalments that fall due before the change begins stay as they are.
    """
    if must_wait(walk, event.value_date):
        return False
    kept = tuple(
        row
        for row in walk.schedule[walk.position.billed_through :]
        if row.due_date < event.from_date
    )
    running = running_period(
        walk.terms,
        walk.in_force,
        walk.schedule,
        billed_through=walk.position.billed_through + len(kept),
    )
    rest = None if running is None else _rescheduled(walk.terms, walk.in_force, running, event)
    if rest is None:
        return False
    coming = (*kept, *rest.coming)
    if sum(row.total_paise for row in coming) < walk.position.advance_paise:
        return False
    walk.in_force = rest.in_force
    walk.replace_schedule(coming, on=event.value_date, event_key=event.key)
    walk.await_holiday(event.value_date)
    return True


def must_wait(walk: Walk, on: date) -> bool:
    """Return whether nothing can be changed yet: interest that is put off is still running."""
    return is_in_moratorium(walk.terms, on) or walk.in_force.is_putting_off(on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    """The instalments from a change on, and what is agreed from then on."""

    coming: tuple[InstalmentPlan, ...]
    in_force: InForce


def _rescheduled(
    terms: LoanTerms, in_force: InForce, running: RunningPeriod, event: Rescheduled
) -> _Rest | None:
    match event.change:
        case DueDay():
            return _on_due_day(terms, in_force, running, event.change, event.from_date)
        case Holiday():
            return _after_holiday(terms, in_force, running, event.change)
        case Tenor(instalments=count):
            after = in_force.with_change(Agreed.TENOR, until=event.from_date)
            dates = _dates(terms, after, running)
            return _over(terms, after, _remaining(terms, after, running, dates), count=count)


def _on_due_day(
    terms: LoanTerms, in_force: InForce, running: RunningPeriod, change: DueDay, from_date: date
) -> _Rest | None:
    """Move the instalments to come to another day of the month, each to the first one from its old
    date on."""
    if in_force.anchor_day is None or change.due_day == in_force.anchor_day:
        return None
    first = _first_on_day(running.row.due_date, change.due_day)
    after = in_force.with_anchor(change.due_day, first_due_date=first)
    after = after.with_change(Agreed.DUE_DAY, until=from_date)
    dates = islice(terms.frequency.due_dates(first, anchor_day=change.due_day), len(running.coming))
    remaining = _remaining(terms, after, running, tuple(dates))
    coming = instalments_of(remaining, after.conventions(terms), running.coming, keeps_emi=True)
    return None if coming is None else _Rest(coming=coming, in_force=after)


def _after_holiday(
    terms: LoanTerms, in_force: InForce, running: RunningPeriod, change: Holiday
) -> _Rest | None:
    """Skip instalments: those to come move to the due dates after them."""
    count = len(running.coming) - (change.instalments if change.keeping is Keeping.TENURE else 0)
    dates = _dates(terms, in_force, running)
    skipped, dates = dates[: change.instalments], dates[change.instalments :]
    after = in_force.with_change(Agreed.HOLIDAY, until=skipped[-1])
    remaining = _remaining(terms, after, running, dates)
    if change.interest is HolidayInterest.CAPITALISED and running.flat:
        return None  # flat interest is on the amount lent
    if change.interest is not HolidayInterest.WITH_FIRST_INSTALMENT:
        interest = PutOffInterest(
            since=running.since,
            until=skipped[-1],
            base_paise=running.base_paise,
            amount_paise=remaining.first_extra_interest_paise - running.apart_paise(),
            becomes_principal=change.interest is HolidayInterest.CAPITALISED,
        )
        after = after.with_put_off(interest)
        remaining = _without(remaining, interest, running)
    if change.keeping is Keeping.TENURE:
        return _over(terms, after, remaining, count=count)
    coming = instalments_of(
        remaining, after.conventions(terms), running.coming, keeps_emi=True, longer=True
    )
    return None if coming is None else _Rest(coming=coming, in_force=after)


def _without(remaining: Remaining, interest: PutOffInterest, running: RunningPeriod) -> Remaining:
    """Return what is left to repay where the first instalment leaves a holiday's interest out.

    The last one does, or all of them repay it as principal.
    """
    put_off = replace(remaining, first_extra_interest_paise=running.apart_paise())
    if interest.becomes_principal:
        return replace(put_off, principal_paise=remaining.principal_paise + interest.amount_paise)
    last_paise = remaining.last_extra_interest_paise + interest.amount_paise
    return replace(put_off, last_extra_interest_paise=last_paise)


def _remaining(
    terms: LoanTerms, after: InForce, running: RunningPeriod, due_dates: Sequence[date]
) -> Remaining:
    return remaining_of(
        terms,
        after,
        running,
        principal_paise=running.row.opening_principal_paise,
        first_number=running.row.number,
        interest_from=running.since,
        apart_paise=running.apart_paise(),
        due_dates=due_dates,
    )


def _over(terms: LoanTerms, after: InForce, remaining: Remaining, *, count: int) -> _Rest | None:
    try:
        rows = over_count(remaining, after.conventions(terms), count=count).rows
    except InvalidTerms:
        return None
    return _Rest(coming=rows, in_force=after)


def _dates(terms: LoanTerms, in_force: InForce, running: RunningPeriod) -> tuple[date, ...]:
    """Return the due dates to come, and as many more as a change may need."""
    agreed = tuple(row.due_date for row in running.coming)
    following = terms.frequency.due_dates(agreed[-1], anchor_day=in_force.anchor_day)
    return tuple(chain(agreed, islice(following, 1, 1 + MAX_HOLIDAY_INSTALMENTS)))


_WORDS = {
    Agreed.RATE: "rate",
    Agreed.DUE_DAY: "due day",
    Agreed.HOLIDAY: "due dates, a holiday",
    Agreed.TENOR: "number of instalments",
}


def _kind(event: RateChanged | Rescheduled) -> Agreed:
    if isinstance(event, RateChanged):
        return Agreed.RATE
    match event.change:
        case DueDay():
            return Agreed.DUE_DAY
        case Holiday():
            return Agreed.HOLIDAY
        case Tenor():
            return Agreed.TENOR


def _first_on_day(day: date, due_day: int) -> date:
    """Return the first date with a day of the month, from a date on."""
    here = clamp_day(day.year, day.month, due_day)
    return here if here >= day else add_months(here, 1, anchor_day=due_day)


def _at_rate(
    terms: LoanTerms, walk: Walk, after: InForce, *, keeping: Keeping
) -> tuple[InstalmentPlan, ...] | None:
    running = running_period(
        terms, walk.in_force, walk.schedule, billed_through=walk.position.billed_through
    )
    if running is None:
        return None
    remaining = remaining_of(
        terms,
        after,
        running,
        principal_paise=running.row.opening_principal_paise,
        first_number=running.row.number,
        interest_from=running.since,
        apart_paise=replace(running, rates=after.rates).apart_paise(),
    )
    return instalments_of(
        remaining,
        after.conventions(terms),
        running.coming,
        keeps_emi=keeping is Keeping.EMI,
        longer=True,
    )
