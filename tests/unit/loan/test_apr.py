"""The annual percentage rate, against the regulator's own illustration and by its definition."""

from datetime import date
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from bright_credit.common.money import rate_to_bps
from loan.domain.apr import (
    NoAnnualPercentageRate,
    Repayment,
    months_after,
    rate_of_return_bps,
)
from loan.domain.schedule import amortization_schedule, exact_equated_instalment
from tests.unit.loan.histories import LAKH, RUPEE, few_examples, terms_of
from tests.unit.loan.rates import monthly_rate_bps


def test_the_key_facts_statements_illustration_is_17_07_percent() -> None:
    """RBI, 15 April 2024, Annex B: 20,000 at 15 % over 24 months, 400 of fees, unrounded EPI."""
    instalment = exact_equated_instalment(20_000 * RUPEE, annual_rate_bps=1_500, tenure_months=24)
    assert monthly_rate_bps(19_600 * RUPEE, [instalment] * 24) == 1_707


def test_the_same_with_the_instalment_rounded_to_970_is_17_10_percent() -> None:
    assert monthly_rate_bps(19_600 * RUPEE, [970 * RUPEE] * 24) == 1_710


@pytest.mark.parametrize(("kept_back", "expected"), [(10_000, 1_808), (11_800, 1_846)])
def test_five_lakh_at_16_percent_with_a_fee_of_2_percent_without_and_with_its_tax(
    kept_back: int, expected: int
) -> None:
    plans = amortization_schedule(terms_of(5 * LAKH, annual_rate_bps=1_600, tenure_months=24))
    instalments = [plan.total_paise for plan in plans]
    assert monthly_rate_bps(5 * LAKH - kept_back * RUPEE, instalments) == expected


def test_the_flat_sample_loan_of_8_8_percent_costs_16_08_percent() -> None:
    assert monthly_rate_bps(5 * LAKH, [24_500 * RUPEE] * 24) == 1_608


@pytest.mark.parametrize("instalments", [[100], [50, 50], [0, 0, 100]])
def test_what_costs_nothing_has_a_rate_of_zero(instalments: list[int]) -> None:
    assert monthly_rate_bps(100, instalments) == 0


@pytest.mark.parametrize(
    ("paid_back", "expected"),
    [
        (100_000 + 83, 100),  # 0.083 % a month is 0.996 % a year
        (100_000 + 8_333, 10_000),
        (200_000, 120_000),  # doubled within a month: 1,200 % a year
    ],
)
def test_one_instalment_is_simple_interest(paid_back: int, expected: int) -> None:
    assert monthly_rate_bps(100_000, [paid_back]) == expected


def test_half_a_basis_point_rounds_up() -> None:
    """3 in 240,000 a month are exactly one and a half basis points a year."""
    assert monthly_rate_bps(240_000, [240_003]) == 2


@pytest.mark.parametrize(
    ("net_disbursed_paise", "instalments"),
    [(0, [100]), (-1, [100]), (100, [99]), (100, []), (100, [200, -50])],
)
def test_flows_without_a_rate_of_return_are_refused(
    net_disbursed_paise: int, instalments: list[int]
) -> None:
    with pytest.raises(NoAnnualPercentageRate):
        monthly_rate_bps(net_disbursed_paise, instalments)


@pytest.mark.parametrize(
    ("advance", "payment", "count", "first", "twelve_times_the_unit_rate"),
    [
        (5_000, 230_00, 24, Fraction(1), 969),
        (6_000, 200_00, 36, 1 + Fraction(19, 30), 1_182),  # a long first period
        (5_000, 219_17, 24, Fraction(6, 15), 1_034 / 2),  # a short one, of half months
        (10_000, 385_00, 40, 1 + Fraction(39, 90), 897 * 3),  # quarters
        (500, 17_60, 30, 4 + Fraction(4, 7), 1_496 * 12 / 52),  # weeks
    ],
)
def test_regulation_zs_own_examples_of_odd_first_periods_are_met(
    advance: int, payment: int, count: int, first: Fraction, twelve_times_the_unit_rate: float
) -> None:
    """12 CFR 1026, Appendix J (c)(2), each in its own unit of time, to a hundredth per cent."""
    rate = rate_of_return_bps(
        advance * 100,
        [Repayment(months=first + place, amount_paise=payment) for place in range(count)],
    )
    assert abs(rate - twelve_times_the_unit_rate) <= 1.5


@pytest.mark.parametrize(
    ("day", "anchor_day", "expected"),
    [
        (date(2026, 4, 12), None, Fraction(1)),
        (date(2026, 3, 19), None, Fraction(7 * 12, 365)),
        (date(2026, 5, 5), 5, 1 + Fraction(24 * 12, 365)),
        (date(2027, 3, 12), 12, Fraction(12)),
        (date(2026, 4, 5), 5, Fraction(24 * 12, 365)),
    ],
)
def test_months_after_12_march_are_whole_ones_back_from_the_day_and_days_before_them(
    day: date, anchor_day: int | None, expected: Fraction
) -> None:
    assert months_after(date(2026, 3, 12), day, anchor_day=anchor_day) == expected


def test_a_month_to_a_clamped_due_date_is_a_month() -> None:
    assert months_after(date(2025, 1, 31), date(2025, 2, 28), anchor_day=31) == 1


def test_money_back_before_it_was_paid_out_has_no_rate() -> None:
    with pytest.raises(NoAnnualPercentageRate):
        rate_of_return_bps(100, [Repayment(months=Fraction(0), amount_paise=100)])


@few_examples
@given(
    st.lists(
        st.tuples(st.fractions(Fraction(1, 365), 60, max_denominator=365), st.integers(0, 10**7)),
        min_size=1,
        max_size=20,
    ),
    st.integers(1, 100),
)
def test_i27_the_rate_of_irregular_flows_is_the_nearest_basis_point(
    flows: list[tuple[Fraction, int]], percent_received: int
) -> None:
    received = max(1, sum(amount for _, amount in flows) * percent_received // 100)
    if sum(amount for _, amount in flows) < received:
        return
    repayments = [Repayment(months=months, amount_paise=amount) for months, amount in flows]
    rate = rate_of_return_bps(received, repayments)
    low, high = (Fraction(2 * rate + side, 240_000) for side in (-1, 1))
    assert worth_of(flows, low) >= received > worth_of(flows, high)


def worth_of(flows: list[tuple[Fraction, int]], monthly_rate: Fraction) -> Fraction:
    """Return what flows at whole and broken months are worth at disbursement."""
    worth = Fraction(0)
    for months, amount in flows:
        whole = months.numerator // months.denominator
        growth = (1 + monthly_rate) ** whole * (1 + (months - whole) * monthly_rate)
        worth += amount / growth
    return worth


@few_examples
@given(st.integers(1, 4_000), st.integers(1, 60), st.integers(1_000, 10**9))
def test_i27_without_fees_the_rate_is_the_contracts_own(
    annual_rate_bps: int, tenure_months: int, principal_paise: int
) -> None:
    instalment = exact_equated_instalment(
        principal_paise, annual_rate_bps=annual_rate_bps, tenure_months=tenure_months
    )
    assert monthly_rate_bps(principal_paise, [instalment] * tenure_months) == (annual_rate_bps)


@few_examples
@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=36), st.integers(1, 100))
def test_i27_the_rate_found_is_the_nearest_basis_point_to_the_rate_of_return(
    instalments: list[int], percent_received: int
) -> None:
    received = max(1, sum(instalments) * percent_received // 100)
    if sum(instalments) < received:
        return
    rate = monthly_rate_bps(received, instalments)
    low, high = (Fraction(2 * rate + side, 240_000) for side in (-1, 1))
    assert present_value(instalments, low) >= received > present_value(instalments, high)
    assert rate_to_bps((low + high) * 6) == rate


def present_value(instalments: list[int], monthly_rate: Fraction) -> Fraction:
    """Return what the instalments are worth at disbursement."""
    return sum(
        (amount / (1 + monthly_rate) ** (month + 1) for month, amount in enumerate(instalments)),
        Fraction(0),
    )


@few_examples
@given(
    principal=st.integers(10_000 * RUPEE, 50 * LAKH),
    rate=st.integers(100, 4_000),
    months=st.integers(2, 60),
    fee_bps=st.integers(0, 500),
)
def test_a_library_that_reckons_in_floats_finds_the_same_rate(
    principal: int, rate: int, months: int, fee_bps: int
) -> None:
    plans = amortization_schedule(terms_of(principal, annual_rate_bps=rate, tenure_months=months))
    instalments = [plan.total_paise for plan in plans]
    net = principal - principal * fee_bps // 10_000
    monthly = pyxirr.irr([-net, *instalments])
    assert monthly is not None
    assert abs(monthly_rate_bps(net, instalments) - monthly * 12 * 10_000) <= 0.51
