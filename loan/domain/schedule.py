"""The amortization schedule: what is due on which date, to the paisa.

Monthly rests: every month counts as a twelfth of a year, so a row's interest does not depend on the
number of days in it nor on when earlier rows were paid. The exact value of each row is a rational
number; it is rounded once, by the terms' own choice, and the next row starts from the rounded one.
The last row absorbs what rounding left over, so the principal column sums to the amount lent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bright_credit.common.business_day import add_months, clamp_day, days_between
from bright_credit.common.money import BPS_PER_WHOLE, round_to_paisa
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)

MONTHS_PER_YEAR = 12
_MONTHLY_BPS = BPS_PER_WHOLE * MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPlan:
    """One row of the schedule: the instalment's number from 1, its date and what it is made of."""

    number: int
    due_date: date
    opening_principal_paise: int
    principal_paise: int
    interest_paise: int

    @property
    def total_paise(self) -> int:
        """Return what is due on the date."""
        return self.principal_paise + self.interest_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    principal_paise: int
    interest_paise: int


def amortization_schedule(terms: LoanTerms) -> tuple[InstalmentPlan, ...]:
    """Return every instalment of the loan, in order.

    The principal sums to the amount lent, no component is negative, no row is empty. Raises
    `InvalidTerms` when the chosen rounding leaves no such schedule (a loan of a few rupees).
    """
    plans: list[InstalmentPlan] = []
    owed_paise = terms.principal_paise
    for index, split in enumerate(_splits(terms)):
        plan = InstalmentPlan(
            number=index + 1,
            due_date=add_months(terms.first_due_date, index, anchor_day=terms.due_day),
            opening_principal_paise=owed_paise,
            principal_paise=split.principal_paise,
            interest_paise=split.interest_paise,
        )
        _require_possible(plan)
        owed_paise -= split.principal_paise
        plans.append(plan)
    return tuple(plans)


def exact_equated_instalment(
    principal_paise: int, *, annual_rate_bps: int, tenure_months: int
) -> Fraction:
    """Return `P·i·(1+i)ⁿ / ((1+i)ⁿ − 1)` in paise, unrounded; `P/n` at a rate of zero."""
    if annual_rate_bps == 0:
        return Fraction(principal_paise, tenure_months)
    grown: int = (_MONTHLY_BPS + annual_rate_bps) ** tenure_months
    flat: int = _MONTHLY_BPS**tenure_months
    return Fraction(principal_paise * annual_rate_bps * grown, _MONTHLY_BPS * (grown - flat))


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
) -> int:
    """Return the instalment that affordability is judged by.

    It is the equal instalment where there is one and the first, largest one for equal principal. An
    interest-only loan is judged as if it were repaid in equal instalments: its interest alone says
    nothing of whether the borrower can ever repay the principal.
    """
    exact_interest = _month_of_interest(principal_paise, annual_rate_bps)
    exact_principal = Fraction(principal_paise, tenure_months)
    match method:
        case InterestMethod.FLAT:
            return rounding.rounded(exact_principal + exact_interest)
        case InterestMethod.EQUAL_PRINCIPAL:
            return rounding.rounded(exact_principal) + split_rounding.rounded(exact_interest)
        case InterestMethod.REDUCING_BALANCE | InterestMethod.INTEREST_ONLY:
            return equated_instalment(
                principal_paise,
                annual_rate_bps=annual_rate_bps,
                tenure_months=tenure_months,
                rounding=rounding,
            )


def first_due_date(disbursed_on: date, *, due_day: int, minimum_gap_days: int) -> date:
    """Return the first `due_day` after the disbursement that leaves at least the minimum gap."""
    months = 0
    while True:
        month = add_months(disbursed_on.replace(day=1), months)
        candidate = clamp_day(month.year, month.month, due_day)
        if days_between(disbursed_on, candidate) >= max(1, minimum_gap_days):
            return candidate
        months += 1


def _splits(terms: LoanTerms) -> Iterator[_Split]:
    match terms.interest_method:
        case InterestMethod.REDUCING_BALANCE:
            return _reducing_balance(terms)
        case InterestMethod.FLAT:
            return _flat(terms)
        case InterestMethod.EQUAL_PRINCIPAL:
            return _equal_principal(terms)
        case InterestMethod.INTEREST_ONLY:
            return _interest_only(terms)


def _reducing_balance(terms: LoanTerms) -> Iterator[_Split]:
    instalment_paise = equated_instalment(
        terms.principal_paise,
        annual_rate_bps=terms.annual_rate_bps,
        tenure_months=terms.tenure_months,
        rounding=terms.instalment_rounding,
    )
    owed_paise = terms.principal_paise
    for _ in range(terms.tenure_months - 1):
        interest_paise = _interest(terms, owed_paise)
        split = _Split(
            principal_paise=instalment_paise - interest_paise, interest_paise=interest_paise
        )
        owed_paise -= split.principal_paise
        yield split
    yield _Split(principal_paise=owed_paise, interest_paise=_interest(terms, owed_paise))


def _flat(terms: LoanTerms) -> Iterator[_Split]:
    months = terms.tenure_months
    exact_interest = _month_of_interest(terms.principal_paise, terms.annual_rate_bps)
    instalment_paise = terms.instalment_rounding.rounded(
        Fraction(terms.principal_paise, months) + exact_interest
    )
    interest_paise = terms.split_rounding.rounded(exact_interest)
    usual = _Split(principal_paise=instalment_paise - interest_paise, interest_paise=interest_paise)
    for _ in range(months - 1):
        yield usual
    yield _Split(
        principal_paise=terms.principal_paise - usual.principal_paise * (months - 1),
        interest_paise=round_to_paisa(exact_interest * months) - interest_paise * (months - 1),
    )


def _equal_principal(terms: LoanTerms) -> Iterator[_Split]:
    principal_paise = terms.instalment_rounding.rounded(
        Fraction(terms.principal_paise, terms.tenure_months)
    )
    owed_paise = terms.principal_paise
    for _ in range(terms.tenure_months - 1):
        yield _Split(principal_paise=principal_paise, interest_paise=_interest(terms, owed_paise))
        owed_paise -= principal_paise
    yield _Split(principal_paise=owed_paise, interest_paise=_interest(terms, owed_paise))


def _interest_only(terms: LoanTerms) -> Iterator[_Split]:
    interest_paise = _interest(terms, terms.principal_paise)
    for _ in range(terms.tenure_months - 1):
        yield _Split(principal_paise=0, interest_paise=interest_paise)
    yield _Split(principal_paise=terms.principal_paise, interest_paise=interest_paise)


def _interest(terms: LoanTerms, owed_paise: int) -> int:
    return terms.split_rounding.rounded(_month_of_interest(owed_paise, terms.annual_rate_bps))


def _month_of_interest(owed_paise: int, annual_rate_bps: int) -> Fraction:
    return Fraction(owed_paise * annual_rate_bps, _MONTHLY_BPS)


def _require_possible(plan: InstalmentPlan) -> None:
    """Refuse a row that finds the loan already repaid, or that rounding made negative or empty."""
    if plan.opening_principal_paise <= 0:
        raise InvalidTerms(
            f"the rounded instalments repay the loan before instalment {plan.number}; "
            "a larger amount, a shorter tenure or a finer rounding is needed",
            field="tenure_months",
        )
    if plan.interest_paise < 0 or plan.principal_paise < 0 or plan.total_paise == 0:
        raise InvalidTerms(
            f"this amount, tenure and rounding leave instalment {plan.number} without a possible "
            "split of principal and interest; a larger amount or a finer rounding is needed",
            field="principal_paise",
        )
