"""Part prepayments, foreclosure quotes and foreclosures, over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Event, Loan, Payment
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.audit import assert_books_verify
from tests.builders import a_disbursed_loan

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 20)


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return a loan of five lakh, ten days old."""
    made = a_disbursed_loan()
    today(TODAY)
    return made


def order_of(**changes: object) -> dict[str, Any]:
    return {
        "amount": 100_000,
        "reduce": "EMI",
        "payment_method": "NEFT",
        "reference_id": "UTR-9",
    } | changes


def closing(**changes: object) -> dict[str, Any]:
    order = order_of(amount=502191.78) | changes
    del order["reduce"]
    return order


def test_a_prepayment_is_previewed_taken_and_repeated(client: Client, loan: Loan) -> None:
    path = f"loans/{loan.public_id}/prepayments"
    change = answer(post(client, f"{path}/preview", order_of()))["change"]
    before, after = change["before"], change["after"]
    assert (before["instalments_to_come"], after["instalments_to_come"]) == (24, 24)
    assert before["last_due_date"] == after["last_due_date"] == "2028-01-05"
    assert after["interest_to_come"] < before["interest_to_come"]
    assert not Payment.objects.exists()

    body = answer(post(client, path, order_of()), status=201)
    assert body["allocation"]["interest"] == Decimal("3225.81")
    assert body["allocation"]["principal"] == Decimal("96774.19")
    assert body["outstanding"] == Decimal("403225.81")
    repeated = post(client, path, order_of())
    assert repeated["Idempotent-Replayed"] == "true"
    assert answer(repeated, status=201) == body
    shown = answer(get(client, f"loans/{loan.public_id}"))
    assert len(shown["schedule"]) == 25
    assert shown["schedule"][0]["due_date"] == "2026-01-20"
    assert sum(row["principal"] for row in shown["schedule"]) == 500_000
    assert_books_verify()


def test_a_quote_says_what_it_is_made_of_and_closes_the_loan(client: Client, loan: Loan) -> None:
    quote = answer(get(client, f"loans/{loan.public_id}/foreclosure-quote"))
    assert quote == {
        "loan_id": loan.public_id,
        "on": "2026-01-20",
        "valid_until": "2026-01-20",
        "principal_outstanding": 500_000,
        "principal_overdue": 0,
        "interest_due": 0,
        "interest_accrued": Decimal("2191.78"),  # 5,00,000 × 16 % × 10/365: paid out on the 10th
        "per_diem": Decimal("219.18"),
        "charges": 0,
        "penal_charges": 0,
        "foreclosure_charge": 0,
        "foreclosure_charge_gst": 0,
        "advance_held": 0,
        "excess_held": 0,
        "amount": Decimal("502191.78"),
        "refundable": 0,
    }
    path = f"loans/{loan.public_id}/foreclosure"
    order = closing(amount=502191.78, quoted_on="2026-01-20")
    change = answer(post(client, f"{path}/preview", order))["change"]
    assert change["after"]["status"] == "CLOSED"
    body = answer(post(client, path, order), status=201)
    assert (body["loan_status"], body["outstanding"]) == ("CLOSED", 0)
    assert_books_verify()
    refused = problem_of(get(client, f"loans/{loan.public_id}/foreclosure-quote"), status=409)
    assert refused["code"] == "loan_closed"


@pytest.mark.parametrize(
    ("path", "order", "code", "field"),
    [
        ("prepayments", order_of(amount=502191.78), "prepayment_too_large", "amount"),
        ("prepayments", order_of(amount=3225.81), "prepayment_too_small", "amount"),
        ("prepayments", order_of(reduce="BOTH"), "invalid_choice", "reduce"),
        ("prepayments", order_of(amount=0), "min_value", "amount"),
        ("foreclosure", closing(amount=502191.77), "foreclosure_amount_differs", "amount"),
        ("foreclosure", closing(amount=502191.79), "foreclosure_amount_differs", "amount"),
        ("foreclosure", closing(quoted_on="2026-01-19"), "quote_expired", "quoted_on"),
        ("foreclosure", closing(quoted_on="2026-01-21"), "future_value_date", "quoted_on"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    client: Client, loan: Loan, path: str, order: dict[str, Any], code: str, field: str
) -> None:
    for address in (path, f"{path}/preview"):
        response = post(client, f"loans/{loan.public_id}/{address}", order)
        assert response.status_code in (400, 409, 422)
        assert (field, code) in faults(problem_of(response, status=response.status_code))
    assert not Payment.objects.exists()
    assert not Event.objects.exists()
    assert_books_verify()


@pytest.mark.parametrize(
    ("on", "code"),
    [
        ("2026-01-19", "quote_for_past_day"),
        ("2026-02-21", "quote_too_far_ahead"),
        ("tomorrow", "invalid_date"),
    ],
)
def test_no_quote_for_such_a_day(client: Client, loan: Loan, on: str, code: str) -> None:
    response = get(client, f"loans/{loan.public_id}/foreclosure-quote", on=on)
    assert ("on", code) in faults(problem_of(response, status=400))


def test_the_number_of_statements_is_known(
    client: Client, loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = f"loans/{loan.public_id}"
    with django_assert_num_queries(4):
        get(client, f"{path}/foreclosure-quote")
    with django_assert_num_queries(19):
        answer(post(client, f"{path}/prepayments/preview", order_of()))
    with django_assert_num_queries(34):
        answer(post(client, f"{path}/prepayments", order_of()), status=201)
