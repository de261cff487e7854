"""POST /api/v1/loans/quote."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from credit.domain.history import CreditHistory
from credit.models import CreditScore
from credit.services.scoring import ScoreRequest, score_borrowers
from ledger.models import Entry
from loan.models import BusinessDay, Loan, LoanApplication
from loan.services.billing.run import run_billing
from tests.api.calls import NO_INTEREST_APART, PLAIN_CONVENTIONS, answer, post, with_literal
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.builders import DISBURSED, a_borrower, a_product

PATH = "loans/quote"
ASKED: dict[str, Any] = {"product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def quoted(client: Client, **changes: Any) -> Any:
    return answer(post(client, PATH, ASKED | changes))


def test_the_contracts_loan_is_priced_to_the_paisa(client: Client) -> None:
    a_product()
    response = post(client, PATH, ASKED)
    body = answer(response)
    schedule = body.pop("schedule")
    assert body == {
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "rate_basis": "INDICATIVE",
        "interest_rate": 16,
        "interest_method": "REDUCING_BALANCE",
        "conventions": PLAIN_CONVENTIONS,
        **NO_INTEREST_APART,
        "capitalised_interest": 0,
        "emi": 24_482,
        "apr": Decimal("18.46"),
        "processing_fee": 10_000,
        "fee_gst": 1_800,
        "fee_collection": "NETTED",
        "net_disbursed": 488_200,
        "total_interest": Decimal("87555.51"),
        "total_cost": Decimal("99355.51"),
        "total_payable": Decimal("587555.51"),
        "first_due_date": "2026-02-05",
    }
    assert len(schedule) == 24
    assert schedule[0] == {
        "number": 1,
        "due_date": "2026-02-05",
        "amount": 24_482,
        "principal": Decimal("17815.33"),
        "interest": Decimal("6666.67"),
        "opening_principal": 500_000,
    }
    assert schedule[-1] == {
        "number": 24,
        "due_date": "2028-01-05",
        "amount": Decimal("24469.51"),
        "principal": Decimal("24147.54"),
        "interest": Decimal("321.97"),
        "opening_principal": Decimal("24147.54"),
    }
    assert sum(row["principal"] for row in schedule) == 500_000
    assert sum(row["interest"] for row in schedule) == Decimal("87555.51")
    assert b'"emi":24482,' in response.content
    assert b'"apr":18.46,' in response.content
    assert b'"total_payable":587555.51,' in response.content


def test_nothing_is_written(client: Client) -> None:
    borrower = a_borrower()
    a_product()
    before = CreditScore.objects.count()
    quoted(client)
    quoted(client, user_id=borrower.public_id)
    assert CreditScore.objects.count() == before
    for table in (LoanApplication, Loan, Entry, BusinessDay):
        assert not table.objects.exists()


def test_a_borrower_is_quoted_the_rate_of_their_score(client: Client) -> None:
    a_product()
    for score, history, rate in (
        (720, CreditHistory(), 16),
        (775, CreditHistory(dues_observed=24), 14),
        (650, CreditHistory(worst_days_past_due_24m=30), 20),
    ):
        borrower = a_borrower()
        rescored(borrower.pk, history, expected=score)
        body = quoted(client, user_id=borrower.public_id)
        assert (body["rate_basis"], body["interest_rate"]) == ("CREDIT_SCORE", rate)


def rescored(borrower_id: int, history: CreditHistory, *, expected: int) -> None:
    (row,) = score_borrowers(
        [ScoreRequest(borrower_id, history)],
        as_of=DISBURSED,
        trigger=CreditScore.Trigger.BILLING_RUN,
    )
    assert row.score == expected


def test_a_score_below_every_price_is_refused_by_the_rule(client: Client) -> None:
    a_product()
    borrower = a_borrower()
    rescored(borrower.pk, CreditHistory(npa_or_written_off=True), expected=500)
    body = problem_of(
        post(client, PATH, ASKED | {"user_id": borrower.public_id}),
        status=422,
        code="no_rate_for_score",
    )
    assert faults(body) == [("user_id", "no_rate_for_score")]


def test_a_quote_counts_from_the_open_business_date(client: Client, today: SetDate) -> None:
    a_product()
    run_billing(date(2026, 3, 25), today=DISBURSED, may_run_ahead=True)
    assert quoted(client)["first_due_date"] == "2026-05-05"  # 5 April leaves 10 days, 15 are asked
    today(date(2026, 6, 1))
    assert quoted(client)["first_due_date"] == "2026-07-05"


def test_a_flat_loan_of_the_contract(client: Client) -> None:
    a_product(
        interest_method="FLAT",
        split_rounding="RUPEE",
        indicative_rate_bps=880,
        processing_fee_bps=0,
    )
    body = quoted(client)
    assert (body["emi"], body["interest_rate"]) == (24_500, Decimal("8.8"))
    assert (body["schedule"][0]["principal"], body["schedule"][0]["interest"]) == (20_833, 3_667)
    assert (body["schedule"][-1]["principal"], body["schedule"][-1]["interest"]) == (20_841, 3_659)
    assert body["total_payable"] == 588_000
    assert body["apr"] == Decimal("16.08")


@pytest.mark.parametrize(
    ("literal", "amount"),
    [("25000", 25_000), ("2500000", 2_500_000), ("500000.0", 500_000), ("500000.00", 500_000)],
)
def test_amounts_at_the_edges_and_in_other_spellings_are_priced(
    client: Client, literal: str, amount: int
) -> None:
    a_product()
    body = answer(post(client, PATH, with_literal(ASKED, "amount", literal)))
    assert body["amount"] == amount


@pytest.mark.parametrize("amount", [24_999, 24_000, 2_501_000, 500_500, 0.01, 10_000_000_000_000])
def test_an_amount_the_product_does_not_lend_is_refused(client: Client, amount: float) -> None:
    a_product()
    body = problem_of(
        post(client, PATH, ASKED | {"amount": amount}), status=400, code="not_offered"
    )
    assert faults(body) == [("amount", "not_offered")]
    assert "₹25,000.00 to ₹25,00,000.00" in body["detail"]


@pytest.mark.parametrize("months", [5, 61, 1, 360])
def test_a_tenure_the_product_does_not_have_is_refused(client: Client, months: int) -> None:
    a_product()
    response = post(client, PATH, ASKED | {"tenure_months": months})
    body = problem_of(response, status=400, code="not_offered")
    assert faults(body) == [("tenure_months", "not_offered")]


@pytest.mark.parametrize("product", ["HOME_LOAN", "personal_loan", "PERSONAL_LOAN'--", "व्यक्तिगत"])
def test_an_unknown_product_is_not_found(client: Client, product: str) -> None:
    a_product()
    response = post(client, PATH, ASKED | {"product": product})
    assert faults(problem_of(response, status=404)) == [("product", "product_not_found")]


def test_a_product_that_is_closed_is_refused_by_the_rule(client: Client) -> None:
    a_product(open_to_applications=False)
    problem_of(post(client, PATH, ASKED), status=422, code="product_closed")


@pytest.mark.parametrize(
    "user_id", ["BC-USER-999999", "BC-USER-9", "bc-user-001", "9", "BC-USER-०००", "BC-USER-001'"]
)
def test_an_unknown_borrower_is_not_found(client: Client, user_id: str) -> None:
    a_product()
    response = post(client, PATH, ASKED | {"user_id": user_id})
    assert faults(problem_of(response, status=404)) == [("user_id", "borrower_not_found")]


@pytest.mark.parametrize("field", ASKED)
def test_a_missing_field_is_named(client: Client, field: str) -> None:
    body = {name: value for name, value in ASKED.items() if name != field}
    assert faults(problem_of(post(client, PATH, body), status=400)) == [(field, "required")]


@pytest.mark.parametrize(
    ("field", "literal", "code"),
    [
        ("product", "null", "null"),
        ("product", "1", "not_a_string"),
        ("product", '""', "blank"),
        ("product", json.dumps("P" * 41), "max_length"),
        ("product", '"A\\u202eB"', "invalid_characters"),
        ("amount", "null", "null"),
        ("amount", '"500000"', "not_a_number"),
        ("amount", "true", "not_a_number"),
        ("amount", "[500000]", "not_a_number"),
        ("amount", "0", "min_value"),
        ("amount", "-0.0", "min_value"),
        ("amount", "-500000", "min_value"),
        ("amount", "500000.005", "invalid_amount"),
        ("amount", "5e5", "invalid_amount"),
        ("amount", "5E+2000000", "invalid_amount"),
        ("amount", "10000000000001", "max_value"),
        ("amount", "10000000000000.01", "invalid_amount"),
        ("tenure_months", "null", "null"),
        ("tenure_months", '"24"', "not_an_integer"),
        ("tenure_months", "24.0", "not_an_integer"),
        ("tenure_months", "2.4e1", "not_an_integer"),
        ("tenure_months", "true", "not_an_integer"),
        ("tenure_months", "0", "min_value"),
        ("tenure_months", "-24", "min_value"),
        ("tenure_months", "361", "max_value"),
        ("user_id", "null", "null"),
        ("user_id", "9", "not_a_string"),
        ("user_id", json.dumps("B" * 31), "max_length"),
        ("rate", "1", "unknown_field"),
        ("annual_rate_bps", "1", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(
    client: Client, field: str, literal: str, code: str
) -> None:
    a_product()
    response = post(client, PATH, with_literal(ASKED, field, literal))
    assert faults(problem_of(response, status=400)) == [(field, code)]


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("NaN", "number_not_finite"),
        ("-Infinity", "number_not_finite"),
        ("9" * 17, "number_too_long"),
        ("1." + "0" * 40, "number_too_long"),
        ("0500000", "malformed_json"),
        ('500000,"amount":1', "duplicate_key"),
        ('"\\u0000"', "nul_character"),
        ('"\\ud800"', "lone_surrogate"),
    ],
)
def test_what_is_no_json_number_is_refused_before_it_is_looked_at(
    client: Client, literal: str, code: str
) -> None:
    problem_of(post(client, PATH, with_literal(ASKED, "amount", literal)), status=400, code=code)


@pytest.mark.parametrize(("amount", "field"), [(90, "tenure_months"), (29, "amount")])
def test_an_amount_too_small_for_its_rounding_is_refused(
    client: Client, amount: int, field: str
) -> None:
    """A product opened to a few rupees: rupee instalments repay them early, or never."""
    a_product(minimum_amount_paise=100, amount_step_paise=100, maximum_tenure_months=120)
    response = post(client, PATH, ASKED | {"amount": amount, "tenure_months": 120})
    assert faults(problem_of(response, status=400)) == [(field, "not_offered")]


def test_a_quote_takes_as_many_statements_for_a_long_loan_as_for_a_short_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    borrower = a_borrower()
    a_product()
    for months in (6, 60):
        # The product, its bands, its slabs; the calendar.
        with django_assert_num_queries(4):
            quoted(client, tenure_months=months)
        # And the borrower, and the borrower's score.
        with django_assert_num_queries(6):
            quoted(client, tenure_months=months, user_id=borrower.public_id)


def test_rupees_of_a_large_loan_are_not_rounded(client: Client) -> None:
    a_product(maximum_amount_paise=10**15)
    body = quoted(client, amount=10_000_000_000_000, tenure_months=60)
    assert sum(row["principal"] for row in body["schedule"]) == 10_000_000_000_000
    assert body["total_payable"] == body["amount"] + body["total_interest"]
