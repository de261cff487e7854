"""What holds of every schedule, whatever the terms."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, reject
from hypothesis import strategies as st

from loan.domain.schedule import (
    RepaymentPlan,
    amortization_schedule,
    equated_instalment,
    repayment_plan,
)
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)
from tests.unit.loan.histories import RUPEE, few_examples, possible_terms, terms_of_any_kind

_ROUNDING_UNIT = {
    InstalmentRounding.PAISA: 1,
    InstalmentRounding.RUPEE: RUPEE,
    InstalmentRounding.RUPEE_UP: 2 * RUPEE,  # off by up to a whole rupee, not by half of one
    SplitRounding.PAISA: 1,
    SplitRounding.RUPEE: RUPEE,
}

_EQUATED = {InterestMethod.REDUCING_BALANCE, InterestMethod.FLAT}


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


@few_examples
@given(terms_of_any_kind())
def test_i15_principal_rows_sum_exactly_to_the_financed_principal(terms: LoanTerms) -> None:
    plan = planned(terms)
    financed_paise = terms.principal_paise + plan.capitalised_interest_paise
    assert sum(row.principal_paise for row in plan.rows) == financed_paise
    assert len(plan.rows) == terms.instalment_count
    assert plan.upfront_interest_paise in (0, plan.broken_interest_paise)
    assert plan.capitalised_interest_paise in (0, plan.moratorium_interest_paise)


@few_examples
@given(terms_of_any_kind())
def test_i16_rows_of_every_kind_open_where_the_last_closed_and_dates_rise(terms: LoanTerms) -> None:
    rows = planned(terms).rows
    assert rows[0].due_date == terms.first_due_date > terms.disbursed_on
    for earlier, later in pairwise(rows):
        closing = earlier.opening_principal_paise - earlier.principal_paise
        assert later.opening_principal_paise == closing > 0
        assert later.due_date > earlier.due_date
        assert later.number == earlier.number + 1
    assert rows[-1].opening_principal_paise == rows[-1].principal_paise
    assert all(min(row.principal_paise, row.interest_paise) >= 0 for row in rows)
    assert all(row.total_paise > 0 for row in rows)


@few_examples
@given(terms_of_any_kind().filter(lambda terms: terms.interest_method in _EQUATED))
def test_i17_repaying_instalments_are_equal_but_the_first_and_the_last(terms: LoanTerms) -> None:
    plan = planned(terms)
    repaying = [row.total_paise for row in plan.rows if row.principal_paise > 0]
    assert set(repaying[1:-1]) <= {plan.instalment_paise}
    idle = terms.principal_moratorium_periods - terms.interest_moratorium_periods
    if idle == 0 and len(repaying) > 1:
        apart_paise = repaying[0] - plan.instalment_paise
        assert 0 <= apart_paise <= plan.broken_interest_paise + plan.moratorium_interest_paise


@few_examples
@given(terms_of_any_kind(), st.integers(500, 1_500))
def test_i46_a_higher_rate_never_costs_less_whatever_the_kind(
    terms: LoanTerms, more_bps: int
) -> None:
    plan = planned(terms)
    dearer = planned(replace(terms, annual_rate_bps=terms.annual_rate_bps + more_bps))
    slack = 2 * RUPEE * len(plan.rows)
    assert total_interest(dearer) + slack >= total_interest(plan)


@few_examples
@given(terms_of_any_kind(), st.integers(2, 9))
def test_i47_a_loan_k_times_as_large_costs_k_times_as_much_within_rounding(
    terms: LoanTerms, times: int
) -> None:
    plan = planned(terms)
    larger = planned(replace(terms, principal_paise=terms.principal_paise * times))
    growth = (1 + Fraction(terms.annual_rate_bps, 10_000)) ** (terms.tenure_months // 12 + 2)
    bound = (times + 1) * 2 * RUPEE * (len(plan.rows) + 2) * growth
    assert abs(total_interest(larger) - times * total_interest(plan)) <= bound


def planned(terms: LoanTerms) -> RepaymentPlan:
    """Return the plan, leaving out the terms that are refused: without a possible schedule."""
    try:
        return repayment_plan(terms)
    except InvalidTerms:
        reject()


def total_interest(plan: RepaymentPlan) -> int:
    """Return all that is paid beyond the amount lent."""
    return (
        sum(row.interest_paise for row in plan.rows)
        + plan.upfront_interest_paise
        + plan.capitalised_interest_paise
    )
