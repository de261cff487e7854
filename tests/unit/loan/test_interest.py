"""Interest of a period, and of stretches of one, worked by hand; cutting never changes a sum."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bright_credit.common.money import round_to_paisa
from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.interest import (
    InterestBasis,
    InvalidPeriod,
    InvalidRates,
    Period,
    RateChange,
    Rates,
    interest_factor,
    interest_of,
)
from tests.unit.loan.histories import LAKH, RUPEE, few_examples

MONTHLY_RESTS = InterestBasis(anchor_day=5)
JANUARY = Period(start=date(2025, 1, 5), end=date(2025, 2, 5))
TWELVE = Rates(annual_rate_bps=1_200)


def basis(day_count: DayCount, frequency: Frequency = Frequency.MONTHLY) -> InterestBasis:
    return InterestBasis(day_count=day_count, frequency=frequency, anchor_day=5)


@pytest.mark.parametrize(
    ("day_count", "paise"),
    [
        (DayCount.EQUAL_PERIODS, 1_000_00),
        (DayCount.THIRTY_360, 1_000_00),
        (DayCount.THIRTY_E_360, 1_000_00),
        (DayCount.ACTUAL_365, 1_019_18),  # 12,000 × 31/365
        (DayCount.ACTUAL_360, 1_033_33),
        (DayCount.ACTUAL_ACTUAL, 1_019_18),
    ],
)
def test_a_month_of_31_days_on_a_lakh_at_12_percent(day_count: DayCount, paise: int) -> None:
    interest = interest_of(LAKH, rates=TWELVE, period=JANUARY, basis=basis(day_count))
    assert round_to_paisa(interest) == paise


def test_a_leap_years_days_count_less_by_the_actual_length_of_the_year() -> None:
    leap = Period(start=date(2024, 1, 5), end=date(2024, 2, 5))
    interest = interest_of(LAKH, rates=TWELVE, period=leap, basis=basis(DayCount.ACTUAL_ACTUAL))
    assert interest == Fraction(LAKH * 12 * 31, 100 * 366)


@pytest.mark.parametrize(
    ("frequency", "period", "expected"),
    [
        (Frequency.QUARTERLY, Period(start=date(2025, 1, 5), end=date(2025, 4, 5)), (1, 4)),
        (Frequency.FORTNIGHTLY, Period(start=date(2025, 1, 5), end=date(2025, 1, 19)), (1, 26)),
        (Frequency.WEEKLY, Period(start=date(2025, 1, 5), end=date(2025, 1, 12)), (1, 52)),
    ],
)
def test_equal_periods_are_the_same_part_of_a_year(
    frequency: Frequency, period: Period, expected: tuple[int, int]
) -> None:
    equal = basis(DayCount.EQUAL_PERIODS, frequency)
    assert equal.year_fraction(period) == Fraction(*expected)


@pytest.mark.parametrize(
    ("start", "end", "anchor_day", "expected"),
    [
        # The due day moved from the fifth to the tenth: a month, and five days before it.
        (date(2025, 3, 5), date(2025, 4, 10), 10, Fraction(1, 12) + Fraction(5, 365)),
        # A holiday of two months: three whole ones.
        (date(2025, 3, 5), date(2025, 6, 5), 5, Fraction(3, 12)),
        # The due day moved from the tenth to the fifth: 26 days, and no whole month.
        (date(2025, 3, 10), date(2025, 4, 5), 5, Fraction(26, 365)),
        (date(2025, 2, 28), date(2025, 3, 31), 31, Fraction(1, 12)),
    ],
)
def test_a_period_that_is_not_a_whole_one_is_whole_ones_and_days_before_them(
    start: date, end: date, anchor_day: int, expected: Fraction
) -> None:
    equal = InterestBasis(anchor_day=anchor_day)
    assert equal.year_fraction(Period(start=start, end=end)) == expected


def test_a_stretch_of_an_equal_period_is_its_share_of_the_days() -> None:
    """Fifteen of January's 31 days, and the sixteen that are left of them: 483.87 and 516.13."""
    asked = date(2025, 1, 20)
    so_far = interest_of(LAKH, rates=TWELVE, period=JANUARY, basis=MONTHLY_RESTS, until=asked)
    rest = interest_of(LAKH, rates=TWELVE, period=JANUARY, basis=MONTHLY_RESTS, since=asked)
    assert (round_to_paisa(so_far), round_to_paisa(rest)) == (483_87, 516_13)
    assert so_far + rest == 1_000 * RUPEE


def test_a_rate_that_changes_within_a_period_counts_from_its_day_on() -> None:
    """15 days at 12 % and 16 days at 15 %, of a month: 1,000 × 15/31 + 1,250 × 16/31 = 1,129.03."""
    rates = Rates(
        annual_rate_bps=1_200,
        changes=(RateChange(from_date=date(2025, 1, 20), annual_rate_bps=1_500),),
    )
    interest = interest_of(LAKH, rates=rates, period=JANUARY, basis=MONTHLY_RESTS)
    assert round_to_paisa(interest) == 1_129_03
    assert rates.on(date(2025, 1, 19)) == 1_200
    assert rates.on(date(2025, 1, 20)) == 1_500


def test_a_change_on_a_periods_first_day_holds_for_all_of_it() -> None:
    rates = Rates(
        annual_rate_bps=1_200,
        changes=(RateChange(from_date=JANUARY.start, annual_rate_bps=1_500),),
    )
    assert interest_of(LAKH, rates=rates, period=JANUARY, basis=MONTHLY_RESTS) == 1_250 * RUPEE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ([(date(2025, 2, 1), 900), (date(2025, 2, 1), 800)], "changes"),
        ([(date(2025, 3, 1), 900), (date(2025, 2, 1), 800)], "changes"),
        ([(date(2025, 3, 1), -1)], "annual_rate_bps"),
    ],
)
def test_rates_out_of_order_or_negative_are_refused(
    changes: list[tuple[date, int]], field: str
) -> None:
    with pytest.raises(InvalidRates) as refusal:
        Rates(
            annual_rate_bps=1_200,
            changes=tuple(
                RateChange(from_date=day, annual_rate_bps=rate_bps) for day, rate_bps in changes
            ),
        )
    assert (refusal.value.field, refusal.value.code) == (field, "invalid_rates")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2025, 1, 4), None),
        (None, date(2025, 2, 6)),
        (date(2025, 1, 20), date(2025, 1, 19)),
    ],
)
def test_days_outside_the_period_are_refused(since: date | None, until: date | None) -> None:
    with pytest.raises(InvalidPeriod):
        MONTHLY_RESTS.year_fraction(JANUARY, since=since, until=until)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidPeriod) as refusal:
        Period(start=date(2025, 2, 5), end=date(2025, 2, 4))
    assert (refusal.value.field, refusal.value.code) == ("end", "invalid_period")


@few_examples
@given(
    st.sampled_from(DayCount),
    st.sampled_from(Frequency),
    st.dates(date(2019, 1, 1), date(2029, 1, 1)),
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 4_000)), max_size=3),
    st.integers(0, 200),
)
def test_i25_cutting_a_period_anywhere_never_changes_its_interest(
    day_count: DayCount,
    frequency: Frequency,
    start: date,
    days: int,
    drawn_changes: list[tuple[int, int]],
    cut: int,
) -> None:
    period = Period(start=start, end=date.fromordinal(start.toordinal() + days))
    rates = Rates(
        annual_rate_bps=1_000,
        changes=tuple(
            RateChange(
                from_date=date.fromordinal(start.toordinal() + offset), annual_rate_bps=rate_bps
            )
            for offset, rate_bps in sorted(dict(drawn_changes).items())
        ),
    )
    middle = date.fromordinal(start.toordinal() + min(cut, days))
    drawn = InterestBasis(day_count=day_count, frequency=frequency, anchor_day=start.day)
    pieces = interest_factor(rates, period=period, basis=drawn, until=middle) + interest_factor(
        rates, period=period, basis=drawn, since=middle
    )
    assert pieces == interest_factor(rates, period=period, basis=drawn)
