"""The figures drawn from a borrower's months."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.domain.cash_flow_points import cash_flow_bin, cash_flow_points
from credit.domain.features import (
    NO_CASH_FLOW,
    CashFlow,
    MonthlyFlow,
    cash_flow,
    trailing_window,
)
from tests.unit.credit.cases import unhurried
from users.domain.employment import EmploymentType

AS_OF = date(2026, 1, 15)


def month(number: int, year: int = 2025, **figures: object) -> MonthlyFlow:
    """Return a month with nothing in it but these figures."""
    nothing: dict[str, object] = {"income_paise": 0, "spending_paise": 0, "salary_credits": 0}
    return MonthlyFlow(month=date(year, number, 1), **(nothing | figures))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("as_of", "start", "end"),
    [
        (date(2026, 1, 15), date(2025, 7, 1), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2025, 7, 1), date(2026, 1, 1)),
        (date(2024, 3, 31), date(2023, 9, 1), date(2024, 3, 1)),
    ],
)
def test_the_window_is_the_six_full_months_before(as_of: date, start: date, end: date) -> None:
    window = trailing_window(as_of)
    assert (window.start, window.end) == (start, end)


def test_no_month_gives_no_figures() -> None:
    assert cash_flow([], as_of=AS_OF) == NO_CASH_FLOW
    assert NO_CASH_FLOW.monthly_income_paise == 0
    assert not NO_CASH_FLOW.is_telling


def test_months_outside_the_window_are_ignored() -> None:
    outside = [month(6, income_paise=100), month(1, 2026, income_paise=100)]
    assert cash_flow(outside, as_of=AS_OF) == NO_CASH_FLOW


def test_figures_worked_by_hand() -> None:
    months = [
        month(8, income_paise=100_00, spending_paise=60_00, salary_credits=1),
        month(9, income_paise=100_00, spending_paise=120_00, salary_credits=2, bounces=1),
        month(11, income_paise=40_00, instalments_paise=(30_00,)),
    ]
    assert cash_flow(months, as_of=AS_OF) == CashFlow(
        months_covered=4,  # August to November: the quiet October counts
        income_months=3,
        salary_months=2,
        salary_credits=3,
        income_paise=240_00,
        spending_paise=180_00,
        average_balance_paise=(40_00 + 20_00 + 20_00 + 60_00) // 4,
        outside_obligations_paise=30_00,
        bounces=1,
    )
    assert cash_flow(months, as_of=AS_OF).monthly_income_paise == 60_00


class TestObligationsElsewhere:
    def test_they_are_the_heaviest_of_the_last_three_months(self) -> None:
        months = [
            month(9, instalments_paise=(90_00,)),
            month(10, instalments_paise=(10_00, 20_00)),
            month(12, instalments_paise=(25_00,)),
        ]
        assert cash_flow(months, as_of=AS_OF).outside_obligations_paise == 30_00

    def test_one_debit_a_month_of_our_own_instalment_is_ours(self) -> None:
        months = [month(12, instalments_paise=(245_00, 245_00, 10_00))]
        flow = cash_flow(months, as_of=AS_OF, own_instalments_paise=[245_00])
        assert flow.outside_obligations_paise == 255_00

    def test_a_debit_of_another_amount_is_not_ours(self) -> None:
        months = [month(12, instalments_paise=(245_01,))]
        flow = cash_flow(months, as_of=AS_OF, own_instalments_paise=[245_00])
        assert flow.outside_obligations_paise == 245_01


SALARIED = EmploymentType.SALARIED


def flow_of(**figures: int) -> CashFlow:
    """Return a cash flow over six months with these figures."""
    return CashFlow(**({"months_covered": 6} | figures))


@pytest.mark.parametrize(
    ("salary_months", "expected"), [(0, 0), (1, 5), (2, 5), (3, 10), (4, 15), (5, 15), (6, 20)]
)
def test_regularity_points_at_their_edges(salary_months: int, expected: int) -> None:
    points = cash_flow_points(
        flow_of(salary_months=salary_months), employment_type=SALARIED, obligations_paise=0
    )
    assert points.regularity == expected


def test_the_self_employed_are_regular_by_their_receipts() -> None:
    points = cash_flow_points(
        flow_of(income_months=6),
        employment_type=EmploymentType.SELF_EMPLOYED,
        obligations_paise=0,
    )
    assert points.regularity == 20


@pytest.mark.parametrize(
    ("spending_paise", "expected"),
    [
        (0, 20),
        (7_000, 20),
        (7_001, 15),
        (8_000, 15),
        (8_001, 10),
        (9_000, 10),
        (9_001, 5),
        (10_000, 5),
        (10_001, 0),
    ],
)
def test_savings_points_at_their_edges(spending_paise: int, expected: int) -> None:
    flow = flow_of(income_paise=10_000, spending_paise=spending_paise)
    points = cash_flow_points(flow, employment_type=SALARIED, obligations_paise=0)
    assert points.savings == expected


@pytest.mark.parametrize(
    ("balance_paise", "obligations_paise", "expected"),
    [
        (30_000, 10_000, 20),
        (29_999, 10_000, 15),
        (20_000, 10_000, 15),
        (19_999, 10_000, 10),
        (10_000, 10_000, 10),
        (9_999, 10_000, 5),
        (1, 10_000, 5),
        (0, 10_000, 0),
        (-1, 10_000, 0),
        (1, 0, 20),
        (0, 0, 0),
    ],
)
def test_balance_points_at_their_edges(
    balance_paise: int, obligations_paise: int, expected: int
) -> None:
    points = cash_flow_points(
        flow_of(average_balance_paise=balance_paise),
        employment_type=SALARIED,
        obligations_paise=obligations_paise,
    )
    assert points.balance == expected


@pytest.mark.parametrize(
    ("bounces", "points", "code"),
    [
        (0, 60, "CASH_FLOW_STEADY"),
        (1, 50, "CASH_FLOW_BOUNCES"),
        (6, 0, "CASH_FLOW_BOUNCES"),
        (7, 0, "CASH_FLOW_BOUNCES"),
    ],
)
def test_each_bounce_takes_ten_points_down_to_none(bounces: int, points: int, code: str) -> None:
    flow = flow_of(salary_months=6, income_paise=10, average_balance_paise=1, bounces=bounces)
    found = cash_flow_bin(flow, employment_type=SALARIED, obligations_paise=0)
    assert (found.points, found.code) == (points, code)


@pytest.mark.parametrize(("months_covered", "points"), [(0, 20), (2, 20), (3, 0), (6, 0)])
def test_fewer_than_three_months_neither_give_nor_take_points(
    months_covered: int, points: int
) -> None:
    flow = CashFlow(months_covered=months_covered, spending_paise=1, bounces=9)
    found = cash_flow_bin(flow, employment_type=SALARIED, obligations_paise=0)
    assert found.points == points


flows = st.lists(
    st.builds(
        MonthlyFlow,
        month=st.sampled_from([date(2025, number, 1) for number in range(5, 13)]),
        income_paise=st.integers(min_value=0, max_value=10**9),
        spending_paise=st.integers(min_value=0, max_value=10**9),
        salary_credits=st.integers(min_value=0, max_value=3),
        instalments_paise=st.lists(st.sampled_from([100, 200, 300]), max_size=4, unique=False).map(
            tuple
        ),
    ),
    max_size=8,
    unique_by=lambda flow: flow.month,
)


@unhurried
@given(flows)
def test_the_order_in_which_months_arrive_does_not_matter(months: list[MonthlyFlow]) -> None:
    assert cash_flow(months[::-1], as_of=AS_OF) == cash_flow(months, as_of=AS_OF)


@unhurried
@given(flows, st.lists(st.sampled_from([100, 200, 300]), max_size=3))
def test_knowing_our_own_instalments_never_raises_the_obligations_elsewhere(
    months: Sequence[MonthlyFlow], own: list[int]
) -> None:
    blind = cash_flow(months, as_of=AS_OF).outside_obligations_paise
    knowing = cash_flow(months, as_of=AS_OF, own_instalments_paise=own)
    assert blind - sum(own) <= knowing.outside_obligations_paise <= blind
