"""Due dates of every frequency: the first one, and those that follow."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.frequency import Frequency
from tests.unit.loan.histories import few_examples

MONTHLY, QUARTERLY = Frequency.MONTHLY, Frequency.QUARTERLY
FORTNIGHTLY, WEEKLY = Frequency.FORTNIGHTLY, Frequency.WEEKLY


def dates(frequency: Frequency, first: date, count: int, *, anchor_day: int | None) -> list[date]:
    return list(islice(frequency.due_dates(first, anchor_day=anchor_day), count))


def test_the_31st_comes_back_after_february_in_a_leap_year_too() -> None:
    assert dates(MONTHLY, date(2024, 1, 31), 5, anchor_day=31) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
        date(2024, 5, 31),
    ]


def test_an_anchor_is_kept_when_the_first_date_is_clamped() -> None:
    assert dates(MONTHLY, date(2025, 2, 28), 2, anchor_day=30) == [
        date(2025, 2, 28),
        date(2025, 3, 30),
    ]


def test_quarters_keep_the_anchor_over_a_short_month() -> None:
    assert dates(QUARTERLY, date(2025, 8, 31), 4, anchor_day=31) == [
        date(2025, 8, 31),
        date(2025, 11, 30),
        date(2026, 2, 28),
        date(2026, 5, 31),
    ]


def test_weeks_and_fortnights_keep_the_weekday() -> None:
    assert dates(WEEKLY, date(2024, 2, 26), 2, anchor_day=None)[1] == date(2024, 3, 4)
    assert dates(FORTNIGHTLY, date(2024, 2, 26), 2, anchor_day=None)[1] == date(2024, 3, 11)


@pytest.mark.parametrize(
    ("frequency", "months", "periods", "divides"),
    [
        (MONTHLY, 24, 24, True),
        (QUARTERLY, 24, 8, True),
        (QUARTERLY, 7, 2, False),
        (FORTNIGHTLY, 12, 26, True),
        (FORTNIGHTLY, 3, 6, True),  # six and a half
        (WEEKLY, 12, 52, True),
        (WEEKLY, 18, 78, True),
        (WEEKLY, 1, 4, True),
    ],
)
def test_a_tenure_is_so_many_periods(
    frequency: Frequency, months: int, periods: int, divides: bool
) -> None:
    assert frequency.periods_in(months) == periods
    assert frequency.divides(months) is divides


@pytest.mark.parametrize(
    ("frequency", "due_day", "gap", "expected"),
    [
        (MONTHLY, 5, 15, date(2026, 4, 5)),
        (MONTHLY, 5, 25, date(2026, 5, 5)),  # 24 days to 5 April are too few
        (QUARTERLY, 5, 15, date(2026, 6, 5)),
        (QUARTERLY, 31, 15, date(2026, 5, 31)),  # 31 March leaves 19 days, and two months more
        (WEEKLY, None, 0, date(2026, 3, 19)),
        (WEEKLY, None, 7, date(2026, 3, 19)),
        (WEEKLY, None, 8, date(2026, 3, 26)),
        (FORTNIGHTLY, None, 7, date(2026, 3, 26)),
        (FORTNIGHTLY, None, 15, date(2026, 4, 2)),  # a fortnight, and a week until the gap is left
    ],
)
def test_the_first_due_date_leaves_the_gap_after_12_march(
    frequency: Frequency, due_day: int | None, gap: int, expected: date
) -> None:
    first = frequency.first_due_date(date(2026, 3, 12), due_day=due_day, minimum_gap_days=gap)
    assert first == expected


@few_examples
@given(
    st.sampled_from(Frequency),
    st.dates(date(2000, 1, 1), date(2099, 1, 1)),
    st.integers(1, 31),
    st.integers(0, 90),
)
def test_the_first_due_date_leaves_the_gap_and_is_not_a_period_too_late(
    frequency: Frequency, disbursed_on: date, day: int, gap: int
) -> None:
    due_day = day if frequency.has_due_day else None
    first = frequency.first_due_date(disbursed_on, due_day=due_day, minimum_gap_days=gap)
    period_days = frequency.days or 31 * frequency.months
    assert max(1, gap) <= (first - disbursed_on).days <= max(1, gap) + period_days


@few_examples
@given(st.sampled_from(Frequency), st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 31))
def test_i16_due_dates_rise_and_going_back_finds_the_one_before(
    frequency: Frequency, disbursed_on: date, day: int
) -> None:
    anchor = day if frequency.has_due_day else None
    first = frequency.first_due_date(disbursed_on, due_day=anchor, minimum_gap_days=10)
    for earlier, later in pairwise(dates(frequency, first, 30, anchor_day=anchor)):
        assert later > earlier
        assert frequency.shifted(later, -1, anchor_day=anchor) == earlier
        assert later - earlier >= timedelta(days=frequency.days)


@pytest.mark.parametrize(
    ("frequency", "a_month", "most"),
    [(MONTHLY, 1_000, 1), (QUARTERLY, 334, 1), (FORTNIGHTLY, 2_167, 3), (WEEKLY, 4_334, 5)],
)
def test_an_instalment_weighs_on_a_month_by_how_many_a_year_has(
    frequency: Frequency, a_month: int, most: int
) -> None:
    """1,000 paise a quarter are 333.3 a month, a fortnight 2,166.7, a week 4,333.3: rounded up."""
    assert frequency.a_month(1_000) == a_month
    assert frequency.most_in_a_month == most
