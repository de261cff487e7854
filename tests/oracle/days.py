"""Days and what part of a year each of them is: the oracle's calendar.

Interest is reckoned for every single day and added up. The weight of a day is what the loan's day
count gives for one day more.
"""

import calendar
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from tests.oracle.story import Deal

ONE_DAY = timedelta(days=1)
PERIODS_A_YEAR = {"MONTHLY": 12, "QUARTERLY": 4, "FORTNIGHTLY": 26, "WEEKLY": 52}
MONTHS = {"MONTHLY": 1, "QUARTERLY": 3}
WEEKS = {"FORTNIGHTLY": 2, "WEEKLY": 1}

#: What part of a year a day is, as a number of parts and how many of them a year has.
Weigh = Callable[[date], tuple[int, int]]

#: The rate of a loan over time: the days from which each one holds, the first from ever.
Rates = tuple[tuple[date, int], ...]


def moved(deal: Deal, due: date, periods: int) -> date:
    """Return a due date so many periods later or earlier; short months clip the agreed day."""
    if deal.frequency in WEEKS:
        return due + timedelta(weeks=WEEKS[deal.frequency] * periods)
    month = due.year * 12 + due.month - 1 + MONTHS[deal.frequency] * periods
    agreed = [day for since, day in deal.later_days if since <= due]
    return day_of_month(month // 12, month % 12 + 1, (agreed or [deal.due_day or due.day])[-1])


def day_of_month(year: int, month: int, day: int) -> date:
    """Return that day of a month, or its last one."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def each_day(start: date, end: date) -> Iterator[date]:
    """Yield every day from `start` to the day before `end`."""
    while start < end:
        yield start
        start += ONE_DAY


def rate_on(rates: Rates, day: date) -> int:
    """Return the rate that holds on a day."""
    return [bps for since, bps in rates if since <= day][-1]


@lru_cache(maxsize=200_000)
def period_interest(
    deal: Deal, rates: Rates, start: date, end: date, since: date, until: date
) -> Fraction:
    """Return the interest on one paisa from `since` to `until`, days of the period start to end."""
    weigh = _weights(deal, start, end)
    return _added_up((rate_on(rates, day), *weigh(day)) for day in each_day(since, until))


@lru_cache(maxsize=200_000)
def interest_by_the_day(deal: Deal, rates: Rates, since: date, until: date) -> Fraction:
    """Return the interest on one paisa of days that are no whole period: a year has 365 of them,
    or what the loan's own day count says."""
    weigh = _single_days(deal.day_count, since)
    return _added_up((rate_on(rates, day), *weigh(day)) for day in each_day(since, until))


def _added_up(days: Iterator[tuple[int, int, int]]) -> Fraction:
    total = Fraction(0)
    for (bps, parts, of_year), count in Counter(days).items():
        total += Fraction(bps * parts * count, 10_000 * of_year)
    return total


def _weights(deal: Deal, start: date, end: date) -> Weigh:
    if deal.day_count != "EQUAL_PERIODS":
        return _single_days(deal.day_count, start)
    # Every whole period is the same part of a year, and so is each day of it; days before the whole
    # ones, counted back from the end, are 365ths.
    whole, begins = 0, end
    while moved(deal, end, -whole - 1) >= start:
        whole += 1
        begins = moved(deal, end, -whole)
    of_year = Fraction(whole, PERIODS_A_YEAR[deal.frequency]) + Fraction((begins - start).days, 365)
    each = (of_year / (end - start).days).as_integer_ratio()
    return lambda day: each


def _single_days(day_count: str, start: date) -> Weigh:
    if day_count in ("ACTUAL_365", "EQUAL_PERIODS"):
        return lambda day: (1, 365)
    if day_count == "ACTUAL_360":
        return lambda day: (1, 360)
    if day_count == "ACTUAL_ACTUAL":
        return lambda day: (1, 366 if calendar.isleap(day.year) else 365)
    count = _bond_days if day_count == "THIRTY_360" else _eurobond_days
    return lambda day: (count(start, day + ONE_DAY) - count(start, day), 360)


def _bond_days(start: date, end: date) -> int:
    """ISDA 2006, 4.16 (f): an end on a 31st counts as a 30th if the start does or is one."""
    first = 30 if start.day == 31 else start.day
    last = 30 if end.day == 31 and first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def _eurobond_days(start: date, end: date) -> int:
    """ISDA 2006, 4.16 (g): every 31st counts as a 30th."""
    first = 30 if start.day == 31 else start.day
    last = 30 if end.day == 31 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first
