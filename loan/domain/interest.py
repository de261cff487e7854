"""The interest of a stretch of time on a balance: one function, exact, rounded by who asks.

A loan's time is cut into periods, from one due date to the next. Interest inside a period is
reckoned from the period's beginning, so that cutting a period anywhere (a rate that changes, a
balance that falls, a day on which somebody asks) never changes the sum of the pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from bright_credit.common.business_day import days_between
from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.day_counts import DayCount, year_fraction
from loan.domain.frequency import EarlierAnchor, Frequency


class InvalidRates(InvalidInput):
    """The changes of a rate are not in the order of their dates, or a rate is negative."""

    code = "invalid_rates"


class InvalidPeriod(InvalidInput):
    """A period ends before it begins, or is asked about days outside it."""

    code = "invalid_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """From this date on, this day included, the yearly rate is another one."""

    from_date: date
    annual_rate_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The yearly rate of a loan over time, in basis points: one, and what it changes to when.

    Raises `InvalidRates`.
    """

    annual_rate_bps: int
    changes: tuple[RateChange, ...] = ()

    def __post_init__(self) -> None:
        if any(later.from_date <= earlier.from_date for earlier, later in pairwise(self.changes)):
            raise InvalidRates("changes of the rate must follow one another", field="changes")
        if min(self.annual_rate_bps, *(change.annual_rate_bps for change in self.changes), 0) < 0:
            raise InvalidRates("a rate must not be negative", field="annual_rate_bps")

    @property
    def highest_bps(self) -> int:
        """Return the highest rate there is at any time."""
        return max(self.annual_rate_bps, *(change.annual_rate_bps for change in self.changes), 0)

    def on(self, day: date) -> int:
        """Return the rate of a day, in basis points a year."""
        rate = self.annual_rate_bps
        for change in self.changes:
            if change.from_date <= day:
                rate = change.annual_rate_bps
        return rate

    def cuts(self, start: date, end: date) -> list[date]:
        """Return the dates of change strictly between two dates."""
        return [change.from_date for change in self.changes if start < change.from_date < end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time from one due date, or from the disbursement, to the next due date.

    Raises `InvalidPeriod`.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidPeriod("a period must not end before it begins", field="end")


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestBasis:
    """What turns a period into a part of a year. `anchor_day` is the agreed day of the month, and
    `earlier_anchors` those of due dates before it was agreed, by date."""

    day_count: DayCount = DayCount.EQUAL_PERIODS
    frequency: Frequency = Frequency.MONTHLY
    anchor_day: int | None = None
    earlier_anchors: tuple[EarlierAnchor, ...] = ()

    def anchor_on(self, due_date: date) -> int | None:
        """Return the agreed day of the month that a due date falls on."""
        for earlier in self.earlier_anchors:
            if due_date < earlier.before:
                return earlier.anchor_day
        return self.anchor_day

    def due_date_before(self, due_date: date, periods: int = 1) -> date:
        """Return the due date so many whole periods before one."""
        return self.frequency.shifted(due_date, -periods, anchor_day=self.anchor_on(due_date))

    def year_fraction(
        self, period: Period, *, since: date | None = None, until: date | None = None
    ) -> Fraction:
        """Return the part of a year that a period has, or a stretch of it.

        With equal periods a whole one is the same part of a year whatever its days, a stretch of
        it is its share of the days, and a period longer than one is counted in whole ones back from
        its end, the days before them as actual/365. Raises `InvalidPeriod` for days outside it.
        """
        since = period.start if since is None else since
        until = period.end if until is None else until
        if not period.start <= since <= until <= period.end:
            raise InvalidPeriod("the days asked about must lie within the period", field="since")
        return self._elapsed(period, until) - self._elapsed(period, since)

    def _elapsed(self, period: Period, day: date) -> Fraction:
        if self.day_count is not DayCount.EQUAL_PERIODS:
            return year_fraction(period.start, day, day_count=self.day_count)
        if day == period.start:
            return Fraction(0)
        share = Fraction(days_between(period.start, day), days_between(period.start, period.end))
        return self._whole(period) * share

    def _whole(self, period: Period) -> Fraction:
        periods, begins = 0, period.end
        while (earlier := self.due_date_before(period.end, periods + 1)) >= period.start:
            periods, begins = periods + 1, earlier
        stub = year_fraction(period.start, begins, day_count=DayCount.ACTUAL_365)
        return Fraction(periods, self.frequency.periods_per_year) + stub


def interest_factor(
    rates: Rates,
    *,
    period: Period,
    basis: InterestBasis,
    since: date | None = None,
    until: date | None = None,
) -> Fraction:
    """Return the interest on a balance of one, over a period or a stretch of it. Exact."""
    start = period.start if since is None else since
    end = period.end if until is None else until
    return sum(
        (
            basis.year_fraction(period, since=piece_start, until=piece_end) * rate / BPS_PER_WHOLE
            for piece_start, piece_end, rate in _pieces(rates, start, end)
        ),
        Fraction(0),
    )


def interest_of(
    balance_paise: int,
    *,
    rates: Rates,
    period: Period,
    basis: InterestBasis,
    since: date | None = None,
    until: date | None = None,
) -> Fraction:
    """Return the interest on a balance over a period, in paise, unrounded.

    `since` and `until` take a stretch of the period: a foreclosure on the twelfth day, or the rest
    of a period after a part of the principal was repaid. The pieces of a period add up to the whole
    exactly; round a sum once, by the terms' `SplitRounding`.
    """
    return balance_paise * interest_factor(
        rates, period=period, basis=basis, since=since, until=until
    )


def _pieces(rates: Rates, start: date, end: date) -> Iterator[tuple[date, date, int]]:
    edges = [start, *rates.cuts(start, end), end]
    for piece_start, piece_end in pairwise(edges):
        yield piece_start, piece_end, rates.on(piece_start)
