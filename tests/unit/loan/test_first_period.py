"""What stands before the first instalment: broken periods and moratoria, worked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.schedule import RepaymentPlan, repayment_plan
from loan.domain.terms import (
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    MoratoriumInterest,
)
from tests.unit.loan.histories import LAKH, RUPEE, terms_of

NONE, UPFRONT, WITH_FIRST = BrokenPeriodInterest

#: 500,000 at 16 %, disbursed on 12 March and first due on 5 May: 24 days before the first month.
BROKEN = terms_of(
    5 * LAKH,
    annual_rate_bps=1_600,
    tenure_months=24,
    disbursed_on=date(2026, 3, 12),
    first_due=date(2026, 5, 5),
)


def a_lakh_with_moratorium(
    principal_periods: int,
    interest_periods: int,
    then: MoratoriumInterest = MoratoriumInterest.WITH_FIRST_INSTALMENT,
    *,
    tenure_months: int = 6,
    method: InterestMethod = InterestMethod.REDUCING_BALANCE,
) -> LoanTerms:
    """Return a lakh at 12 % disbursed on 5 January, so that no period is broken."""
    return terms_of(
        LAKH,
        tenure_months=tenure_months,
        interest_method=method,
        first_due=Frequency.MONTHLY.shifted(date(2025, 2, 5), interest_periods, anchor_day=5),
        principal_moratorium_periods=principal_periods,
        interest_moratorium_periods=interest_periods,
        moratorium_interest=then,
    )


def parts(plan: RepaymentPlan) -> list[tuple[int, int]]:
    """Return (principal, interest) of each row, in paise."""
    return [(row.principal_paise, row.interest_paise) for row in plan.rows]


def test_twenty_four_broken_days_on_five_lakh_at_16_percent_are_5260_27() -> None:
    """500,000 × 16 % × 24/365."""
    plan = repayment_plan(replace(BROKEN, broken_period_interest=UPFRONT))
    assert plan.broken_interest_paise == plan.upfront_interest_paise == 5_260_27
    assert plan.rows == repayment_plan(BROKEN).rows


def test_broken_interest_may_come_on_top_of_the_first_instalment() -> None:
    plan = repayment_plan(replace(BROKEN, broken_period_interest=WITH_FIRST))
    usual = repayment_plan(BROKEN)
    assert (plan.broken_interest_paise, plan.upfront_interest_paise) == (5_260_27, 0)
    assert plan.rows[0].total_paise == 24_482_00 + 5_260_27
    assert plan.rows[1:] == usual.rows[1:]
    assert plan.instalment_paise == usual.instalment_paise == 24_482_00


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        (DayCount.EQUAL_PERIODS, 5_260_27),
        (DayCount.ACTUAL_365, 5_260_27),
        (DayCount.ACTUAL_ACTUAL, 5_260_27),
        (DayCount.ACTUAL_360, 5_333_33),
        (DayCount.THIRTY_360, 5_111_11),  # 23 days from the 12th to the 5th
        (DayCount.THIRTY_E_360, 5_111_11),
    ],
)
def test_broken_days_count_as_the_loans_other_days_do(day_count: DayCount, expected: int) -> None:
    plan = repayment_plan(replace(BROKEN, broken_period_interest=UPFRONT, day_count=day_count))
    assert plan.broken_interest_paise == expected


def test_by_default_the_first_period_counts_as_a_whole_one_whatever_its_days() -> None:
    """As agreed with monthly rests: 24 days or 54, the first instalment bears a month."""
    short = replace(BROKEN, first_due_date=date(2026, 4, 5))
    for terms in (BROKEN, short):
        plan = repayment_plan(terms)
        assert plan.rows[0].interest_paise == 6_666_67
        assert plan.broken_interest_paise == 0


@pytest.mark.parametrize("broken", [UPFRONT, WITH_FIRST])
def test_a_short_first_period_bears_its_own_days_where_broken_ones_are_charged(
    broken: BrokenPeriodInterest,
) -> None:
    """24 of the 31 days from 5 March to 5 April: 6,666.67 × 24/31."""
    terms = replace(BROKEN, first_due_date=date(2026, 4, 5), broken_period_interest=broken)
    plan = repayment_plan(terms)
    assert plan.rows[0].interest_paise == 5_161_29
    assert (plan.broken_interest_paise, plan.upfront_interest_paise) == (0, 0)


def test_actual_days_never_begin_before_the_disbursement() -> None:
    """24 days by actual/365, whether broken days are charged or not."""
    terms = replace(BROKEN, first_due_date=date(2026, 4, 5), day_count=DayCount.ACTUAL_365)
    assert repayment_plan(terms).rows[0].interest_paise == 5_260_27


def test_a_weekly_loans_broken_period_is_the_weeks_before_its_first() -> None:
    """Disbursed on 12 March, first due on 2 April: 14 days on 52,000 at 10 %, 199.45."""
    terms = terms_of(
        52_000 * RUPEE,
        annual_rate_bps=1_000,
        interest_method=InterestMethod.EQUAL_PRINCIPAL,
        frequency=Frequency.WEEKLY,
        due_day=None,
        disbursed_on=date(2026, 3, 12),
        first_due=date(2026, 4, 2),
        broken_period_interest=WITH_FIRST,
    )
    plan = repayment_plan(terms)
    assert plan.broken_interest_paise == 199_45
    assert len(plan.rows) == 52
    # 52,000 × 10 % ÷ 52 is a hundred rupees for the first whole week.
    assert parts(plan)[:2] == [(1_000_00, 100_00 + 199_45), (1_000_00, 98_08)]


def test_a_principal_moratorium_collects_the_interest_of_each_month() -> None:
    plan = repayment_plan(a_lakh_with_moratorium(3, 0))
    assert parts(plan) == [
        (0, 1_000_00),
        (0, 1_000_00),
        (0, 1_000_00),
        (33_002_00, 1_000_00),
        (33_332_02, 669_98),
        (33_665_98, 336_66),
    ]
    assert plan.instalment_paise == 34_002_00


def test_deferred_interest_comes_on_top_of_the_first_instalment() -> None:
    plan = repayment_plan(a_lakh_with_moratorium(3, 3))
    assert plan.moratorium_interest_paise == 3_000_00
    assert parts(plan) == [(33_002_00, 4_000_00), (33_332_02, 669_98), (33_665_98, 336_66)]
    assert plan.rows[0].due_date == date(2025, 5, 5)
    assert plan.instalment_paise == 34_002_00


def test_deferred_interest_may_wait_for_the_last_instalment() -> None:
    plan = repayment_plan(a_lakh_with_moratorium(3, 3, MoratoriumInterest.WITH_LAST_INSTALMENT))
    assert parts(plan) == [(33_002_00, 1_000_00), (33_332_02, 669_98), (33_665_98, 3_336_66)]


def test_capitalised_interest_becomes_principal_when_the_moratorium_ends() -> None:
    """103,000 over three months: 35,022.28 a month, in whole rupees 35,022."""
    plan = repayment_plan(a_lakh_with_moratorium(3, 3, MoratoriumInterest.CAPITALISED))
    assert (plan.capitalised_interest_paise, plan.capitalised_on) == (3_000_00, date(2025, 4, 5))
    assert parts(plan) == [(33_992_00, 1_030_00), (34_331_92, 690_08), (34_676_08, 346_76)]
    assert sum(row.principal_paise for row in plan.rows) == LAKH + 3_000_00


def test_an_interest_moratorium_within_a_longer_one_of_the_principal() -> None:
    """A month of nothing, two of interest (with the first month's on the first), then three."""
    plan = repayment_plan(a_lakh_with_moratorium(3, 1))
    assert parts(plan)[:3] == [(0, 2_000_00), (0, 1_000_00), (33_002_00, 1_000_00)]
    assert plan.instalment_paise == 34_002_00


@pytest.mark.parametrize(
    "then", [MoratoriumInterest.WITH_FIRST_INSTALMENT, MoratoriumInterest.WITH_LAST_INSTALMENT]
)
def test_a_bullet_repays_everything_at_once(then: MoratoriumInterest) -> None:
    terms = a_lakh_with_moratorium(5, 5, then, method=InterestMethod.INTEREST_ONLY)
    plan = repayment_plan(terms)
    assert parts(plan) == [(LAKH, 6_000_00)]
    assert plan.rows[0].due_date == date(2025, 7, 5)


def test_flat_interest_of_a_moratorium_is_that_of_its_months() -> None:
    plan = repayment_plan(a_lakh_with_moratorium(2, 2, method=InterestMethod.FLAT))
    assert parts(plan) == [(25_000_00, 3_000_00)] + [(25_000_00, 1_000_00)] * 3


def test_a_zero_rate_bullet_is_the_principal() -> None:
    terms = a_lakh_with_moratorium(5, 5, method=InterestMethod.INTEREST_ONLY)
    assert parts(repayment_plan(replace(terms, annual_rate_bps=0))) == [(LAKH, 0)]


def test_a_zero_rate_has_no_rows_to_show_for_a_principal_moratorium() -> None:
    terms = replace(a_lakh_with_moratorium(3, 0), annual_rate_bps=0)
    with pytest.raises(InvalidTerms) as refusal:
        repayment_plan(terms)
    assert refusal.value.field == "principal_paise"


def test_a_moratorium_after_a_broken_period_begins_with_the_first_whole_month() -> None:
    """24 broken days kept back; then April's month is deferred, and the first due is 5 June."""
    terms = replace(
        BROKEN,
        first_due_date=date(2026, 6, 5),
        broken_period_interest=UPFRONT,
        principal_moratorium_periods=1,
        interest_moratorium_periods=1,
        instalment_rounding=InstalmentRounding.RUPEE,
    )
    plan = repayment_plan(terms)
    assert plan.upfront_interest_paise == 5_260_27
    assert plan.moratorium_interest_paise == 6_666_67
    assert plan.rows[0].interest_paise == 6_666_67 * 2
    assert len(plan.rows) == 23


def test_interest_that_leaves_nothing_to_pay_out_is_refused() -> None:
    """Four hundred days at 1,000 % a year."""
    terms = replace(
        BROKEN,
        annual_rate_bps=100_000,
        first_due_date=date(2027, 6, 5),
        broken_period_interest=UPFRONT,
    )
    with pytest.raises(InvalidTerms) as refusal:
        repayment_plan(terms)
    assert refusal.value.field == "broken_period_interest"
