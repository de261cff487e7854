"""Payments of an earlier day, and payments taken back, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Event, Loan, Payment
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 21)
EMI = 24_482


@pytest.fixture
def late_loan(today: SetDate) -> Loan:
    """Return a loan of which nothing is paid, 105 days after its first due date."""
    loan = a_disbursed_loan()
    run_billing(TODAY - timedelta(days=1), today=TODAY, may_run_ahead=False)
    today(TODAY)
    loan.refresh_from_db()
    return loan


def order_of(loan: Loan, **changes: object) -> dict[str, Any]:
    return {
        "loan_id": loan.public_id,
        "amount": EMI,
        "payment_method": "NEFT",
        "reference_id": "UTR-1",
        "value_date": "2026-02-05",
    } | changes


def test_a_payment_of_an_earlier_day_lifts_what_its_lateness_brought(
    client: Client, late_loan: Loan
) -> None:
    preview = answer(post(client, "loans/payments/preview", order_of(late_loan)))
    assert preview["event"] is preview["payment_id"] is preview["by"] is None
    change = preview["change"]
    assert change["as_of"] == "2026-05-21"
    assert (change["before"]["bucket"], change["after"]["bucket"]) == ("NPA", "SMA_2")
    assert (change["before"]["days_past_due"], change["after"]["days_past_due"]) == (105, 77)
    assert change["charges_vanished"] == [
        {"charge": "PENAL-1", "kind": "PENAL", "levied_on": "2026-02-09", "amount": 500}
    ]
    assert [row["number"] for row in change["instalments"]] == [1]
    assert change["instalments"][0]["after"]["status"] == "PAID"
    assert not Payment.objects.exists()

    body = answer(post(client, "loans/payments", order_of(late_loan)), status=201)
    assert body["value_date"] == "2026-02-05"
    assert [line["instalment"] for line in body["lines"]] == [1]
    shown = answer(get(client, "loans/" + late_loan.public_id))
    assert (shown["days_past_due"], shown["bucket"], shown["npa_since"]) == (77, "SMA_2", None)
    statement = answer(get(client, "statements", loan_id=late_loan.public_id))
    assert [charge["charge"] for charge in statement["charges"]] == [
        "PENAL-2",
        "PENAL-3",
        "PENAL-4",
    ]
    assert_books_verify()


def test_a_reversal_shows_what_it_changes_and_says_who_and_why(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    bounced = pay(loan, EMI * 100, on=FIRST_DUE, reference="NACH-1")
    pay(loan, EMI * 100, on=date(2026, 3, 5), reference="NACH-2")
    today(date(2026, 3, 9))
    path = f"loans/payments/{bounced.pk}/reverse"
    preview = answer(post(client, path + "/preview", {}))
    assert preview["event"] is None
    done = answer(post(client, path, {"reason": "NACH return 04"}), status=201)
    assert done["change"] == preview["change"]
    assert (done["loan_id"], done["payment_id"], done["event"]) == (loan.public_id, bounced.pk, 3)
    assert (done["by"], done["reason"]) == ("sandbox", "NACH return 04")
    change = done["change"]
    assert [charge["charge"] for charge in change["charges_appeared"]] == ["PENAL-1", "PENAL-2"]
    assert change["after"]["oldest_unpaid_due_date"] == "2026-03-05"
    # Of the statement too: the second payment met the first instalment.
    statement = answer(get(client, "statements", loan_id=loan.public_id))
    lines = {row["reference_id"]: row["lines"] for row in statement["payments"]}
    assert lines["NACH-1"] == []
    assert [line["instalment"] for line in lines["NACH-2"]] == [1]
    # The first payment's own answer stays what it was.
    again = answer(post(client, "loans/payments", _as_posted(loan, "NACH-2")), status=201)
    assert [line["instalment"] for line in again["lines"]] == [2]
    assert_books_verify()


def _as_posted(loan: Loan, reference: str) -> dict[str, Any]:
    return {
        "loan_id": loan.public_id,
        "amount": EMI,
        "payment_method": "UPI",
        "reference_id": reference,
    }


def test_a_payment_is_reversed_once_and_only_if_it_is_there(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI * 100, on=FIRST_DUE)
    today(FIRST_DUE)
    path = f"loans/payments/{payment.pk}/reverse"
    answer(post(client, path, {"reason": "bounced"}), status=201)
    for again in (path, path + "/preview"):
        body = {} if again.endswith("preview") else {"reason": "bounced"}
        problem_of(post(client, again, body), status=409, code="payment_already_reversed")
    for unknown in (payment.pk + 1, 10**30):
        problem_of(
            post(client, f"loans/payments/{unknown}/reverse", {"reason": "bounced"}),
            status=404,
            code="payment_not_found",
        )
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("reason", "required")),
        ({"reason": ""}, ("reason", "blank")),
        ({"reason": "x" * 201}, ("reason", "max_length")),
        ({"reason": "bounced", "amount": 1}, ("amount", "unknown_field")),
    ],
)
def test_a_reversal_needs_a_reason_and_nothing_else(
    client: Client, today: SetDate, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI * 100, on=FIRST_DUE)
    today(FIRST_DUE)
    path = f"loans/payments/{payment.pk}/reverse"
    assert faults(problem_of(post(client, path, body), status=400)) == [fault]
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("value_date", "code"),
    [
        ("2026-01-09", "before_disbursement"),
        ("2026-05-22", "future_value_date"),
        ("05/02/2026", "invalid_date"),
    ],
)
@pytest.mark.parametrize("path", ["loans/payments", "loans/payments/preview"])
def test_a_value_date_lies_between_the_disbursement_and_today(
    client: Client, late_loan: Loan, path: str, value_date: str, code: str
) -> None:
    problem = problem_of(post(client, path, order_of(late_loan, value_date=value_date)), status=400)
    assert faults(problem) == [("value_date", code)]
    assert not Payment.objects.exists()


def test_the_same_reference_with_another_value_date_is_another_payment(
    client: Client, late_loan: Loan
) -> None:
    answer(post(client, "loans/payments", order_of(late_loan)), status=201)
    repeated = post(client, "loans/payments", order_of(late_loan))
    assert repeated.headers["Idempotent-Replayed"] == "true"
    problem_of(
        post(client, "loans/payments", order_of(late_loan, value_date="2026-02-06")),
        status=409,
        code="reference_reused",
    )


def test_an_event_of_the_past_takes_as_many_statements_however_long_the_past(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for payments in (1, 40):
        loan = a_disbursed_loan()
        for n in range(payments):
            pay(loan, 100_00, on=date(2026, 3, 1) + timedelta(days=n))
        today(TODAY)
        with django_assert_num_queries(38) as captured:
            answer(
                post(client, "loans/payments", order_of(loan, reference_id=f"UTR-{payments}")),
                status=201,
            )
        counts.append(len(captured))
    assert counts[0] == counts[1]
