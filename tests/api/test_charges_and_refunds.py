"""Charges levied and waived, bounces, and excess paid back, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Charge, Event, Loan
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.approving import approved
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

TODAY = date(2026, 2, 10)


@pytest.fixture
def late_loan(today: SetDate) -> Loan:
    """Return a loan whose first instalment has drawn a penal charge of 500 rupees."""
    loan = a_disbursed_loan()
    run_billing(TODAY - timedelta(days=1), today=TODAY, may_run_ahead=False)
    today(TODAY)
    return loan


@pytest.fixture
def rich_loan(today: SetDate) -> Loan:
    """Return a loan that is paid, with 4,000 rupees and a bit too much."""
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    pay(loan, 6 * loan.instalment_paise + 4_000 * RUPEE, on=FIRST_DUE)
    today(FIRST_DUE)
    assert loan.excess_paise >= 4_000 * RUPEE
    return loan


def of(loan: Loan, path: str) -> str:
    return f"loans/{loan.public_id}/{path}"


def test_a_waiver_is_previewed_made_and_shown(client: Client, late_loan: Loan) -> None:
    path = of(late_loan, "charges/PENAL-1/waive")
    preview = answer(post(client, path + "/preview", {"amount": 200}))
    assert preview["event"] is preview["by"] is None
    assert preview["change"]["after"]["penal_charges_unpaid"] == 300
    done = approved(client, path, {"amount": 200, "reason": "goodwill"})
    assert done["change"] == preview["change"]
    made = done["approval"]
    assert (made["event"], made["made_by"], made["decided_by"]) == (1, "sandbox", "checker")
    assert made["reason"] == "goodwill"
    statement = answer(get(client, "statements", loan_id=late_loan.public_id))
    assert statement["charges"] == [
        {
            "charge": "PENAL-1",
            "kind": "PENAL",
            "levied_on": "2026-02-09",
            "amount": 500,
            "gst": 0,
            "paid": 0,
            "waived": 200,
            "outstanding": 300,
        }
    ]
    found = answer(
        get(client, of(late_loan, "explanations"), amount="charges.PENAL-1.outstanding")
    )["explanations"][0]
    assert (found["value"], found["agrees"]) == (300, True)
    approved(client, path, {"reason": "all of it"})
    problem_of(post(client, path, {"reason": "again"}), status=409, code="charge_not_open")
    assert_books_verify()


@pytest.mark.parametrize(
    ("charge", "body", "status", "code"),
    [
        ("PENAL-9", {"reason": "x"}, 404, "charge_not_found"),
        ("PENAL-1", {"reason": "x", "amount": 500.01}, 409, "waiver_exceeds_charge"),
        ("PENAL-1", {"reason": "x", "amount": 0}, 400, None),
        ("PENAL-1", {"amount": 500}, 400, None),
        ("PENAL-1", {"reason": "x", "kind": "PENAL"}, 400, None),
    ],
)
def test_a_waiver_that_cannot_be_is_refused(
    client: Client,
    late_loan: Loan,
    charge: str,
    body: dict[str, Any],
    status: int,
    code: str | None | None,
) -> None:
    problem_of(
        post(client, of(late_loan, f"charges/{charge}/waive"), body), status=status, code=code
    )
    assert not Event.objects.exists()


def test_a_charge_is_levied_with_gst_once(client: Client, late_loan: Loan) -> None:
    body = {"charge": "SWAP-1", "amount": 100, "reason": "mandate swapped"}
    done = answer(post(client, of(late_loan, "charges"), body), status=201)
    assert done["change"]["charges_appeared"] == [
        {"charge": "SWAP-1", "kind": "OTHER", "levied_on": "2026-02-10", "amount": 118}
    ]
    problem_of(post(client, of(late_loan, "charges"), body), status=409, code="charge_key_taken")
    reserved = post(client, of(late_loan, "charges"), body | {"charge": "PENAL-7"})
    assert faults(problem_of(reserved, status=400)) == [("charge", "charge_key_reserved")]
    assert Charge.objects.filter(kind="OTHER").count() == 1


def test_a_bounce_brings_its_charge(client: Client, today: SetDate) -> None:
    a_product(bounce_charge_paise=500 * RUPEE)
    payment = pay(a_disbursed_loan(), 24_482 * RUPEE, on=FIRST_DUE)
    today(FIRST_DUE)
    path = f"loans/payments/{payment.pk}/reverse"
    preview = answer(post(client, path + "/preview", {"bounced": True}))
    done = answer(post(client, path, {"reason": "NACH 04", "bounced": True}), status=201)
    assert done["change"] == preview["change"]
    assert [row["amount"] for row in done["change"]["charges_appeared"]] == [590]
    problem = problem_of(post(client, path, {"reason": "x", "bounced": "yes"}), status=400)
    assert faults(problem) == [("bounced", "not_a_boolean")]


def test_excess_is_refunded_once(client: Client, rich_loan: Loan) -> None:
    path = of(rich_loan, "refunds")
    excess = answer(get(client, "statements", loan_id=rich_loan.public_id))["loan_summary"][
        "excess"
    ]
    preview = answer(post(client, path + "/preview", {"amount": 4000}))
    assert preview["change"]["before"]["excess"] == excess
    body = {"amount": 4000, "reference_id": "UTR-9"}
    done = approved(client, path, body)
    assert done["change"] == preview["change"]
    assert (done["approval"]["amount"], done["approval"]["event"]) == (4000, 2)
    again = post(client, path, body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert answer(again, status=201)["change"] is None
    problem_of(post(client, path, body | {"amount": 1}), status=409, code="refund_reference_reused")
    problem_of(
        post(client, path, {"amount": 4000, "reference_id": "UTR-10"}),
        status=409,
        code="refund_exceeds_excess",
    )
    for bad in ({"amount": 4000}, {"amount": -1, "reference_id": "R"}, {"reference_id": "R"}):
        problem_of(post(client, path, bad), status=400)
    assert Event.objects.filter(kind="REFUND").count() == 1
    assert_books_verify()


def test_each_takes_as_many_statements_as_it_is_known_to(
    client: Client, late_loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(16):
        answer(post(client, of(late_loan, "charges/PENAL-1/waive"), {"reason": "x"}), status=202)
    body = {"charge": "SWAP-1", "amount": 100, "reason": "x"}
    with django_assert_num_queries(10):
        answer(post(client, of(late_loan, "charges"), body), status=201)


def test_a_refund_takes_as_many_statements_as_it_is_known_to(
    client: Client, rich_loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(11):
        answer(
            post(client, of(rich_loan, "refunds"), {"amount": 1, "reference_id": "R"}), status=202
        )
