"""Due dates: the first one, and the anchor day through short months and leap years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.schedule import amortization_schedule, first_due_date
from tests.unit.loan.histories import few_examples, terms_of


@pytest.mark.parametrize(
    ("disbursed_on", "due_day", "minimum_gap_days", "expected"),
    [
        (date(2026, 3, 12), 5, 15, date(2026, 4, 5)),
        (date(2026, 3, 12), 5, 30, date(2026, 5, 5)),  # 24 days to 5 April are too few
        (date(2026, 3, 5), 5, 0, date(2026, 4, 5)),  # never on the day of disbursement
        (date(2026, 3, 4), 5, 0, date(2026, 3, 5)),
        (date(2026, 3, 6), 5, 30, date(2026, 4, 5)),  # exactly 30 days
        (date(2026, 3, 7), 5, 30, date(2026, 5, 5)),  # 29
        (date(2024, 1, 31), 31, 15, date(2024, 2, 29)),
        (date(2025, 1, 31), 31, 15, date(2025, 2, 28)),
        (date(2025, 12, 20), 5, 30, date(2026, 2, 5)),  # over the year's end
        (date(2026, 3, 12), 5, 60, date(2026, 6, 5)),
    ],
)
def test_the_first_due_date_leaves_the_minimum_gap(
    disbursed_on: date, due_day: int, minimum_gap_days: int, expected: date
) -> None:
    first = first_due_date(disbursed_on, due_day=due_day, minimum_gap_days=minimum_gap_days)
    assert first == expected


def test_an_anchor_on_the_31st_survives_short_months_and_a_leap_year() -> None:
    plans = amortization_schedule(
        terms_of(
            tenure_months=14,
            disbursed_on=date(2024, 1, 31),
            first_due=date(2024, 2, 29),
            due_day=31,
        )
    )
    assert [f"{plan.due_date:%d %b %y}" for plan in plans] == [
        "29 Feb 24",
        "31 Mar 24",
        "30 Apr 24",
        "31 May 24",
        "30 Jun 24",
        "31 Jul 24",
        "31 Aug 24",
        "30 Sep 24",
        "31 Oct 24",
        "30 Nov 24",
        "31 Dec 24",
        "31 Jan 25",
        "28 Feb 25",
        "31 Mar 25",
    ]


@few_examples
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 31), st.integers(0, 60))
def test_no_earlier_agreed_day_would_have_left_the_gap(
    disbursed_on: date, due_day: int, minimum_gap_days: int
) -> None:
    first = first_due_date(disbursed_on, due_day=due_day, minimum_gap_days=minimum_gap_days)
    gap = max(1, minimum_gap_days)
    assert (first - disbursed_on).days >= gap
    # The agreed day a month earlier, if it was after the disbursement at all, came too soon.
    assert (first - disbursed_on).days < gap + 31
