"""The period that is under way on a day: how far its interest has run, and what is left to come.

Everything billed is paid when this is asked: whoever repays early clears that first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.amortization import InstalmentPlan
from loan.domain.day_counts import DayCount, year_fraction
from loan.domain.in_force import InForce, PutOffInterest
from loan.domain.interest import InterestBasis, Period, Rates, interest_factor
from loan.domain.schedule import first_extra_interest_of, repayment_plan
from loan.domain.terms import (
    BrokenPeriodInterest,
    InterestMethod,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPeriod:
    """The next instalment, and the time its interest is for. Amounts in paise.

    The principal bears interest from `since` on; `base_paise` is what it is reckoned on. The period
    is longer than others where a holiday or another due day has stretched it. The last
    instalment will collect the `moratorium_paise` of interest, and what holidays put off to it.
    The next instalment collects the `collected_first_paise` of a moratorium's interest, and that of
    broken days, which end on `broken_until`.
    """

    coming: tuple[InstalmentPlan, ...]
    period: Period
    since: date
    began_on: date
    base_paise: int
    rates: Rates
    basis: InterestBasis
    rounding: SplitRounding
    flat: bool
    collected_first_paise: int
    broken_until: date | None
    moratorium_paise: int
    put_off: tuple[PutOffInterest, ...] = ()

    @property
    def deferred_paise(self) -> int:
        """Return the interest that the last instalment collects beside its own."""
        return self.moratorium_paise + sum(
            one.amount_paise for one in self.put_off if not one.becomes_principal
        )

    def deferred_run_paise(self, on: date) -> int:
        """Return how much of that has run by a day: all of it, unless a holiday is under way.

        What becomes principal when the holiday ends is run interest until then, and none after.
        """
        return self.moratorium_paise + sum(self._put_off_run(one, on) for one in self.put_off)

    def principal_paise(self, on: date) -> int:
        """Return the principal not billed on a day: without what a holiday has yet to add to it."""
        return self.row.opening_principal_paise - sum(
            one.amount_paise
            for one in self.put_off
            if one.becomes_principal and on < one.until < self.row.due_date
        )

    @property
    def row(self) -> InstalmentPlan:
        """Return the next instalment."""
        return self.coming[0]

    @property
    def own_paise(self) -> int:
        """Return what the instalment asks for its period, not for broken days nor a moratorium."""
        deferred_paise = self.deferred_paise if len(self.coming) == 1 else 0
        return self.row.interest_paise - deferred_paise - self.apart_paise()

    def rest_paise(self, on: date) -> int:
        """Return the interest from `on` to the end of the period, if nothing is repaid.

        Flat interest is spread evenly over the instalments, whatever the days of each: there it is
        the days' share of what the instalment asks.
        """
        to_come = self._factor(since=max(on, self.since))
        if not self.flat:
            return self.rounding.rounded(self.base_paise * to_come)
        whole = self._factor(since=self.since)
        return self.rounding.rounded(self.own_paise * to_come / whole) if whole else 0

    def apart_paise(self) -> int:
        """Return what the instalment collects beside the period's interest, of the time before.

        It is that of a moratorium, or that of broken days from where the loan stands on.
        """
        return self.collected_first_paise + self.broken_paise(self.began_on, self.base_paise)

    def broken_paise(self, on: date, base_paise: int) -> int:
        """Return the interest of the broken days from `on` to their end, on a balance."""
        if self.broken_until is None or on >= self.broken_until:
            return 0
        return self.rounding.rounded(base_paise * self._by_the_day(on, self.broken_until))

    def apart_run_paise(self, on: date) -> int:
        """Return how much of that has run by `on`: all of it, once the period has begun."""
        return self.apart_paise() - self.broken_paise(on, self.base_paise)

    def run_paise(self, on: date) -> int:
        """Return the interest to `on` by its share of the period: what the instalment asks less
        what the days to come still cost, so that the two add up to it."""
        return max(0, self.own_paise - self.rest_paise(on)) + self.apart_run_paise(on)

    def run_by_the_day_paise(self, on: date) -> int:
        """Return the interest to `on` by the day, never more than the period's own.

        No day before the disbursement is one of them, also where the first period counts as whole.
        Balance × rate × days/365, or by the loan's own day count where periods are not equal.
        """
        first = max(self.since, self.began_on)
        exact = self.base_paise * self._by_the_day(first, max(on, first))
        return self.apart_run_paise(on) + min(self.own_paise, self.rounding.rounded(exact))

    def per_diem_paise(self, on: date) -> int:
        """Return the interest of the day that begins with `on`."""
        to_add_paise = self.row.opening_principal_paise - self.principal_paise(on)
        base_paise = self.base_paise - to_add_paise
        return self.rounding.rounded(base_paise * self._by_the_day(on, on + timedelta(days=1)))

    def _put_off_run(self, interest: PutOffInterest, on: date) -> int:
        if on >= interest.until:
            return 0 if interest.becomes_principal else interest.amount_paise
        run = interest.base_paise * self._by_the_day(interest.since, max(on, interest.since))
        return min(interest.amount_paise, self.rounding.rounded(run))

    def _factor(self, *, since: date) -> Fraction:
        return interest_factor(self.rates, period=self.period, basis=self.basis, since=since)

    def _by_the_day(self, start: date, end: date) -> Fraction:
        """Return the interest on one paisa of days: pieces are cut out of the whole stretch, so
        that a rate that changes within it changes nothing of how many days it has."""
        edges = [start, *self.rates.cuts(start, end), end]

        def elapsed(day: date) -> Fraction:
            return year_fraction(start, day, day_count=self.basis.day_count)

        return sum(
            (
                (elapsed(piece_end) - elapsed(piece_start))
                * self.rates.on(piece_start)
                / BPS_PER_WHOLE
                for piece_start, piece_end in pairwise(edges)
            ),
            Fraction(0),
        )


def running_period(
    terms: LoanTerms,
    in_force: InForce,
    schedule: Sequence[InstalmentPlan],
    *,
    billed_through: int,
) -> RunningPeriod | None:
    """Return the period under way after what was billed last; None when no instalment follows."""
    coming = tuple(schedule[number] for number in range(billed_through, len(schedule)))
    if not coming:
        return None
    conventions = in_force.conventions(terms)
    row = coming[0]
    began_on = schedule[billed_through - 1].due_date if billed_through else terms.disbursed_on
    counts_as_whole = (
        billed_through == 0
        and terms.day_count is DayCount.EQUAL_PERIODS
        and terms.broken_period_interest is BrokenPeriodInterest.NONE
    )
    flat = terms.interest_method is InterestMethod.FLAT
    period = _period(
        terms,
        in_force,
        row,
        began_on=began_on,
        billed_through=billed_through,
        counts_as_whole=counts_as_whole,
    )
    return RunningPeriod(
        coming=coming,
        period=period,
        since=period.start if counts_as_whole else max(period.start, began_on),
        began_on=began_on,
        base_paise=in_force.flat_base_paise if flat else row.opening_principal_paise,
        rates=in_force.rates,
        basis=conventions.basis,
        rounding=terms.split_rounding,
        flat=flat,
        collected_first_paise=0 if billed_through else _collected_first_paise(terms),
        broken_until=_broken_until(terms),
        moratorium_paise=_moratorium_paise(terms),
        put_off=in_force.put_off,
    )


def _period(
    terms: LoanTerms,
    in_force: InForce,
    row: InstalmentPlan,
    *,
    began_on: date,
    billed_through: int,
    counts_as_whole: bool,
) -> Period:
    """Return the time that the next instalment's interest is for, a stretch before it included.

    The first period of a loan begins where it was agreed to, which may be before the disbursement,
    and the days before it are broken ones. A holiday whose interest is put off is no part of it.
    """
    whole_from = in_force.conventions(terms).basis.due_date_before(row.due_date)
    agreed = terms.conventions.basis.due_date_before(terms.first_due_date)
    begins = max(began_on, agreed)  # a part prepayment on a broken day leaves the others broken
    if not billed_through:
        begins = agreed
        if begins < whole_from and not counts_as_whole:
            begins = max(begins, terms.disbursed_on)
    for interest in in_force.put_off:
        if begins < interest.until <= whole_from:
            begins = interest.until
    return Period(start=min(whole_from, begins), end=row.due_date)


def is_in_moratorium(terms: LoanTerms, on: date) -> bool:
    """Return whether a day lies in a moratorium of interest, whose interest is still running."""
    begins = terms.frequency.shifted(terms.first_due_date, -1, anchor_day=terms.due_day)
    return terms.interest_moratorium_periods > 0 and on < begins


def _moratorium_paise(terms: LoanTerms) -> int:
    later = terms.interest_moratorium_periods > 0 and (
        terms.moratorium_interest is MoratoriumInterest.WITH_LAST_INSTALMENT
    )
    return repayment_plan(terms).moratorium_interest_paise if later else 0


def _collected_first_paise(terms: LoanTerms) -> int:
    """Return what the first instalment collects after a moratorium: nothing is repaid before."""
    return first_extra_interest_of(terms) if terms.interest_moratorium_periods else 0


def _broken_until(terms: LoanTerms) -> date | None:
    """Return the end of the broken days that the first instalment bears, without a moratorium."""
    with_first = terms.broken_period_interest is BrokenPeriodInterest.WITH_FIRST_INSTALMENT
    if terms.interest_moratorium_periods or not with_first:
        return None
    return terms.frequency.shifted(terms.first_due_date, -1, anchor_day=terms.due_day)
