"""Days past due and buckets, by the regulator's own dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.delinquency import Bucket, bucket, days_past_due
from tests.unit.loan.histories import few_examples

DUE = date(2021, 3, 31)


@pytest.mark.parametrize(
    ("due", "day", "expected"),
    [
        (DUE, date(2021, 3, 30), Bucket.CURRENT),
        (DUE, date(2021, 3, 31), Bucket.SMA_0),
        (DUE, date(2021, 4, 29), Bucket.SMA_0),
        (DUE, date(2021, 4, 30), Bucket.SMA_1),
        (DUE, date(2021, 5, 29), Bucket.SMA_1),
        (DUE, date(2021, 5, 30), Bucket.SMA_2),
        (DUE, date(2021, 6, 28), Bucket.SMA_2),
        (DUE, date(2021, 6, 29), Bucket.NPA),
        (date(2021, 12, 1), date(2021, 12, 31), Bucket.SMA_1),
        (date(2021, 12, 1), date(2022, 1, 30), Bucket.SMA_2),
        (date(2021, 12, 1), date(2022, 3, 1), Bucket.NPA),
        (date(2024, 1, 31), date(2024, 3, 1), Bucket.SMA_1),  # over a 29 February
    ],
)
def test_the_regulators_dates_are_day_end_dates(due: date, day: date, expected: Bucket) -> None:
    """RBI, 12 November 2021, worked example (31 March), and the same rule from 1 December."""
    assert bucket(due, day, day_ended=True) is expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, Bucket.CURRENT),
        (1, Bucket.SMA_0),
        (30, Bucket.SMA_0),
        (31, Bucket.SMA_1),
        (90, Bucket.SMA_2),
        (91, Bucket.NPA),
    ],
)
def test_while_a_day_runs_the_class_is_that_of_the_day_before(days: int, expected: Bucket) -> None:
    assert bucket(DUE, DUE + timedelta(days=days), day_ended=False) is expected


def test_nothing_unpaid_is_current_and_zero_days_past_due() -> None:
    assert bucket(None, DUE, day_ended=True) is Bucket.CURRENT
    assert days_past_due(None, DUE) == 0


def test_a_due_to_come_is_zero_days_past_due() -> None:
    assert days_past_due(DUE, DUE - timedelta(days=10)) == 0


def test_i30_an_npa_stays_one_whatever_its_days_past_due() -> None:
    assert bucket(DUE, DUE, day_ended=True, npa_since=date(2021, 1, 1)) is Bucket.NPA


@few_examples
@given(st.integers(0, 400))
def test_i29_days_past_due_grow_by_one_a_day(days: int) -> None:
    today = DUE + timedelta(days=days)
    assert days_past_due(DUE, today + timedelta(days=1)) == days_past_due(DUE, today) + 1
