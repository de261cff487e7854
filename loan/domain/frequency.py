"""How often a loan is repaid, and on which dates: the anchor day is kept over short months."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import count

from bright_credit.common.business_day import add_months, clamp_day, days_between
from bright_credit.common.money import round_up_to_paisa

MONTHS_PER_YEAR = 12


class Frequency(StrEnum):
    """How far apart two instalments are."""

    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    WEEKLY = "WEEKLY"

    @property
    def periods_per_year(self) -> int:
        """Return how many instalments a year has: 12, 4, 26 or 52."""
        return _STEPS[self].per_year

    @property
    def months(self) -> int:
        """Return how many months a period has; zero when it is a number of weeks."""
        return _STEPS[self].months

    @property
    def days(self) -> int:
        """Return how many days a period has; zero when it is a number of months."""
        return _STEPS[self].days

    @property
    def has_due_day(self) -> bool:
        """Return whether instalments fall on an agreed day of the month."""
        return self.months > 0

    @property
    def most_in_a_month(self) -> int:
        """Return how many due dates a calendar month has at most: 1, 1, 3 or 5."""
        return 1 if self.months else -(-31 // self.days)

    def a_month(self, instalment_paise: int) -> int:
        """Return what an instalment takes of a month's income, in paise, rounded up."""
        return round_up_to_paisa(
            Fraction(instalment_paise * self.periods_per_year, MONTHS_PER_YEAR)
        )

    def periods_in(self, tenure_months: int) -> int:
        """Return how many whole periods a tenure has: a year of weeks has 52 of them.

        A quarter that is not full does not count: seven months are two quarters. See
        `divides` for whether the tenure is made of whole periods.
        """
        return tenure_months * self.periods_per_year // MONTHS_PER_YEAR

    def divides(self, tenure_months: int) -> bool:
        """Return whether a tenure can be agreed at all: quarterly loans run whole quarters."""
        return self.months == 0 or tenure_months % self.months == 0

    def shifted(self, due_date: date, periods: int, *, anchor_day: int | None) -> date:
        """Return the due date so many periods later, or earlier when negative.

        `anchor_day` is the agreed day of the month: from 28 February with anchor 31 the next month
        gives 31 March. Weeks know no anchor: the weekday stays by itself.
        """
        if self.months:
            return add_months(due_date, periods * self.months, anchor_day=anchor_day)
        return due_date + timedelta(days=periods * self.days)

    def due_dates(self, first: date, *, anchor_day: int | None) -> Iterator[date]:
        """Yield the due dates from `first` on, without end."""
        for periods in count():
            yield self.shifted(first, periods, anchor_day=anchor_day)

    def first_due_date(
        self, disbursed_on: date, *, due_day: int | None, minimum_gap_days: int
    ) -> date:
        """Return the first due date that leaves at least the minimum gap after the disbursement.

        Monthly: the first agreed day of a month that leaves the gap. Quarterly: the same, two
        months later, so that the first period is about as long as the others. Weekly and
        fortnightly: a whole period after the disbursement, and then weeks until the gap is left.
        """
        gap = max(1, minimum_gap_days)
        if due_day is None:
            lacking = max(0, gap - self.days)
            return disbursed_on + timedelta(days=self.days + -(-lacking // 7) * 7)
        first_of_month = disbursed_on.replace(day=1)
        for months in count():
            month = add_months(first_of_month, months)
            candidate = clamp_day(month.year, month.month, due_day)
            if days_between(disbursed_on, candidate) >= gap:
                return add_months(candidate, max(0, self.months - 1), anchor_day=due_day)
        raise AssertionError("months never end")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnchor:
    """The agreed day of the month of the due dates before a date, until another was agreed."""

    before: date
    anchor_day: int


@dataclass(frozen=True, slots=True)
class _Step:
    per_year: int
    months: int = 0
    days: int = 0


_STEPS: Mapping[Frequency, _Step] = {
    Frequency.MONTHLY: _Step(per_year=12, months=1),
    Frequency.QUARTERLY: _Step(per_year=4, months=3),
    Frequency.FORTNIGHTLY: _Step(per_year=26, days=14),
    Frequency.WEEKLY: _Step(per_year=52, days=7),
}
