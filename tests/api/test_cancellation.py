"""Loans given back in their cooling-off period, over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from ledger.models import Transfer
from loan.models import Loan, Payment
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, RUPEE, a_disbursed_loan, a_product, books_of, pay

pytestmark = pytest.mark.django_db

SECOND_DAY = date(2026, 1, 12)


def giving_back(amount: object, **changes: object) -> dict[str, Any]:
    return {"amount": amount, "payment_method": "NEFT", "reference_id": "UTR-BACK"} | changes


def path(loan: Loan) -> str:
    return f"loans/{loan.public_id}/cancellation"


def test_a_loan_is_quoted_previewed_and_given_back(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(SECOND_DAY)
    quote = answer(get(client, f"{path(loan)}-quote"))
    # 5,00,000 × 16 % × 2/365; the fee of 10,000 and its GST are kept.
    assert quote == {
        "loan_id": loan.public_id,
        "on": "2026-01-12",
        "cooling_off_ends": "2026-01-13",
        "principal": 500_000,
        "interest": Decimal("438.36"),
        "charges": 0,
        "fee_returned": 0,
        "interest_returned": 0,
        "held": 0,
        "amount": Decimal("500438.36"),
    }
    order = giving_back(500438.36, quoted_on="2026-01-12")
    change = answer(post(client, f"{path(loan)}/preview", order))["change"]
    assert change["after"]["status"] == "CLOSED"
    assert not Payment.objects.exists()
    body = answer(post(client, path(loan), order), status=201)
    assert (body["loan_status"], body["outstanding"]) == ("CLOSED", 0)
    assert post(client, path(loan), order)["Idempotent-Replayed"] == "true"
    assert Payment.objects.get().event.payload["towards"] == "CANCELLATION"
    assert problem_of(get(client, f"{path(loan)}-quote"), status=409)["code"] == "loan_closed"
    assert answer(get(client, f"loans/{loan.public_id}/documents/no-dues-certificate"))
    assert_books_verify()


def test_the_fee_and_interest_kept_back_are_returned_where_that_is_agreed(
    client: Client, today: SetDate
) -> None:
    a_product(
        cooling_off_days=5,
        cooling_off_returns_fee=True,
        broken_period_interest="UPFRONT",
        minimum_gap_days=30,
    )
    loan = a_disbursed_loan()
    assert loan.upfront_interest_paise > 0
    today(date(2026, 1, 15))
    quote = answer(get(client, f"{path(loan)}-quote"))
    assert (quote["cooling_off_ends"], quote["fee_returned"]) == ("2026-01-15", 11_800)
    kept_back = Decimal(loan.upfront_interest_paise) / 100
    assert quote["interest_returned"] == kept_back
    assert quote["amount"] == 500_000 + Decimal("1095.89") - 11_800 - kept_back
    answer(post(client, path(loan), giving_back(float(quote["amount"]))), status=201)
    booked = {(kind, debit, credit): paise for kind, debit, credit, paise in books_of(loan)}
    assert booked["CANCELLATION", "4100", "1100"] == 10_000 * RUPEE
    assert booked["CANCELLATION", "2300", "1100"] == 1_800 * RUPEE
    assert booked["CANCELLATION", "4000", "1100"] == loan.upfront_interest_paise
    assert answer(get(client, f"loans/{loan.public_id}/explanations"))["explanations"]
    assert_books_verify()
    # The payment bounces: the loan is owed again, and nothing was returned.
    payment = Payment.objects.get()
    answer(post(client, f"loans/payments/{payment.pk}/reverse", {"reason": "bounced"}), status=201)
    loan.refresh_from_db()
    assert (loan.status, loan.principal_paid_paise) == ("ACTIVE", 0)
    sums: dict[str, int] = {}
    for line in Transfer.objects.filter(loan_id=loan.pk):
        sums[line.debit_id] = sums.get(line.debit_id, 0) + line.amount_paise
        sums[line.credit_id] = sums.get(line.credit_id, 0) - line.amount_paise
    assert sums["4100"] == -10_000 * RUPEE
    assert_books_verify()


def test_a_loan_is_given_back_in_its_moratorium_with_what_was_paid_before(
    client: Client, today: SetDate
) -> None:
    a_product(
        principal_moratorium_periods=2,
        interest_moratorium_periods=2,
        moratorium_interest="CAPITALISED",
    )
    loan = a_disbursed_loan()
    pay(loan, 1_000 * RUPEE, on=DISBURSED)
    today(SECOND_DAY)
    quote = answer(get(client, f"{path(loan)}-quote"))
    assert (quote["held"], quote["amount"]) == (1_000, Decimal("499438.36"))
    answer(post(client, path(loan), giving_back(499438.36)), status=201)
    loan.refresh_from_db()
    assert (loan.status, loan.capitalised_paise, loan.excess_paise) == ("CLOSED", 0, 0)
    assert_books_verify()


@pytest.mark.parametrize(
    ("on", "order", "code", "field"),
    [
        (SECOND_DAY, giving_back(500438.35), "cancellation_amount_differs", "amount"),
        (SECOND_DAY, giving_back(500438.37), "cancellation_amount_differs", "amount"),
        (SECOND_DAY, giving_back(0), "min_value", "amount"),
        (
            SECOND_DAY,
            giving_back(500438.36, quoted_on="2026-01-11"),
            "quote_expired",
            "quoted_on",
        ),
        (date(2026, 1, 14), giving_back(500876.71), "cooling_off_over", "on"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    client: Client, today: SetDate, on: date, order: dict[str, Any], code: str, field: str
) -> None:
    loan = a_disbursed_loan()
    today(on)
    for address in (path(loan), f"{path(loan)}/preview"):
        response = post(client, address, order)
        assert (field, code) in faults(problem_of(response, status=response.status_code))
    assert not Payment.objects.exists()


def test_the_statements_of_a_cancellation_are_counted(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    loan = a_disbursed_loan()
    today(SECOND_DAY)
    with django_assert_num_queries(4):
        get(client, f"{path(loan)}-quote")
    with django_assert_num_queries(33):
        answer(post(client, path(loan), giving_back(500438.36)), status=201)
