"""What holds of every schedule, whatever the terms."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from loan.domain.schedule import amortization_schedule, equated_instalment
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)
from tests.unit.loan.histories import RUPEE, few_examples, possible_terms

_ROUNDING_UNIT = {
    InstalmentRounding.PAISA: 1,
    InstalmentRounding.RUPEE: RUPEE,
    InstalmentRounding.RUPEE_UP: 2 * RUPEE,  # off by up to a whole rupee, not by half of one
    SplitRounding.PAISA: 1,
    SplitRounding.RUPEE: RUPEE,
}


@few_examples
@given(possible_terms())
def test_i15_the_principal_column_sums_to_the_amount_lent(terms: LoanTerms) -> None:
    plans = amortization_schedule(terms)
    assert sum(plan.principal_paise for plan in plans) == terms.principal_paise
    assert len(plans) == terms.tenure_months


@few_examples
@given(possible_terms().filter(lambda terms: terms.interest_method is InterestMethod.FLAT))
def test_i15_flat_interest_sums_to_the_agreed_total(terms: LoanTerms) -> None:
    exact = Fraction(terms.principal_paise * terms.annual_rate_bps * terms.tenure_months, 120_000)
    total = sum(plan.interest_paise for plan in amortization_schedule(terms))
    assert abs(total - exact) <= Fraction(1, 2)


@few_examples
@given(possible_terms())
def test_i16_each_row_opens_where_the_last_closed_and_dates_rise(terms: LoanTerms) -> None:
    plans = amortization_schedule(terms)
    assert plans[0].opening_principal_paise == terms.principal_paise
    for earlier, later in pairwise(plans):
        closing = earlier.opening_principal_paise - earlier.principal_paise
        assert later.opening_principal_paise == closing > 0
        assert later.due_date > earlier.due_date
        assert later.number == earlier.number + 1
    assert plans[-1].opening_principal_paise == plans[-1].principal_paise
    assert all(plan.principal_paise >= 0 and plan.interest_paise >= 0 for plan in plans)
    assert all(plan.total_paise > 0 for plan in plans)


@few_examples
@given(
    possible_terms().filter(
        lambda terms: (
            terms.interest_method in {InterestMethod.REDUCING_BALANCE, InterestMethod.FLAT}
        )
    )
)
def test_i17_instalments_are_equal_but_the_last_which_differs_by_rounding_only(
    terms: LoanTerms,
) -> None:
    """Each row is off by half a unit of each rounding at most; the error grows as a debt does."""
    plans = amortization_schedule(terms)
    assert len({plan.total_paise for plan in plans[:-1]}) <= 1
    unit = _ROUNDING_UNIT[terms.instalment_rounding] + _ROUNDING_UNIT[terms.split_rounding]
    growth = (1 + Fraction(terms.annual_rate_bps, 120_000)) ** terms.tenure_months
    bound = Fraction(unit, 2) * terms.tenure_months * growth + 1
    assert abs(plans[-1].total_paise - plans[0].total_paise) <= bound


@few_examples
@given(possible_terms(), st.integers(200, 700))
def test_i46_a_higher_rate_never_lowers_interest_or_instalment(
    terms: LoanTerms, more_bps: int
) -> None:
    dearer = replace(terms, annual_rate_bps=terms.annual_rate_bps + more_bps)
    plans, dearer_plans = amortization_schedule(terms), amortization_schedule(dearer)
    slack = _ROUNDING_UNIT[terms.split_rounding] * terms.tenure_months
    assert sum(plan.interest_paise for plan in dearer_plans) + slack >= sum(
        plan.interest_paise for plan in plans
    )
    assert _instalment(dearer) >= _instalment(terms)


def _instalment(terms: LoanTerms) -> int:
    return equated_instalment(
        terms.principal_paise,
        annual_rate_bps=terms.annual_rate_bps,
        tenure_months=terms.tenure_months,
        rounding=terms.instalment_rounding,
    )


@few_examples
@given(
    st.integers(1, 5_000),
    st.integers(0, 5_000),
    st.integers(1, 60),
    st.sampled_from(InterestMethod),
    st.sampled_from(InstalmentRounding),
    st.sampled_from(SplitRounding),
)
def test_i16_a_tiny_loan_has_a_sound_schedule_or_a_clear_refusal(
    principal_paise: int,
    annual_rate_bps: int,
    tenure_months: int,
    method: InterestMethod,
    instalment_rounding: InstalmentRounding,
    split_rounding: SplitRounding,
) -> None:
    terms = LoanTerms(
        principal_paise=principal_paise,
        annual_rate_bps=annual_rate_bps,
        tenure_months=tenure_months,
        interest_method=method,
        instalment_rounding=instalment_rounding,
        split_rounding=split_rounding,
        disbursed_on=date(2025, 1, 5),
        first_due_date=date(2025, 2, 5),
        due_day=5,
    )
    try:
        plans = amortization_schedule(terms)
    except InvalidTerms:
        return
    assert sum(plan.principal_paise for plan in plans) == principal_paise
    assert all(min(plan.principal_paise, plan.interest_paise) >= 0 for plan in plans)
