"""Reading leaves no trace: whatever is asked of a loan, its rows and books stay as they were."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from psycopg import sql

from tests.api.calls import answer, get, post
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay

TABLES = (
    "loan_loan",
    "loan_instalment",
    "loan_due",
    "loan_charge",
    "loan_payment",
    "loan_allocation",
    "loan_event",
    "ledger_entry",
    "ledger_transfer",
    "credit_creditscore",
)


def digest() -> list[Any]:
    """Return what the tables of loans, books and scores hold."""
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                sql.SQL("SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {} t").format(
                    sql.Identifier(table)
                )
            )
            found.append(cursor.fetchone())
    return found


@pytest.mark.django_db
def test_i48_reading_and_previewing_change_nothing(client: Client, today: Any) -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, 30_000 * RUPEE, on=FIRST_DUE)
    day = FIRST_DUE + timedelta(days=40)
    today(day)
    before = digest()
    own = f"loans/{loan.public_id}"
    for path, query in (
        (own, {}),
        ("loans", {"user_id": loan.borrower.public_id}),
        ("statements", {"loan_id": loan.public_id}),
        ("statements", {"loan_id": loan.public_id, "as_of": str(FIRST_DUE)}),
        (f"{own}/explanations", {}),
        (f"{own}/foreclosure-quote", {}),
        ("credit/scores", {"user_id": loan.borrower.public_id}),
    ):
        answer(get(client, path, **query))
    what_if = {"events": [{"event": "PAY", "on": str(day), "amount": 1_000}]}
    order = {
        "loan_id": loan.public_id,
        "amount": 500,
        "payment_method": "UPI",
        "reference_id": "PREVIEW-1",
        "value_date": str(FIRST_DUE),
    }
    for path, body in (
        (f"{own}/what-if", what_if),
        ("loans/payments/preview", order),
        (f"loans/payments/{payment.pk}/reverse/preview", {}),
    ):
        answer(post(client, path, body))
    assert digest() == before
