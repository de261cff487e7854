"""The oracle's changes of terms: another due day, a holiday, another number of instalments."""

from dataclasses import replace
from datetime import date

from tests.oracle.days import MONTHS, day_of_month, moved
from tests.oracle.early import Agreed, PutOff, Running, replanned, task_of
from tests.oracle.plan import NoPlan, Row, Task, over_count
from tests.oracle.story import Deal, Rearranged

#: So many due dates beyond the last one are known when a holiday is agreed.
A_YEAR_OF_WEEKS = 52


def overlaps(agreed: Agreed, what: str, since: date) -> bool:
    """Return whether a change would disturb one agreed before: one that begins later or, of the
    same kind, on the same day; or a holiday that has not ended."""
    return any(
        until > since or (until == since and what == earlier) for earlier, until in agreed.settled
    )


def rearranged(now: Running, change: Rearranged) -> tuple[list[Row], Agreed] | None:
    """Return the rows from the change on and what is agreed then; None where it cannot be."""
    if change.what == "DUE_DAY":
        return _on_another_day(now, change)
    if change.what == "HOLIDAY":
        return _after_holiday(now, change)
    agreed = now.agreed.and_settled("TENOR", change.since)
    task = task_of(now, agreed, apart=now.row.apart)
    return _with(agreed, _in(change.figure, agreed.now, task))


def _on_another_day(now: Running, change: Rearranged) -> tuple[list[Row], Agreed] | None:
    """Each instalment moves to the first such day from its old date on."""
    deal = now.deal
    day = deal.later_days[-1][1] if deal.later_days else deal.due_day
    if deal.frequency not in MONTHS or change.figure == day:
        return None
    first = _first_on(now.row.due, change.figure)
    later = replace(deal, later_days=(*deal.later_days, (first, change.figure)))
    agreed = replace(now.agreed, now=later).and_settled("DUE_DAY", change.since)
    dues = tuple(moved(later, first, place) for place in range(len(now.coming)))
    then = replace(now, agreed=agreed)
    task = task_of(then, agreed, apart=now.row.apart, dues=dues)
    return _with(agreed, replanned(then, task, keeps=True, longer=False))


def _after_holiday(now: Running, change: Rearranged) -> tuple[list[Row], Agreed] | None:
    """The instalments to come move to the due dates after those that are skipped."""
    known = [row.due for row in now.coming]
    known += [moved(now.deal, known[-1], one + 1) for one in range(A_YEAR_OF_WEEKS)]
    over = known[change.figure - 1]
    agreed = now.agreed.and_settled("HOLIDAY", over)
    task = task_of(now, agreed, apart=now.row.apart, dues=tuple(known[change.figure :]))
    if change.interest_with == "LAST":
        off = PutOff(since=now.since, until=over, base=now.base, amount=task.stretch)
        agreed = replace(agreed, put_off=(*agreed.put_off, off))
        task = replace(task, stretch=0, late=task.late + off.amount)
    if change.keep == "TENURE":
        return _with(agreed, _in(len(now.coming) - change.figure, agreed.now, task))
    return _with(agreed, replanned(now, task, keeps=True, longer=True))


def _in(count: int, deal: Deal, task: Task) -> list[Row] | None:
    try:
        return list(over_count(deal, task, count))
    except NoPlan:
        return None


def _with(agreed: Agreed, rows: list[Row] | None) -> tuple[list[Row], Agreed] | None:
    return None if rows is None else (rows, agreed)


def _first_on(day: date, of_month: int) -> date:
    """Return the first date with a day of the month, from a date on."""
    here = day_of_month(day.year, day.month, of_month)
    if here >= day:
        return here
    return day_of_month(day.year + day.month // 12, day.month % 12 + 1, of_month)
