"""POST /api/v1/loans/apply: requests that are refused before anything is decided or written."""

import json
from typing import Any

import pytest
from django.test import Client

from credit.models import CreditScore
from ledger.models import Entry
from loan.models import ApplicationDecision, Loan, LoanApplication
from tests.api.calls import API, post, with_literal
from tests.api.problem import faults, problem_of
from tests.builders import a_borrower, a_product
from users.models import Borrower

PATH = "loans/apply"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def asked() -> dict[str, Any]:
    """Return a request that would be approved."""
    a_product()
    return {
        "user_id": a_borrower().public_id,
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
    }


def refused(client: Client, body: object, *, status: int, code: str | None = None) -> Any:
    """Return the problem of a request that left nothing behind."""
    problem = problem_of(post(client, PATH, body), status=status, code=code)
    for table in (LoanApplication, ApplicationDecision, Loan, Entry):
        assert not table.objects.exists()
    return problem


def test_every_missing_field_is_named_at_once(client: Client) -> None:
    assert faults(refused(client, {}, status=400)) == [
        (name, "required") for name in ("user_id", "product", "amount", "tenure_months", "purpose")
    ]


@pytest.mark.parametrize(
    ("field", "literal", "code"),
    [
        ("user_id", "null", "null"),
        ("user_id", "9", "not_a_string"),
        ("user_id", '""', "blank"),
        ("user_id", json.dumps("B" * 31), "max_length"),
        ("user_id", '"BC-USER-\\u200b001"', "invalid_characters"),
        ("user_id", '"BC\\nUSER"', "invalid_characters"),
        ("product", "true", "not_a_string"),
        ("amount", '"500000"', "not_a_number"),
        ("amount", "null", "null"),
        ("amount", "true", "not_a_number"),
        ("amount", "{}", "not_a_number"),
        ("amount", "0", "min_value"),
        ("amount", "-1", "min_value"),
        ("amount", "0.001", "invalid_amount"),
        ("amount", "1e5", "invalid_amount"),
        ("amount", "10000000000000.5", "invalid_amount"),
        ("tenure_months", "24.5", "not_an_integer"),
        ("tenure_months", "0", "min_value"),
        ("tenure_months", "9999999999999999", "max_value"),
        ("purpose", "null", "null"),
        ("purpose", "7", "invalid_choice"),
        ("purpose", '""', "invalid_choice"),
        ("purpose", '"home_renovation"', "invalid_choice"),
        ("purpose", '"GAMBLING"', "invalid_choice"),
        ("purpose", '["OTHER"]', "invalid_choice"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(
    client: Client, asked: dict[str, Any], field: str, literal: str, code: str
) -> None:
    problem = refused(client, with_literal(asked, field, literal), status=400)
    assert faults(problem) == [(field, code)]


@pytest.mark.parametrize(
    "name", ["status", "annual_rate_bps", "interest_rate", "loan_id", "reasons", "as_of", "id"]
)
def test_what_is_not_the_applicants_to_say_is_refused(
    client: Client, asked: dict[str, Any], name: str
) -> None:
    problem = refused(client, asked | {name: "APPROVED"}, status=400)
    assert faults(problem) == [(name, "unknown_field")]


@pytest.mark.parametrize("user_id", ["BC-USER-999999", "BC-USER-1", "LN-2026-0001", "१"])
def test_an_unknown_borrower_is_not_found(
    client: Client, asked: dict[str, Any], user_id: str
) -> None:
    problem = refused(client, asked | {"user_id": user_id}, status=404, code="borrower_not_found")
    assert faults(problem) == [("user_id", "borrower_not_found")]


def test_an_unknown_product_is_not_found(client: Client, asked: dict[str, Any]) -> None:
    refused(client, asked | {"product": "GOLD_LOAN"}, status=404, code="product_not_found")


def test_a_product_that_is_closed_takes_no_application(client: Client) -> None:
    a_product(open_to_applications=False)
    body = {
        "user_id": a_borrower().public_id,
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "OTHER",
    }
    refused(client, body, status=422, code="product_closed")


def test_a_borrower_who_was_never_scored_is_told_so(client: Client, asked: dict[str, Any]) -> None:
    unscored = Borrower.objects.create(
        name="Asha",
        email="asha@example.com",
        annual_income_paise=180_000_000,
        employment_type="SALARIED",
    )
    assert not CreditScore.objects.filter(borrower=unscored).exists()
    refused(client, asked | {"user_id": unscored.public_id}, status=404, code="score_not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "malformed_json"),
        ("[]", "not_an_object"),
        ('{"amount":1,"amount":2}', "duplicate_key"),
        ('{"user_id":"\\u0000"}', "nul_character"),
        ('{"amount":1e999}', None),
    ],
)
def test_a_body_that_is_no_request_is_refused(client: Client, body: str, code: str | None) -> None:
    refused(client, body, status=400, code=code)


def test_only_post_applies(client: Client) -> None:
    problem_of(client.put(API + PATH), status=405)
    # A GET of this address asks for a loan of that name.
    problem_of(client.get(API + PATH), status=405)


def test_outsiders_must_sign_in(client: Client, asked: dict[str, Any]) -> None:
    response = client.post(
        API + PATH,
        data=json.dumps(asked),
        content_type="application/json",
        REMOTE_ADDR="203.0.113.9",
    )
    problem_of(response, status=401)
    assert not LoanApplication.objects.exists()
