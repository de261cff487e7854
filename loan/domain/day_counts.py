"""Day counts: what part of a year lies between two dates, as an exact fraction.

The first day counts and the last one does not. Sources: 2006 ISDA Definitions, section 4.16 (b) for
actual/actual, (d) actual/365 fixed, (e) actual/360, (f) 30/360 and (g) 30E/360. Loans with monthly
rests use none of them: there every period is the same part of a year (see `loan.domain.interest`).
"""

import calendar
from datetime import date
from enum import StrEnum
from fractions import Fraction

from bright_credit.common.business_day import days_between

_DAYS_OF_A_BANK_YEAR = 360
_DAYS_OF_A_FIXED_YEAR = 365


class DayCount(StrEnum):
    """How the days of a period make a part of a year."""

    EQUAL_PERIODS = "EQUAL_PERIODS"  # monthly rests: every month a twelfth, every week a 52nd
    THIRTY_360 = "THIRTY_360"  # bond basis: a month has 30 days
    THIRTY_E_360 = "THIRTY_E_360"  # Eurobond basis: 30 days, and no month has a 31st
    ACTUAL_365 = "ACTUAL_365"  # fixed: 365 days in leap years as well
    ACTUAL_360 = "ACTUAL_360"
    ACTUAL_ACTUAL = "ACTUAL_ACTUAL"  # ISDA: days of leap years over 366, the others over 365


def year_fraction(start: date, end: date, *, day_count: DayCount) -> Fraction:
    """Return the part of a year from `start` to `end` (not earlier) by one of the day counts.

    Dates alone do not tell what a period of equal ones is; a stretch of days outside whole periods
    counts as actual/365 there, as broken periods do in practice.
    """
    match day_count:
        case DayCount.THIRTY_360:
            return Fraction(_thirty_360_days(start, end), _DAYS_OF_A_BANK_YEAR)
        case DayCount.THIRTY_E_360:
            return Fraction(_thirty_e_360_days(start, end), _DAYS_OF_A_BANK_YEAR)
        case DayCount.ACTUAL_360:
            return Fraction(days_between(start, end), _DAYS_OF_A_BANK_YEAR)
        case DayCount.ACTUAL_365 | DayCount.EQUAL_PERIODS:
            return Fraction(days_between(start, end), _DAYS_OF_A_FIXED_YEAR)
        case DayCount.ACTUAL_ACTUAL:
            return _actual_actual(start, end)


def _thirty_360_days(start: date, end: date) -> int:
    """Return the days between by section 4.16 (f): the last day is cut only after a cut first."""
    first_day = min(start.day, 30)
    last_day = 30 if end.day == 31 and first_day == 30 else end.day
    return _days_of_thirty(start, end) + last_day - first_day


def _thirty_e_360_days(start: date, end: date) -> int:
    """Return the days between by section 4.16 (g): a 31st is a 30th on either side."""
    return _days_of_thirty(start, end) + min(end.day, 30) - min(start.day, 30)


def _days_of_thirty(start: date, end: date) -> int:
    return 360 * (end.year - start.year) + 30 * (end.month - start.month)


def _actual_actual(start: date, end: date) -> Fraction:
    """Return the days of each calendar year over the length of that year, added up."""
    parts = Fraction(0)
    for year in range(start.year, end.year + 1):
        begins, ends = date(year, 1, 1), date(year, 12, 31)
        # The last day of a year belongs to it: the stretch ends with the day after.
        days = days_between(max(start, begins), min(end, ends))
        days += 1 if end > ends else 0
        parts += Fraction(days, 366 if calendar.isleap(year) else 365)
    return parts
