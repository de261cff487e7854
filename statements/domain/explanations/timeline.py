"""The periods that a loan's instalments stand for, and the interest of a balance of one in them.

Taken from the terms as `loan.domain.schedule` takes them, and from the due dates of the schedule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.day_counts import DayCount, year_fraction
from loan.domain.interest import Period
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import BrokenPeriodInterest, LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Some time that bears interest, and what part of a year it is."""

    since: date
    until: date
    years: Fraction


def stretch_of(terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int) -> Stretch:
    """Return the time that an instalment's interest is for."""
    due_date = schedule[number - 1].due_date
    start = schedule[number - 2].due_date if number > 1 else _shifted(terms, due_date, -1)
    return _bearing(terms, Period(start=start, end=due_date))


def stretches(terms: LoanTerms, schedule: Sequence[InstalmentPlan]) -> tuple[Stretch, ...]:
    """Return the time of every instalment."""
    return tuple(stretch_of(terms, schedule, row.number) for row in schedule)


def silent_stretches(terms: LoanTerms) -> tuple[Stretch, ...]:
    """Return the periods of the interest moratorium, in which nothing is due."""
    count = terms.interest_moratorium_periods
    edges = [_shifted(terms, terms.first_due_date, back) for back in range(-count - 1, 0)]
    return tuple(_bearing(terms, Period(start=start, end=end)) for start, end in pairwise(edges))


def broken_stretch(terms: LoanTerms) -> Stretch | None:
    """Return the days before the first whole period, where their interest is charged."""
    begins = _shifted(terms, terms.first_due_date, -terms.interest_moratorium_periods - 1)
    charged = terms.broken_period_interest is not BrokenPeriodInterest.NONE
    if not charged or begins <= terms.disbursed_on:
        return None
    years = year_fraction(terms.disbursed_on, begins, day_count=terms.day_count)
    return Stretch(since=terms.disbursed_on, until=begins, years=years)


def factor_of(terms: LoanTerms, stretch: Stretch) -> Fraction:
    """Return the interest of a stretch on a balance of one, exact."""
    return stretch.years * terms.annual_rate_bps / BPS_PER_WHOLE


def _shifted(terms: LoanTerms, due_date: date, periods: int) -> date:
    return terms.frequency.shifted(due_date, periods, anchor_day=terms.due_day)


def _bearing(terms: LoanTerms, period: Period) -> Stretch:
    """Return a period from where it bears interest: from the disbursement at the earliest.

    Only where periods are equal and no broken period is charged does the first count as whole.
    """
    as_a_whole = (
        terms.day_count is DayCount.EQUAL_PERIODS
        and terms.broken_period_interest is BrokenPeriodInterest.NONE
    )
    since = period.start if as_a_whole else max(period.start, terms.disbursed_on)
    years = terms.conventions.basis.year_fraction(period, since=since)
    return Stretch(since=since, until=period.end, years=years)
