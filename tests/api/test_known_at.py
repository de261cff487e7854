"""Statements as they could be drawn at an instant: what was true, and what was known."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bright_credit.common.business_day import today as the_day
from loan.models import Loan
from loan.services.happening import Author
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from tests.api.calls import answer, get
from tests.api.problem import faults, problem_of
from tests.builders import RUPEE, a_disbursed_loan

pytestmark = pytest.mark.django_db

TELLER = Author(actor="teller", reason="bounced")


@pytest.fixture
def told_loan() -> tuple[Loan, date, list[datetime]]:
    """Return a loan, its first due date, and instants before and after what became known late.

    A payment of the due date came to be known today; then it was reversed.
    """
    today = the_day()
    loan = a_disbursed_loan(as_of=today - timedelta(days=70))
    due = loan.first_due_date
    payment = post_payment(
        PaymentOrder(
            loan_id=loan.public_id,
            amount_paise=24_482 * RUPEE,
            payment_method="UPI",
            reference_id="LATE",
            value_date=due,
        ),
        as_of=today,
    ).payment
    reverse_payment(payment.pk, as_of=today, by=TELLER)
    return loan, due, _set_apart()


def _set_apart() -> list[datetime]:
    """Book the events an hour apart, as a test is one transaction; return times between them."""
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE loan_event DISABLE TRIGGER USER")
        for hours, sequence in ((2, 1), (1, 2)):
            cursor.execute(
                "UPDATE loan_event SET booked_at = %s WHERE sequence = %s",
                [now - timedelta(hours=hours), sequence],
            )
        cursor.execute("UPDATE loan_loan SET disbursed_at = %s", [now - timedelta(hours=4)])
        cursor.execute("ALTER TABLE loan_event ENABLE TRIGGER USER")
    return [now - timedelta(minutes=minutes) for minutes in (150, 90, 30)]


def drawn(client: Client, loan: Loan, **query: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer(get(client, "statements", loan_id=loan.public_id, **query))
    return body


def test_what_was_known_is_told_apart_from_what_was_true(
    client: Client, told_loan: tuple[Loan, date, list[datetime]]
) -> None:
    loan, due, instants = told_loan
    paid = []
    for instant in instants:
        known_at = instant.isoformat().replace("+00:00", "Z")
        body = drawn(client, loan, as_of=str(due), known_at=known_at)
        assert datetime.fromisoformat(body["known_at"]) == instant
        paid.append((len(body["payments"]), body["payment_history"][0]["status"]))
        explained = answer(
            get(
                client,
                f"loans/{loan.public_id}/explanations",
                amount="loan_summary",
                as_of=str(due),
                known_at=known_at,
            )
        )
        assert all(one["agrees"] for one in explained["explanations"])
    # Nothing yet; then the payment of the due date; then that it had come to nothing.
    assert paid == [(0, "OVERDUE"), (1, "PAID"), (1, "OVERDUE")]
    now = drawn(client, loan, as_of=str(due))
    assert now["known_at"] is None
    assert (
        now["payment_history"]
        == drawn(client, loan, as_of=str(due), known_at=known_at)["payment_history"]
    )


@pytest.mark.parametrize(
    ("known_at", "code"),
    [
        ("2026-03-15", "invalid_instant"),
        ("2026-03-15T09:30:00", "invalid_instant"),
        ("2026-13-15T09:30:00Z", "invalid_instant"),
        ("2026-03-15T09:30:00 05:30", "invalid_instant"),
        ("1000-01-01T00:00:00Z", "date_out_of_range"),
        ("2019-01-01T00:00:00Z", "statement_instant_refused"),
        ("2099-01-01T00:00:00Z", "statement_instant_refused"),
    ],
)
def test_an_instant_that_cannot_be_is_refused(client: Client, known_at: str, code: str) -> None:
    loan = a_disbursed_loan()
    problem = problem_of(
        get(client, "statements", loan_id=loan.public_id, known_at=known_at), status=400
    )
    assert faults(problem) == [("known_at", code)]


def test_a_day_after_the_instant_was_not_known_yet(
    client: Client, told_loan: tuple[Loan, date, list[datetime]]
) -> None:
    loan, _, instants = told_loan
    problem = problem_of(
        get(
            client,
            "statements",
            loan_id=loan.public_id,
            known_at=instants[0].isoformat().replace("+00:00", "Z"),
            as_of=str(the_day() + timedelta(days=1)),
        ),
        status=400,
    )
    assert faults(problem) == [("as_of", "statement_date_refused")]


def test_knowing_takes_no_more_statements(
    client: Client,
    told_loan: tuple[Loan, date, list[datetime]],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    loan, _, instants = told_loan
    with django_assert_num_queries(2):
        drawn(client, loan, known_at=instants[1].isoformat().replace("+00:00", "Z"))
