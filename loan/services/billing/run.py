"""The billing run: every day since the last close, in order, each brought to its end and closed.

A day is opened with its work list, a row a chunk of loans; any number of processes claim chunks and
do them; whoever finds none left closes the day and opens the next. Before the first day the
bank-transaction file is read; after the last, the scores of those affected are refreshed. Each step
is one or many short transactions with unique keys behind every posting, so a run that is killed,
repeated, or made twice at once ends in the same books.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bright_credit.common.errors import RuleViolated
from credit.models import TransactionFile
from loan.models import BillingRun
from loan.services.billing.chunks import claim_chunk, pending, work_on
from loan.services.billing.closing import close_day
from loan.services.billing.files import read_transactions
from loan.services.billing.opening import open_run
from loan.services.billing.rescoring import refresh_scores, scores_are_behind
from loan.services.business_day import closed_through

MAX_DAYS_AT_ONCE = 3_660

#: Between two looks at chunks that other workers are doing: short at first, then longer.
_SHORTEST_PAUSE, _LONGEST_PAUSE = timedelta(milliseconds=10), timedelta(milliseconds=500)

Progress = Callable[[str, int, int], None]
Announce = Callable[[BillingRun, int], None]


class DayNotOver(RuleViolated):
    """A day is closed after it has ended; only a sandbox may run ahead of the calendar."""

    code = "day_not_over"


class TooManyDays(RuleViolated):
    """So many days are not closed in one run."""

    code = "too_many_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingReport:
    """What a call did: the days it closed (none, if all were closed before), the file it read."""

    business_date: date
    closed: tuple[BillingRun, ...]
    transaction_file: TransactionFile | None
    rescored: int


def no_progress(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def no_announcement(run: BillingRun, chunks: int) -> None:
    """Tell no other worker that there are chunks to do."""


def run_billing(
    business_date: date,
    *,
    today: date,
    may_run_ahead: bool,
    transactions: Path | None = None,
    progress: Progress = no_progress,
    announce: Announce = no_announcement,
) -> BillingReport:
    """Close every open day up to and including `business_date`, and return when that is done.

    `transactions` is the bank-transaction file to read first, if any. `announce` may tell other
    workers of a day's chunks; whoever they are, this call does all that they leave. Raises
    `DayNotOver`, `TooManyDays`, and `BillingHalted` when what fails is not a loan here and there.
    """
    days = days_to_close(business_date, today=today, may_run_ahead=may_run_ahead)
    as_of = max(today, business_date)
    file = read_transactions(transactions, as_of=as_of, progress=progress)
    closed = []
    for done, day in enumerate(days):
        progress("days", done, len(days))
        closed.append(
            run_day(day, through=business_date, file=file, progress=progress, announce=announce)
        )
    progress("days", len(days), len(days))
    return BillingReport(
        business_date=business_date,
        closed=tuple(closed),
        transaction_file=file,
        rescored=refresh_scores(as_of=as_of, progress=progress),
    )


def days_to_close(business_date: date, *, today: date, may_run_ahead: bool) -> list[date]:
    """Return the open days up to a date, oldest first. Raises `DayNotOver`, `TooManyDays`."""
    if business_date >= today and not may_run_ahead:
        raise DayNotOver(
            f"{business_date} has not ended; the latest day that can be closed is "
            f"{today - timedelta(days=1)}.",
            field="business_date",
        )
    first = closed_through(as_of=min(business_date, today)) + timedelta(days=1)
    count = (business_date - first).days + 1
    if count > MAX_DAYS_AT_ONCE:
        raise TooManyDays(
            f"{count} days are open up to {business_date}; one run closes at most "
            f"{MAX_DAYS_AT_ONCE}.",
            field="business_date",
        )
    return [first + timedelta(days=offset) for offset in range(max(0, count))]


def run_day(
    day: date,
    *,
    through: date | None = None,
    file: TransactionFile | None = None,
    progress: Progress = no_progress,
    announce: Announce = no_announcement,
) -> BillingRun:
    """Bring the whole book to the end of `day` and close it. Days before it must be closed.

    Chunks that others are doing are waited for, and done here if their workers die.
    """
    run = open_run(day, through=through, file=file)
    chunks = pending(run)
    if chunks:
        announce(run, chunks)
    pause = _SHORTEST_PAUSE
    while left := _do_chunks(run, chunks=chunks, progress=progress):
        time.sleep(pause.total_seconds())
        pause = min(2 * pause, _LONGEST_PAUSE)
        progress(f"dues of {day}", max(0, chunks - left), chunks)
    return close_day(day)


def carry_on() -> tuple[BillingRun, ...]:
    """Do what is to be done of a run under way; return the days that this closed.

    Does not wait: what others are doing is left to them, and to the next call. A day asked for that
    nobody has opened yet is opened.
    """
    closed = []
    while (run := _under_way()) is not None:
        if _do_chunks(run, chunks=pending(run), progress=no_progress):
            break
        closed.append(close_day(run.business_date))
    return tuple(closed)


def sweep(*, today: date) -> tuple[BillingRun, ...]:
    """Finish what dead workers left of a run, its scores too; return the days that this closed."""
    closed = carry_on()
    if closed or scores_are_behind():
        refresh_scores(as_of=today)
    return closed


def _do_chunks(run: BillingRun, *, chunks: int, progress: Progress) -> int:
    """Do chunks until none is free; return how many are not done, in others' hands."""
    done = 0
    while (claim := claim_chunk(run)) is not None:
        progress(f"dues of {run.business_date}", min(done, chunks), chunks)
        work_on(claim)
        done += 1
    return pending(run)


def _under_way() -> BillingRun | None:
    """Return the run that is not closed, or the next one if more days were asked for."""
    last = BillingRun.objects.order_by("business_date").last()
    if last is None or not last.is_closed:
        return last
    if last.asked_through_date is None or last.asked_through_date <= last.business_date:
        return None
    following = last.business_date + timedelta(days=1)
    if closed_through(as_of=following) != last.business_date:
        return None
    return open_run(following, through=last.asked_through_date)
