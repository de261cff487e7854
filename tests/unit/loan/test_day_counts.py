"""Day counts against the published examples of those who define them."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.day_counts import DayCount, year_fraction
from tests.unit.loan.histories import few_examples

#: ISDA, "30/360 Day Count Conventions", sheet "Comparison" of 30-360-2006ISDADefs.xls: the days by
#: 30E/360 and actual/360. 30/360 differs from 30E/360 where an end on the 31st is not cut.
ISDA_COMPARISON = [
    (date(2007, 1, 15), date(2007, 1, 30), 15, 15, 15),
    (date(2007, 1, 15), date(2007, 2, 15), 30, 30, 31),
    (date(2007, 1, 15), date(2007, 7, 15), 180, 180, 181),
    (date(2007, 9, 30), date(2008, 3, 31), 180, 180, 183),
    (date(2007, 9, 30), date(2007, 10, 31), 30, 30, 31),
    (date(2007, 9, 30), date(2008, 9, 30), 360, 360, 366),
    (date(2007, 1, 15), date(2007, 1, 31), 16, 15, 16),
    (date(2007, 1, 31), date(2007, 2, 28), 28, 28, 28),
    (date(2007, 2, 28), date(2007, 3, 31), 33, 32, 31),
    (date(2006, 8, 31), date(2007, 2, 28), 178, 178, 181),
    (date(2007, 2, 28), date(2007, 8, 31), 183, 182, 184),
    (date(2007, 2, 14), date(2007, 2, 28), 14, 14, 14),
    (date(2007, 2, 26), date(2008, 2, 29), 363, 363, 368),
    (date(2008, 2, 29), date(2009, 2, 28), 359, 359, 365),
    (date(2008, 2, 29), date(2008, 3, 30), 31, 31, 30),
    (date(2008, 2, 29), date(2008, 3, 31), 32, 31, 31),
    (date(2007, 2, 28), date(2007, 3, 5), 7, 7, 5),
    (date(2007, 10, 31), date(2007, 11, 28), 28, 28, 28),
    (date(2007, 8, 31), date(2008, 2, 29), 179, 179, 182),
    (date(2008, 2, 29), date(2008, 8, 31), 182, 181, 184),
    (date(2008, 8, 31), date(2009, 2, 28), 178, 178, 181),
    (date(2009, 2, 28), date(2009, 8, 31), 183, 182, 184),
]

#: ISDA, "The Actual/Actual Day Count Fraction", 1999: what its ISDA method gives in each example.
ISDA_ACTUAL_ACTUAL = [
    (date(2003, 11, 1), date(2004, 5, 1), Fraction(61, 365) + Fraction(121, 366)),
    (date(1999, 2, 1), date(1999, 7, 1), Fraction(150, 365)),
    (date(1999, 7, 1), date(2000, 7, 1), Fraction(184, 365) + Fraction(182, 366)),
    (date(2002, 8, 15), date(2003, 7, 15), Fraction(334, 365)),
    (date(2003, 7, 15), date(2004, 1, 15), Fraction(170, 365) + Fraction(14, 366)),
    (date(1999, 7, 30), date(2000, 1, 30), Fraction(155, 365) + Fraction(29, 366)),
    (date(2000, 1, 30), date(2000, 6, 30), Fraction(152, 366)),
]


@pytest.mark.parametrize(("start", "end", "bond", "eurobond", "actual"), ISDA_COMPARISON)
def test_isdas_own_comparison_of_thirty_and_actual_days_is_met(
    start: date, end: date, bond: int, eurobond: int, actual: int
) -> None:
    assert year_fraction(start, end, day_count=DayCount.THIRTY_360) == Fraction(bond, 360)
    assert year_fraction(start, end, day_count=DayCount.THIRTY_E_360) == Fraction(eurobond, 360)
    assert year_fraction(start, end, day_count=DayCount.ACTUAL_360) == Fraction(actual, 360)
    assert year_fraction(start, end, day_count=DayCount.ACTUAL_365) == Fraction(actual, 365)


@pytest.mark.parametrize(("start", "end", "expected"), ISDA_ACTUAL_ACTUAL)
def test_isdas_own_examples_of_actual_actual_are_met(
    start: date, end: date, expected: Fraction
) -> None:
    assert year_fraction(start, end, day_count=DayCount.ACTUAL_ACTUAL) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2024, 12, 31), date(2025, 1, 1), Fraction(1, 366)),  # the last day of a leap year
        (date(2023, 12, 31), date(2024, 12, 31), Fraction(1, 365) + Fraction(365, 366)),
        (date(2023, 1, 1), date(2026, 1, 1), Fraction(3)),
        (date(2024, 2, 29), date(2024, 2, 29), Fraction(0)),
    ],
)
def test_a_day_counts_in_the_year_it_lies_in(start: date, end: date, expected: Fraction) -> None:
    assert year_fraction(start, end, day_count=DayCount.ACTUAL_ACTUAL) == expected


@few_examples
@given(
    st.lists(st.dates(date(1999, 1, 1), date(2101, 1, 1)), min_size=3, max_size=3),
    st.sampled_from([DayCount.ACTUAL_365, DayCount.ACTUAL_360, DayCount.ACTUAL_ACTUAL]),
)
def test_actual_days_add_up_wherever_time_is_cut(days: list[date], day_count: DayCount) -> None:
    start, middle, end = sorted(days)
    whole = year_fraction(start, end, day_count=day_count)
    first = year_fraction(start, middle, day_count=day_count)
    assert first + year_fraction(middle, end, day_count=day_count) == whole


@few_examples
@given(
    st.dates(date(1999, 1, 1), date(2101, 1, 1)),
    st.integers(0, 800),
    st.sampled_from(DayCount),
)
def test_a_later_end_is_never_a_smaller_part_of_a_year(
    start: date, days: int, day_count: DayCount
) -> None:
    end = date.fromordinal(start.toordinal() + days)
    later = date.fromordinal(end.toordinal() + 1)
    assert (
        0
        <= year_fraction(start, end, day_count=day_count)
        <= year_fraction(start, later, day_count=day_count)
    )
