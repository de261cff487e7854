"""Quotes of products with every kind of schedule: dates, first periods, moratoria, roundings.

Amounts are worked by hand from ₹5,00,000 at 16 %, disbursed on 10 January 2026, due day 5.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.calls import answer, post
from tests.api.problem import faults, problem_of
from tests.builders import a_product

PATH = "loans/quote"
ASKED: dict[str, Any] = {"product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def quoted(client: Client, *, tenure_months: int = 24, **product: Any) -> Any:
    a_product(**product)
    return answer(post(client, PATH, ASKED | {"tenure_months": tenure_months}))


def first_row(body: Any) -> tuple[Any, Any, Any]:
    row = body["schedule"][0]
    return row["due_date"], row["principal"], row["interest"]


def test_a_quarterly_loan_has_a_third_of_the_instalments_and_a_whole_first_quarter(
    client: Client,
) -> None:
    """5,00,000 × 4 % ÷ (1 − 1.04⁻⁸) = 74,263.92, due from two months after the first due day."""
    body = quoted(client, frequency="QUARTERLY")
    assert (len(body["schedule"]), body["emi"]) == (8, 74_264)
    assert first_row(body) == ("2026-04-05", 54_264, 20_000)
    assert [row["due_date"] for row in body["schedule"][1:3]] == ["2026-07-05", "2026-10-05"]
    assert body["conventions"]["frequency"] == "QUARTERLY"


def test_a_weekly_loan_falls_due_on_its_weekday_and_has_no_due_day(client: Client) -> None:
    """A week after 10 January leaves 7 days of the 15 asked for: two weeks more."""
    body = quoted(client, frequency="WEEKLY", due_day=None, tenure_months=6)
    assert (len(body["schedule"]), body["emi"]) == (26, 20_040)
    # 5,00,000 × 16 % ÷ 52 = 1,538.46
    assert first_row(body) == ("2026-01-31", Decimal("18501.54"), Decimal("1538.46"))
    assert [row["due_date"] for row in body["schedule"][1:3]] == ["2026-02-07", "2026-02-14"]
    assert body["conventions"]["due_day"] is None


def test_a_fortnightly_loan_has_thirteen_instalments_in_half_a_year(client: Client) -> None:
    body = quoted(client, frequency="FORTNIGHTLY", due_day=None, tenure_months=6)
    assert (len(body["schedule"]), body["emi"]) == (13, 40_139)
    assert first_row(body)[0] == "2026-01-31"  # 24 January leaves 14 days, 15 are asked


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        # From the disbursement on: 26 days over 365 or 360, or 25 days of 30 in a month.
        ("ACTUAL_365", Decimal("5698.63")),
        ("ACTUAL_360", Decimal("5777.78")),
        ("ACTUAL_ACTUAL", Decimal("5698.63")),
        ("THIRTY_360", Decimal("5555.56")),
        ("THIRTY_E_360", Decimal("5555.56")),
        ("EQUAL_PERIODS", Decimal("6666.67")),
    ],
)
def test_each_day_count_gives_the_first_period_its_own_interest(
    client: Client, day_count: str, interest: Decimal
) -> None:
    body = quoted(client, day_count=day_count)
    assert first_row(body)[2] == interest
    assert sum(row["principal"] for row in body["schedule"]) == 500_000


def test_the_interest_of_broken_days_comes_with_the_first_instalment(client: Client) -> None:
    """A gap of 30 days: due on 5 March; 26 days before 5 February, 5,698.63 by actual/365."""
    body = quoted(client, minimum_gap_days=30, broken_period_interest="WITH_FIRST_INSTALMENT")
    assert first_row(body) == ("2026-03-05", Decimal("17815.33"), Decimal("12365.30"))
    assert body["schedule"][0]["amount"] == Decimal("30180.63")
    assert body["emi"] == body["schedule"][1]["amount"] == 24_482
    assert (body["broken_period_interest"], body["upfront_interest"]) == (Decimal("5698.63"), 0)
    assert body["net_disbursed"] == 488_200
    assert body["total_interest"] == Decimal("93254.14")  # 87,555.51 and 5,698.63
    assert body["apr"] == Decimal("18.3")  # 12 × 1.52506 %, first flow after 1 month and 26 days


def test_the_interest_of_broken_days_is_kept_back_upfront(client: Client) -> None:
    body = quoted(client, minimum_gap_days=30, broken_period_interest="UPFRONT")
    assert first_row(body) == ("2026-03-05", Decimal("17815.33"), Decimal("6666.67"))
    assert body["upfront_interest"] == body["broken_period_interest"] == Decimal("5698.63")
    assert body["net_disbursed"] == Decimal("482501.37")  # 4,88,200 less 5,698.63
    assert body["total_interest"] == Decimal("93254.14")
    assert body["total_payable"] == Decimal("587555.51")
    assert body["total_cost"] == Decimal("105054.14")
    assert body["apr"] == Decimal("18.33")


def test_a_first_period_shorter_than_the_others_bears_less_where_days_are_charged(
    client: Client,
) -> None:
    """26 of 31 days: 6,666.67 × 26 ÷ 31. Nothing is broken, so nothing is on top."""
    body = quoted(client, broken_period_interest="WITH_FIRST_INSTALMENT")
    assert first_row(body)[2] == Decimal("5591.4")
    assert body["broken_period_interest"] == 0


def test_a_moratorium_of_principal_is_paid_interest_in(client: Client) -> None:
    """Over the 21 periods left: 27,455.57 a month."""
    body = quoted(client, principal_moratorium_periods=3)
    rows = body["schedule"]
    assert len(rows) == 24
    assert [(row["principal"], row["interest"]) for row in rows[:3]] == [
        (0, Decimal("6666.67"))
    ] * 3
    assert body["emi"] == rows[3]["amount"] == 27_456
    assert sum(row["principal"] for row in rows) == 500_000


@pytest.mark.parametrize(
    ("later", "place"), [("WITH_FIRST_INSTALMENT", 0), ("WITH_LAST_INSTALMENT", -1)]
)
def test_a_moratorium_of_interest_is_collected_when_agreed(
    client: Client, later: str, place: int
) -> None:
    """Three months of 5,00,000 at 16 % are 20,000."""
    body = quoted(
        client,
        principal_moratorium_periods=3,
        interest_moratorium_periods=3,
        moratorium_interest=later,
    )
    rows = body["schedule"]
    assert (len(rows), rows[0]["due_date"], body["emi"]) == (21, "2026-05-05", 27_456)
    assert rows[place]["interest"] > 20_000 > rows[-1 - place]["interest"]
    assert (body["moratorium_interest"], body["capitalised_interest"]) == (20_000, 0)
    assert body["capitalises_on"] is None


def test_the_interest_of_a_moratorium_becomes_principal_when_agreed(client: Client) -> None:
    """5,20,000 over 21 months: 28,553.79; the first interest is 5,20,000 × 16 % ÷ 12."""
    body = quoted(
        client,
        principal_moratorium_periods=3,
        interest_moratorium_periods=3,
        moratorium_interest="CAPITALISED",
    )
    rows = body["schedule"]
    assert (body["emi"], body["capitalises_on"]) == (28_554, "2026-04-05")
    assert (rows[0]["opening_principal"], rows[0]["interest"]) == (520_000, Decimal("6933.33"))
    assert sum(row["principal"] for row in rows) == 520_000
    assert body["capitalised_interest"] == body["moratorium_interest"] == 20_000
    assert body["total_interest"] == body["total_payable"] - 500_000


def test_a_bullet_is_due_at_once_at_its_end(client: Client) -> None:
    """Nothing for 5 months, then the principal with the interest of all 6: 40,000."""
    body = quoted(
        client,
        tenure_months=6,
        interest_method="INTEREST_ONLY",
        principal_moratorium_periods=5,
        interest_moratorium_periods=5,
    )
    (row,) = body["schedule"]
    assert (row["due_date"], row["principal"]) == ("2026-07-05", 500_000)
    assert row["interest"] == Decimal("40000.00")


def test_a_zero_rate_loan_is_its_principal_whatever_its_schedule(client: Client) -> None:
    body = quoted(
        client,
        indicative_rate_bps=0,
        processing_fee_bps=0,
        day_count="ACTUAL_365",
        broken_period_interest="UPFRONT",
        minimum_gap_days=30,
        principal_moratorium_periods=2,
        interest_moratorium_periods=2,
        moratorium_interest="CAPITALISED",
    )
    assert (body["total_interest"], body["total_cost"], body["apr"]) == (0, 0, 0)
    assert body["total_payable"] == body["net_disbursed"] == 500_000
    assert body["capitalises_on"] is None


def test_the_agreed_day_is_kept_over_short_months(client: Client) -> None:
    body = quoted(client, due_day=31)
    assert [row["due_date"] for row in body["schedule"][:4]] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]


@pytest.mark.parametrize("months", [7, 25, 59])
def test_a_quarterly_product_is_not_lent_for_broken_quarters(client: Client, months: int) -> None:
    a_product(frequency="QUARTERLY")
    body = problem_of(
        post(client, PATH, ASKED | {"tenure_months": months}), status=400, code="not_offered"
    )
    assert faults(body) == [("tenure_months", "not_offered")]
    assert "6 to 60 months, in steps of 3" in body["detail"]


def test_a_weekly_quote_takes_the_statements_of_a_monthly_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_product(frequency="WEEKLY", due_day=None)
    with django_assert_num_queries(4):
        answer(post(client, PATH, ASKED | {"tenure_months": 60}))
