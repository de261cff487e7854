"""The lender's calendar: the day in India, and months that keep their anchor day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bright_credit.common.business_day import (
    add_months,
    business_date_of,
    clamp_day,
    day_after,
    days_between,
    first_of_month,
    months_between,
)

dates = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 12, 31))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2025, 3, 31, 18, 29, 59, tzinfo=UTC), date(2025, 3, 31)),
        (datetime(2025, 3, 31, 18, 30, tzinfo=UTC), date(2025, 4, 1)),
        (datetime(2025, 3, 31, 0, 0, tzinfo=UTC), date(2025, 3, 31)),
    ],
)
def test_the_day_changes_at_midnight_in_india(instant: datetime, day: date) -> None:
    assert business_date_of(instant) == day


def test_an_instant_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        business_date_of(datetime(2025, 3, 31))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("months", "day"),
    [
        (0, date(2025, 1, 31)),
        (1, date(2025, 2, 28)),
        (2, date(2025, 3, 31)),
        (3, date(2025, 4, 30)),
        (13, date(2026, 2, 28)),
        (37, date(2028, 2, 29)),
        (-2, date(2024, 11, 30)),
    ],
)
def test_the_anchor_day_survives_short_months(months: int, day: date) -> None:
    assert add_months(date(2025, 1, 31), months) == day


def test_the_anchor_day_may_be_another() -> None:
    assert add_months(date(2025, 2, 28), 1, anchor_day=31) == date(2025, 3, 31)


@given(dates, st.integers(min_value=0, max_value=400))
def test_months_added_are_the_months_between(start: date, months: int) -> None:
    assert months_between(start, add_months(start, months)) == months


@given(dates, st.integers(min_value=1, max_value=400))
def test_a_month_is_complete_on_its_day_and_not_before(start: date, months: int) -> None:
    end = add_months(start, months)
    assert months_between(start, end - timedelta(days=1)) == months - 1


def test_months_do_not_run_backwards() -> None:
    assert months_between(date(2025, 2, 1), date(2025, 1, 1)) == 0


def test_small_steps() -> None:
    assert clamp_day(2024, 2, 31) == date(2024, 2, 29)
    assert day_after(date(2024, 12, 31)) == date(2025, 1, 1)
    assert days_between(date(2025, 3, 31), date(2025, 4, 30)) == 30
    assert days_between(date(2025, 4, 1), date(2025, 3, 31)) == -1
    assert first_of_month(date(2025, 3, 31)) == date(2025, 3, 1)
