"""The amortization schedule of a new loan: what is due on which date, to the paisa.

The rows come from `loan.domain.amortization`; here the beginning is settled: where the first period
begins, what the days before it cost, and what a moratorium puts off.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.amortization import InstalmentPlan, Remaining, exact_instalment, over_count
from loan.domain.day_counts import DayCount, year_fraction
from loan.domain.frequency import MONTHS_PER_YEAR, Frequency
from loan.domain.interest import Period, Rates, interest_factor
from loan.domain.terms import (
    NO_MORATORIUM,
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    Moratorium,
    MoratoriumInterest,
    SplitRounding,
)

__all__ = [
    "MONTHS_PER_YEAR",
    "Capitalisation",
    "InstalmentPlan",
    "RepaymentPlan",
    "amortization_schedule",
    "capitalisation_of",
    "equated_instalment",
    "exact_equated_instalment",
    "first_due_date",
    "first_extra_interest_of",
    "repayment_plan",
    "upfront_interest_of",
    "usual_instalment",
]

_MONTHLY_BPS = BPS_PER_WHOLE * MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentPlan:
    """A new loan from its disbursement to its last instalment. Amounts in paise.

    `instalment_paise` is the regular instalment; the first or last row has broken-period or
    moratorium interest on top of it. `broken_interest_paise` is the interest of the days before the
    first whole period, within the first row or, when upfront, kept back from the disbursement.
    `capitalised_interest_paise` becomes principal on `capitalised_on`: the rows repay it too.
    """

    rows: tuple[InstalmentPlan, ...]
    instalment_paise: int
    broken_interest_paise: int
    upfront_interest_paise: int
    moratorium_interest_paise: int
    capitalised_interest_paise: int
    capitalised_on: date | None


def repayment_plan(terms: LoanTerms) -> RepaymentPlan:
    """Return every instalment of the loan, in order, and the interest that stands apart.

    The principal sums to the amount lent and the interest capitalised, no component is negative, no
    row is empty. Raises `InvalidTerms` when the chosen rounding leaves no such schedule (a loan of
    a few rupees), or when interest kept back leaves nothing to pay out.
    """
    apart = _interest_apart(terms)
    if apart.upfront_paise >= terms.principal_paise:
        raise InvalidTerms(
            "the interest kept back leaves nothing to pay out", field="broken_period_interest"
        )
    first_period = _whole_periods(terms)[-1]
    idle = terms.principal_moratorium_periods - terms.interest_moratorium_periods
    amortized = over_count(
        Remaining(
            principal_paise=terms.principal_paise + apart.capitalised_paise,
            rates=Rates(annual_rate_bps=terms.annual_rate_bps),
            period_start=first_period.start,
            next_due_date=first_period.end,
            interest_from=_interest_from(terms, first_period),
            interest_only_rows=idle,
            first_extra_interest_paise=apart.with_first_paise,
            last_extra_interest_paise=apart.with_last_paise,
        ),
        terms.conventions,
        count=terms.instalment_count,
    )
    return RepaymentPlan(
        rows=amortized.rows,
        instalment_paise=amortized.instalment_paise,
        broken_interest_paise=apart.broken_paise,
        upfront_interest_paise=apart.upfront_paise,
        moratorium_interest_paise=apart.deferred_paise,
        capitalised_interest_paise=apart.capitalised_paise,
        capitalised_on=first_period.start if apart.capitalised_paise else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capitalisation:
    """The interest of a moratorium that becomes principal, in paise, and the day on which."""

    on: date
    amount_paise: int


def upfront_interest_of(terms: LoanTerms) -> int:
    """Return the broken period's interest that is kept back from the disbursement, in paise."""
    upfront = terms.broken_period_interest is BrokenPeriodInterest.UPFRONT
    return _broken_interest(terms) if upfront else 0


def first_extra_interest_of(terms: LoanTerms) -> int:
    """Return the interest of broken days and of a moratorium within the first instalment."""
    return _interest_apart(terms).with_first_paise


def capitalisation_of(terms: LoanTerms) -> Capitalisation | None:
    """Return what is capitalised when the interest moratorium ends, or None when nothing is."""
    if terms.moratorium_interest is not MoratoriumInterest.CAPITALISED:
        return None
    amount_paise = _moratorium_interest(terms)
    if amount_paise == 0:
        return None
    return Capitalisation(on=_whole_periods(terms)[-1].start, amount_paise=amount_paise)


def amortization_schedule(terms: LoanTerms) -> tuple[InstalmentPlan, ...]:
    """Return every instalment of the loan, in order. Raises `InvalidTerms`."""
    return repayment_plan(terms).rows


def exact_equated_instalment(
    principal_paise: int, *, annual_rate_bps: int, tenure_months: int
) -> Fraction:
    """Return `P·i·(1+i)ⁿ / ((1+i)ⁿ − 1)` in paise, unrounded; `P/n` at a rate of zero."""
    return exact_instalment(
        principal_paise, [Fraction(annual_rate_bps, _MONTHLY_BPS)] * tenure_months
    )


def equated_instalment(
    principal_paise: int, *, annual_rate_bps: int, tenure_months: int, rounding: InstalmentRounding
) -> int:
    """Return the equal monthly instalment of a reducing-balance loan, rounded.

    RBI's own example: ten lakh rupees at 15 % over 120 months make 16,133.50 a month.
    """
    return rounding.rounded(
        exact_equated_instalment(
            principal_paise, annual_rate_bps=annual_rate_bps, tenure_months=tenure_months
        )
    )


def usual_instalment(
    principal_paise: int,
    *,
    method: InterestMethod,
    annual_rate_bps: int,
    tenure_months: int,
    rounding: InstalmentRounding,
    split_rounding: SplitRounding,
    frequency: Frequency = Frequency.MONTHLY,
    moratorium: Moratorium = NO_MORATORIUM,
) -> int:
    """Return the instalment that affordability is judged by: that of a period, with equal periods.

    It is the equal instalment where there is one and the first, largest one for equal principal. An
    interest-only loan is judged as if it were repaid in equal instalments: its interest alone says
    nothing of whether the borrower can ever repay the principal. After a moratorium the principal,
    with what is capitalised, is repaid in the periods that are left.
    """
    rate = Fraction(annual_rate_bps, BPS_PER_WHOLE * frequency.periods_per_year)
    periods = frequency.periods_in(tenure_months) - moratorium.principal_periods
    owed_paise = principal_paise
    if moratorium.interest is MoratoriumInterest.CAPITALISED:
        owed_paise += split_rounding.rounded(principal_paise * rate * moratorium.interest_periods)
    exact_interest, exact_principal = owed_paise * rate, Fraction(owed_paise, periods)
    match method:
        case InterestMethod.FLAT:
            return rounding.rounded(exact_principal + exact_interest)
        case InterestMethod.EQUAL_PRINCIPAL:
            return rounding.rounded(exact_principal) + split_rounding.rounded(exact_interest)
        case InterestMethod.REDUCING_BALANCE | InterestMethod.INTEREST_ONLY:
            return rounding.rounded(exact_instalment(owed_paise, [rate] * periods))


def first_due_date(disbursed_on: date, *, due_day: int, minimum_gap_days: int) -> date:
    """Return the first `due_day` after the disbursement that leaves at least the minimum gap."""
    return Frequency.MONTHLY.first_due_date(
        disbursed_on, due_day=due_day, minimum_gap_days=minimum_gap_days
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _InterestApart:
    """The interest that no row bears by itself: of the broken period, and of the moratorium."""

    broken_paise: int
    deferred_paise: int
    upfront_paise: int = 0
    with_first_paise: int = 0
    with_last_paise: int = 0
    capitalised_paise: int = 0


def _interest_apart(terms: LoanTerms) -> _InterestApart:
    broken_paise, deferred_paise = _broken_interest(terms), _moratorium_interest(terms)
    upfront = terms.broken_period_interest is BrokenPeriodInterest.UPFRONT
    later = terms.moratorium_interest
    with_first_paise = 0 if upfront else broken_paise
    if later is MoratoriumInterest.WITH_FIRST_INSTALMENT:
        with_first_paise += deferred_paise
    return _InterestApart(
        broken_paise=broken_paise,
        deferred_paise=deferred_paise,
        upfront_paise=broken_paise if upfront else 0,
        with_first_paise=with_first_paise,
        with_last_paise=deferred_paise if later is MoratoriumInterest.WITH_LAST_INSTALMENT else 0,
        capitalised_paise=deferred_paise if later is MoratoriumInterest.CAPITALISED else 0,
    )


def _whole_periods(terms: LoanTerms) -> tuple[Period, ...]:
    """Return the periods up to the first instalment: those of the interest moratorium, and its own.

    Whole ones, counted back from the first due date: the first may begin before the disbursement.
    """
    edges = [
        terms.frequency.shifted(terms.first_due_date, -periods, anchor_day=terms.due_day)
        for periods in range(terms.interest_moratorium_periods + 1, -1, -1)
    ]
    return tuple(Period(start=start, end=end) for start, end in pairwise(edges))


def _interest_from(terms: LoanTerms, period: Period) -> date:
    """Return the day from which a period bears interest: not before the loan was paid out."""
    counts_as_whole = (
        terms.day_count is DayCount.EQUAL_PERIODS
        and terms.broken_period_interest is BrokenPeriodInterest.NONE
    )
    return period.start if counts_as_whole else max(period.start, terms.disbursed_on)


def _broken_interest(terms: LoanTerms) -> int:
    """Return the interest of the days from the disbursement to the first whole period, if charged.

    `P × rate × days/365` where periods are equal, else by the loan's own day count.
    """
    begins = _whole_periods(terms)[0].start
    if terms.broken_period_interest is BrokenPeriodInterest.NONE or begins <= terms.disbursed_on:
        return 0
    years = year_fraction(terms.disbursed_on, begins, day_count=terms.day_count)
    return terms.split_rounding.rounded(
        terms.principal_paise * years * terms.annual_rate_bps / BPS_PER_WHOLE
    )


def _moratorium_interest(terms: LoanTerms) -> int:
    """Return the simple interest of the periods in which nothing is paid."""
    rates = Rates(annual_rate_bps=terms.annual_rate_bps)
    factors = (
        interest_factor(
            rates,
            period=period,
            basis=terms.conventions.basis,
            since=_interest_from(terms, period),
        )
        for period in _whole_periods(terms)[:-1]
    )
    return terms.split_rounding.rounded(terms.principal_paise * sum(factors, Fraction(0)))
