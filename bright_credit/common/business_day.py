"""The lender's calendar: instants to business dates, month arithmetic that keeps the anchor day.

Business dates are dates in Asia/Kolkata. Only views, tasks and commands may ask for `today`; all
other code is given its date.
"""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

INDIA = ZoneInfo("Asia/Kolkata")


def business_date_of(instant: datetime) -> date:
    """Return the date in India at an aware instant: 18:30 UTC is already the next day there."""
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return instant.astimezone(INDIA).date()


def today() -> date:
    """Return the calendar date in India now. For views, tasks and commands only."""
    return business_date_of(datetime.now(UTC))


def days_between(start: date, end: date) -> int:
    """Return the number of days from `start` to `end`; negative when `end` is earlier."""
    return (end - start).days


def day_after(day: date) -> date:
    """Return the next calendar day."""
    return day + timedelta(days=1)


def clamp_day(year: int, month: int, day: int) -> date:
    """Return that day of the month, or the month's last day when the month is shorter."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def add_months(start: date, months: int, *, anchor_day: int | None = None) -> date:
    """Return `start` moved by whole months, on `anchor_day` (default: its own day), clamped.

    The anchor survives short months: from 31 January with anchor 31, one month gives 28 February
    and two months give 31 March.
    """
    index = start.year * 12 + (start.month - 1) + months
    return clamp_day(index // 12, index % 12 + 1, anchor_day or start.day)


def months_between(start: date, end: date) -> int:
    """Return the number of completed months from `start` to `end` (0 when `end` is earlier)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return max(0, months)


def first_of_month(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)
