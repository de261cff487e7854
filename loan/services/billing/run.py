"""The billing run: every day since the last close, in order, each brought to its end and closed.

The steps of a day: bill what falls due; bring the loans that the clock moves to the day's end
(advances, penal charges, classification); close. Before the first day the bank-transaction file is
read; after the last, the scores of those affected are refreshed. Each step is one or many short
transactions with unique keys behind every posting, so a run that is killed, repeated, or made twice
at once ends in the same books.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bright_credit.common.errors import RuleViolated
from credit.models import TransactionFile
from loan.models import BillingRun
from loan.services.billing.closing import close_day, loan_ranges
from loan.services.billing.dues import bill_range
from loan.services.billing.files import read_transactions
from loan.services.billing.rescoring import refresh_scores
from loan.services.billing.steps import end_day_for, loans_moved_by_the_clock
from loan.services.business_day import closed_through, open_calendar

RANGE_SIZE = 20_000
MAX_DAYS_AT_ONCE = 3_660

Progress = Callable[[str, int, int], None]


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


def run_billing(
    business_date: date,
    *,
    today: date,
    may_run_ahead: bool,
    transactions: Path | None = None,
    progress: Progress = no_progress,
) -> BillingReport:
    """Close every open day up to and including `business_date`.

    `transactions` is the bank-transaction file to read first, if any. Raises `DayNotOver`,
    `TooManyDays`.
    """
    days = days_to_close(business_date, today=today, may_run_ahead=may_run_ahead)
    as_of = max(today, business_date)
    file = read_transactions(transactions, as_of=as_of, progress=progress)
    closed = []
    for done, day in enumerate(days):
        progress("days", done, len(days))
        closed.append(run_day(day, file=file, progress=progress))
    progress("days", len(days), len(days))
    return BillingReport(
        business_date=business_date,
        closed=tuple(closed),
        transaction_file=file,
        rescored=refresh_scores(as_of=as_of),
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
    day: date, *, file: TransactionFile | None = None, progress: Progress = no_progress
) -> BillingRun:
    """Bring the whole book to the end of `day` and close it. Days before it must be closed."""
    open_calendar(as_of=day)
    run, _ = BillingRun.objects.get_or_create(
        business_date=day, defaults={"transaction_file": file}
    )
    if run.status == BillingRun.Status.CLOSED:
        return run
    ranges = loan_ranges(size=RANGE_SIZE)
    for done, (low, high) in enumerate(ranges):
        progress(f"dues of {day}", done, len(ranges))
        bill_range(day, low=low, high=high)
    moved = loans_moved_by_the_clock(day)
    for done, loan_key in enumerate(moved):
        progress(f"loans of {day}", done, len(moved))
        end_day_for(loan_key, day)
    return close_day(day)
