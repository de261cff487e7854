"""The rest of a schedule from any point: worked by hand, and as properties of random loans."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loan.domain.amortization import (
    Amortization,
    Remaining,
    at_instalment,
    exact_instalment,
    over_count,
)
from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.interest import RateChange, Rates
from loan.domain.terms import (
    Conventions,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    SplitRounding,
)
from tests.unit.loan.histories import LAKH, RUPEE, few_examples

MONTHLY_RESTS = Conventions(
    interest_method=InterestMethod.REDUCING_BALANCE,
    instalment_rounding=InstalmentRounding.RUPEE,
    split_rounding=SplitRounding.PAISA,
    anchor_day=5,
)
EQUAL_PRINCIPAL = replace(MONTHLY_RESTS, interest_method=InterestMethod.EQUAL_PRINCIPAL)
FLAT = replace(MONTHLY_RESTS, interest_method=InterestMethod.FLAT)


def a_lakh_from_january(principal_paise: int = LAKH, *, rate_bps: int = 1_200) -> Remaining:
    """Return a lakh at 12 %, last due on 5 January and next on 5 February."""
    return Remaining(
        principal_paise=principal_paise,
        rates=Rates(annual_rate_bps=rate_bps),
        period_start=date(2025, 1, 5),
        next_due_date=date(2025, 2, 5),
        first_number=4,
    )


def parts(amortization: Amortization) -> list[tuple[int, int]]:
    """Return (principal, interest) of each row, in paise."""
    return [(row.principal_paise, row.interest_paise) for row in amortization.rows]


def test_three_instalments_worked_by_hand() -> None:
    """34,002.21 a month, in whole rupees 34,002: interest on 100,000, 66,998 and 33,665.98."""
    amortization = over_count(a_lakh_from_january(), MONTHLY_RESTS, count=3)
    assert amortization.instalment_paise == 34_002_00
    assert parts(amortization) == [
        (33_002_00, 1_000_00),
        (33_332_02, 669_98),
        (33_665_98, 336_66),
    ]
    assert [row.number for row in amortization.rows] == [4, 5, 6]
    assert [row.due_date.month for row in amortization.rows] == [2, 3, 4]


def test_the_days_of_each_month_count_by_actual_365() -> None:
    """31, 28 and 31 days on 100,000, 66,667 and 33,334 at 12 %."""
    daily = replace(EQUAL_PRINCIPAL, day_count=DayCount.ACTUAL_365)
    assert parts(over_count(a_lakh_from_january(), daily, count=3)) == [
        (33_333_00, 1_019_18),
        (33_333_00, 613_70),
        (33_334_00, 339_73),
    ]


def test_a_part_prepayment_that_keeps_the_instalment_ends_sooner() -> None:
    """Half of a lakh repaid on a due date: 34,002, and then 16,660.19 with its interest."""
    amortization = at_instalment(
        a_lakh_from_january(LAKH // 2), MONTHLY_RESTS, instalment_paise=34_002_00
    )
    assert parts(amortization) == [(33_502_00, 500_00), (16_498_00, 164_98)]


def test_a_part_prepayment_that_keeps_the_number_lowers_the_instalment() -> None:
    amortization = over_count(a_lakh_from_january(LAKH // 2), MONTHLY_RESTS, count=3)
    assert amortization.instalment_paise == 17_001_00
    assert [total for total, _ in parts(amortization)] == [16_501_00, 16_666_01, 16_832_99]


def test_a_prepayment_inside_a_period_bears_interest_on_less_from_its_day() -> None:
    """On 20 January, with the 483.87 up to it carried into the next instalment."""
    remaining = replace(
        a_lakh_from_january(LAKH // 2),
        interest_from=date(2025, 1, 20),
        first_extra_interest_paise=483_87,
    )
    rows = over_count(remaining, EQUAL_PRINCIPAL, count=2).rows
    assert [row.interest_paise for row in rows] == [483_87 + 258_06, 250_00]


def test_a_rate_that_changes_later_is_solved_for_at_once() -> None:
    """12 % for a month and 24 % for the next: 1,000 and 2 % of what is left."""
    rates = Rates(
        annual_rate_bps=1_200,
        changes=(RateChange(from_date=date(2025, 2, 5), annual_rate_bps=2_400),),
    )
    amortization = over_count(replace(a_lakh_from_january(), rates=rates), MONTHLY_RESTS, count=2)
    # 100,000 × 1.01 × 1.02 ÷ (1.02 + 1) = 51,000.
    assert amortization.instalment_paise == 51_000_00
    assert parts(amortization) == [(50_000_00, 1_000_00), (50_000_00, 1_000_00)]


def test_rows_without_principal_come_before_the_others() -> None:
    remaining = replace(a_lakh_from_january(), interest_only_rows=2)
    amortization = over_count(remaining, MONTHLY_RESTS, count=5)
    assert parts(amortization)[:3] == [(0, 1_000_00), (0, 1_000_00), (33_002_00, 1_000_00)]
    assert amortization.instalment_paise == 34_002_00


def test_flat_interest_in_mid_life_is_still_on_the_amount_lent() -> None:
    """A lakh left of two at 12 % flat: 2,000 a month, as before."""
    remaining = replace(a_lakh_from_january(), flat_base_paise=2 * LAKH)
    amortization = over_count(remaining, FLAT, count=4)
    assert parts(amortization) == [(25_000_00, 2_000_00)] * 4


def test_a_kept_flat_instalment_repays_as_before() -> None:
    remaining = replace(a_lakh_from_january(), flat_base_paise=2 * LAKH)
    amortization = at_instalment(remaining, FLAT, instalment_paise=27_000_00)
    assert parts(amortization) == [(25_000_00, 2_000_00)] * 4


def test_a_kept_principal_of_equal_ones_leaves_the_rest_to_the_last() -> None:
    amortization = at_instalment(a_lakh_from_january(), EQUAL_PRINCIPAL, instalment_paise=40_000_00)
    assert [principal for principal, _ in parts(amortization)] == [40_000_00, 40_000_00, 20_000_00]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"principal_paise": 0}, "principal_paise"),
        ({"next_due_date": date(2025, 1, 5)}, "next_due_date"),
        ({"interest_from": date(2025, 1, 4)}, "interest_from"),
        ({"interest_from": date(2025, 2, 6)}, "interest_from"),
        ({"first_extra_interest_paise": -1}, "first_extra_interest_paise"),
        ({"last_extra_interest_paise": -1}, "last_extra_interest_paise"),
        ({"interest_only_rows": -1}, "interest_only_rows"),
        ({"flat_base_paise": -1}, "flat_base_paise"),
    ],
)
def test_what_cannot_be_left_to_repay_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        replace(a_lakh_from_january(), **change)  # type: ignore[arg-type]
    assert (refusal.value.field, refusal.value.code) == (field, "invalid_terms")


@pytest.mark.parametrize(
    ("method", "rate_bps", "instalment_paise", "field"),
    [
        # The interest and nothing more.
        (InterestMethod.REDUCING_BALANCE, 1_200, 1_000_00, "instalment_paise"),
        # A paisa more than the interest of 2 % a year: some 5,800 months.
        (InterestMethod.REDUCING_BALANCE, 200, 166_68, "instalment_paise"),
        (InterestMethod.FLAT, 1_200, 1_000_00, "instalment_paise"),
        (InterestMethod.EQUAL_PRINCIPAL, 1_200, 0, "instalment_paise"),
        (InterestMethod.INTEREST_ONLY, 1_200, 5_000_00, "interest_method"),
    ],
)
def test_an_instalment_that_never_repays_is_refused(
    method: InterestMethod, rate_bps: int, instalment_paise: int, field: str
) -> None:
    conventions = replace(MONTHLY_RESTS, interest_method=method)
    with pytest.raises(InvalidTerms) as refusal:
        at_instalment(
            a_lakh_from_january(rate_bps=rate_bps), conventions, instalment_paise=instalment_paise
        )
    assert refusal.value.field == field


def test_a_kept_instalment_repays_from_the_first_row_on() -> None:
    remaining = replace(a_lakh_from_january(), interest_only_rows=1)
    with pytest.raises(InvalidTerms) as refusal:
        at_instalment(remaining, MONTHLY_RESTS, instalment_paise=34_002_00)
    assert refusal.value.field == "interest_only_rows"


@pytest.mark.parametrize("count", [0, 2_601])
def test_a_number_of_instalments_out_of_bounds_is_refused(count: int) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        over_count(a_lakh_from_january(), MONTHLY_RESTS, count=count)
    assert refusal.value.field == "count"


@pytest.mark.parametrize("idle", [3, 4])
def test_rows_without_principal_must_leave_one_with_it(idle: int) -> None:
    remaining = replace(a_lakh_from_january(), interest_only_rows=idle)
    with pytest.raises(InvalidTerms) as refusal:
        over_count(remaining, MONTHLY_RESTS, count=3)
    assert refusal.value.field == "interest_only_rows"


@few_examples
@given(
    st.integers(1, 10**12),
    st.lists(st.fractions(0, Fraction(1, 2), max_denominator=10_000), min_size=1, max_size=40),
)
def test_the_exact_instalment_discounts_to_exactly_the_principal(
    principal_paise: int, factors: list[Fraction]
) -> None:
    instalment = exact_instalment(principal_paise, factors)
    worth, discount = Fraction(0), Fraction(1)
    for factor in factors:
        discount /= 1 + factor
        worth += instalment * discount
    assert worth == principal_paise


@st.composite
def conventions_drawn(draw: st.DrawFn) -> Conventions:
    frequency = draw(st.sampled_from(Frequency))
    return Conventions(
        interest_method=draw(st.sampled_from(InterestMethod)),
        instalment_rounding=draw(st.sampled_from(InstalmentRounding)),
        split_rounding=draw(st.sampled_from(SplitRounding)),
        frequency=frequency,
        day_count=draw(st.sampled_from(DayCount)),
        anchor_day=draw(st.integers(1, 31)) if frequency.has_due_day else None,
    )


@st.composite
def remainders(draw: st.DrawFn, conventions: Conventions) -> Remaining:
    """Draw what is left of a loan somewhere in its life, the first period any length."""
    anchor, frequency = conventions.anchor_day, conventions.frequency
    due = frequency.first_due_date(
        draw(st.dates(date(2019, 1, 1), date(2027, 12, 31))), due_day=anchor, minimum_gap_days=1
    )
    start = date.fromordinal(due.toordinal() - draw(st.integers(1, 100)))
    rates = Rates(
        annual_rate_bps=draw(st.integers(200, 4_000)),
        changes=tuple(
            RateChange(from_date=day, annual_rate_bps=draw(st.integers(200, 4_000)))
            for day in sorted(
                draw(st.sets(st.dates(date(2019, 1, 1), date(2030, 12, 31)), max_size=2))
            )
        ),
    )
    return Remaining(
        principal_paise=draw(st.integers(20_000 * RUPEE, 50 * LAKH)),
        rates=rates,
        period_start=start,
        next_due_date=due,
        first_number=draw(st.integers(1, 100)),
    )


@few_examples
@given(st.data(), conventions_drawn(), st.integers(1, 40))
def test_i15_i16_the_rest_of_any_schedule_is_sound_or_refused(
    data: st.DataObject, conventions: Conventions, count: int
) -> None:
    remaining = data.draw(remainders(conventions))
    extra = data.draw(st.integers(0, 1_000))
    remaining = replace(remaining, first_extra_interest_paise=extra)
    try:
        rows = over_count(remaining, conventions, count=count).rows
    except InvalidTerms:
        # A first period so long that its interest exceeds the instalment, or flat rupees.
        assume(False)
        raise
    assert sum(row.principal_paise for row in rows) == remaining.principal_paise
    assert rows[0].opening_principal_paise == remaining.principal_paise
    for earlier, later in pairwise(rows):
        closing = earlier.opening_principal_paise - earlier.principal_paise
        assert later.opening_principal_paise == closing > 0
        assert later.due_date > earlier.due_date
        assert later.number == earlier.number + 1
    assert rows[-1].opening_principal_paise == rows[-1].principal_paise
    assert all(min(row.principal_paise, row.interest_paise) >= 0 for row in rows)


@few_examples
@given(
    st.data(),
    conventions_drawn().filter(
        lambda drawn: (
            drawn.interest_method
            in {InterestMethod.REDUCING_BALANCE, InterestMethod.EQUAL_PRINCIPAL}
        )
    ),
    st.integers(2, 60),
)
def test_keeping_the_instalment_of_an_unchanged_loan_gives_the_rest_of_that_very_loan(
    data: st.DataObject, conventions: Conventions, count: int
) -> None:
    remaining = data.draw(remainders(conventions))
    try:
        whole = over_count(remaining, conventions, count=count)
    except InvalidTerms:
        assume(False)
        raise
    place = data.draw(st.integers(0, count - 2))
    row = whole.rows[place]
    later = replace(
        remaining,
        principal_paise=row.opening_principal_paise,
        period_start=whole.rows[place - 1].due_date if place else remaining.period_start,
        next_due_date=row.due_date,
        first_number=row.number,
    )
    kept = whole.instalment_paise
    if conventions.interest_method is InterestMethod.EQUAL_PRINCIPAL:
        kept = row.principal_paise
    assert at_instalment(later, conventions, instalment_paise=kept).rows == whole.rows[place:]


@few_examples
@given(st.data(), st.integers(2, 60), st.integers(20, 99))
def test_i45_repaying_a_part_lowers_the_instalment_or_the_number_and_never_costs_more(
    data: st.DataObject, count: int, percent_left: int
) -> None:
    conventions = replace(
        MONTHLY_RESTS, day_count=data.draw(st.sampled_from(DayCount)), anchor_day=5
    )
    remaining = data.draw(remainders(conventions))
    try:
        before = over_count(remaining, conventions, count=count)
    except InvalidTerms:
        assume(False)
        raise
    less = replace(remaining, principal_paise=remaining.principal_paise * percent_left // 100)
    fewer = at_instalment(less, conventions, instalment_paise=before.instalment_paise)
    smaller = over_count(less, conventions, count=count)
    assert len(fewer.rows) <= count
    assert smaller.instalment_paise <= before.instalment_paise
    costs = [sum(row.interest_paise for row in plan.rows) for plan in (fewer, smaller, before)]
    slack = count * RUPEE // 2  # what half a rupee of each instalment does to the interest
    assert costs[0] <= costs[1] + slack
    assert costs[1] <= costs[2] + slack


@few_examples
@given(st.data(), conventions_drawn(), st.integers(1, 40), st.integers(2, 50))
def test_i47_a_loan_k_times_as_large_repays_k_times_as_much_within_rounding(
    data: st.DataObject, conventions: Conventions, count: int, times: int
) -> None:
    remaining = data.draw(remainders(conventions))
    larger = replace(remaining, principal_paise=remaining.principal_paise * times)
    try:
        small = over_count(remaining, conventions, count=count)
        large = over_count(larger, conventions, count=count)
    except InvalidTerms:
        assume(False)
        raise
    unit = RUPEE  # the coarsest rounding, up by one and down by none
    assert abs(large.instalment_paise - times * small.instalment_paise) <= (times + 1) * 2 * unit
