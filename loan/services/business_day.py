"""The business date that postings carry, and keeping a day open while they are being made."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from bright_credit.common.business_day import day_after
from bright_credit.common.postgresql.messages import Rows, Statement, send
from loan.models import BillingRun, BusinessDay
from loan.selectors.calendar import CLOSED_THROUGH

# Every posting holds this lock shared until it commits; the close of a day takes it alone. So no
# posting is in flight when a day's entries are sealed, and none lands in a day already closed.
_DAY_LOCK = 7_301_001
_HOLD_DAY = Statement("SELECT pg_advisory_xact_lock_shared(%s)", [_DAY_LOCK], ready=True)

# Every chunk of a billing run holds this lock shared until it commits, and whatever may put other
# instalments in the place of a loan's takes it alone. So a chunk bills no instalment that is being
# replaced. Payers take no part in it.
_SCHEDULE_LOCK = 7_301_002

# Whoever classifies the borrowers of a day holds this lock alone: it locks loans twice over.
_CLASSIFYING_LOCK = 7_301_003


def hold_classifying() -> None:
    """Be the one that classifies the borrowers of a day, until commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLASSIFYING_LOCK])


def hold_day() -> None:
    """Keep whichever day is open from closing until commit; every posting does."""
    send(_HOLD_DAY)


def hold_open_date(*, as_of: date) -> date:
    """Return the value date of a posting made on `as_of`, and keep that day open until commit.

    It is the calendar date, or the open business date when days were closed ahead of the calendar.
    """
    return held_date(send(*holding_the_day()), as_of=as_of)


def holding_the_day() -> tuple[Statement, Statement]:
    """Return the statements that keep the open day open until commit; the lock comes first."""
    return _HOLD_DAY, CLOSED_THROUGH.asking()


def held_date(answers: Sequence[Rows], *, as_of: date) -> date:
    """Return the date in what these statements answered; see `hold_open_date`."""
    _, days = answers
    if not days:
        open_calendar(as_of=as_of)
        return as_of
    return max(as_of, day_after(days[0][0]))


def hold_close() -> None:
    """Wait for postings in flight to commit, and let none begin until the close commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_DAY_LOCK])


def hold_schedules() -> None:
    """Keep the schedules of all loans as they are until commit; a chunk of a run does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_SCHEDULE_LOCK])


def hold_schedules_alone() -> None:
    """Wait for chunks that are billing to commit, and let none begin until this commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEDULE_LOCK])


def closed_through(*, as_of: date) -> date:
    """Return the last closed day. New books count every day before `as_of` as closed."""
    day = BusinessDay.objects.first()
    return as_of - timedelta(days=1) if day is None else day.closed_through_date


def open_calendar(*, as_of: date) -> None:
    """Write the calendar's one row, unless it is there."""
    BusinessDay.objects.bulk_create(
        [BusinessDay(closed_through_date=as_of - timedelta(days=1))], ignore_conflicts=True
    )


def brought_through(*, as_of: date) -> date:
    """Return the day to whose end a loan that joins the book, or comes back to it, is brought.

    It is the last closed day, or the one whose run is under way: that run may have passed the loan.
    For a posting that holds the open date: then no run is being opened meanwhile.
    """
    under_way = BillingRun.objects.filter(closed_at__isnull=True).order_by("business_date").last()
    return closed_through(as_of=as_of) if under_way is None else under_way.business_date
