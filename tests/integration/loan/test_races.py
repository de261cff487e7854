"""Payments that arrive at the same moment, over separate connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client

from loan.models import BusinessDay, Due, Loan, Payment
from loan.services.happening import lock_loan
from loan.services.payments import PaymentOrder, Receipt, ReferenceReused, post_payment
from tests.api.calls import answer, post
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, FIRST_DUE, RUPEE, a_disbursed_loan
from tests.integration.loan.racing import collide, cut_before, deadlocks, start

RUNNERS = 20
EMI = 24_482 * RUPEE

pytestmark = pytest.mark.django_db(transaction=True)


def order_of(loan: Loan, *, reference: str, amount_paise: int = EMI) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=amount_paise,
        payment_method="UPI",
        reference_id=reference,
    )


def paying(order: PaymentOrder, *, on: date = FIRST_DUE) -> Callable[[], Receipt]:
    return lambda: post_payment(order, as_of=on)


def test_one_reference_twenty_times_at_once_takes_money_once_and_all_get_one_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: FIRST_DUE)
    loan = a_disbursed_loan()
    order = {
        "loan_id": loan.public_id,
        "amount": 24_482,
        "payment_method": "UPI",
        "reference_id": "PAY-789XYZ",
    }

    def send() -> Any:
        return post(Client(), "loans/payments", order)

    responses: list[Any] = collide([send] * RUNNERS, hold=lambda: lock_loan(loan.public_id))
    assert len({response.content for response in responses}) == 1
    assert all(answer(response, status=201) for response in responses)
    replayed = [response.headers.get("Idempotent-Replayed") for response in responses]
    assert sorted(replayed, key=str) == [None] + ["true"] * (RUNNERS - 1)
    loan.refresh_from_db()
    assert Payment.objects.count() == 1
    assert loan.principal_paid_paise + loan.interest_paid_paise == EMI
    assert_books_verify()


def test_twenty_payments_on_one_loan_at_once_all_land_exact_to_the_paisa() -> None:
    loan = a_disbursed_loan()
    amounts = [1_234_57 + 991 * n for n in range(RUNNERS)]
    before = deadlocks()
    receipts = collide(
        [
            paying(order_of(loan, reference=f"PAY-{n}", amount_paise=amount))
            for n, amount in enumerate(amounts)
        ],
        hold=lambda: lock_loan(loan.public_id),
    )
    assert not any(receipt.repeated for receipt in receipts if isinstance(receipt, Receipt))
    assert [type(receipt) for receipt in receipts] == [Receipt] * RUNNERS
    loan.refresh_from_db()
    assert sorted(Payment.objects.values_list("amount_paise", flat=True)) == amounts
    taken = loan.principal_paid_paise + loan.interest_paid_paise + loan.advance_paise
    assert taken == sum(amounts)
    assert Due.objects.count() == 1
    assert deadlocks() == before
    assert_books_verify()


def test_the_last_paisa_paid_twice_at_once_is_taken_once_and_refused_once() -> None:
    """Write skew: both see one instalment left; the second must see the loan closed."""
    loan = a_disbursed_loan(amount_paise=100_000 * RUPEE, tenure_months=6)
    last = loan.instalments.get(number=6)
    due = sum(row.total_paise for row in loan.instalments.all())
    post_payment(
        order_of(loan, reference="BEFORE", amount_paise=due - last.total_paise), as_of=DISBURSED
    )
    outcomes = collide(
        [
            paying(
                order_of(loan, reference=f"LAST-{n}", amount_paise=last.total_paise),
                on=last.due_date,
            )
            for n in range(2)
        ],
        hold=lambda: lock_loan(loan.public_id),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "LoanClosedRefusesPayment",
        "Receipt",
    ]
    loan.refresh_from_db()
    assert (loan.status, loan.advance_paise, loan.excess_paise) == ("CLOSED", 0, 0)
    assert_books_verify()


def test_one_reference_on_two_loans_at_once_is_one_payment_and_one_conflict() -> None:
    """Both have looked and found the reference free before either writes it."""
    loans = [a_disbursed_loan(), a_disbursed_loan()]
    both_have_looked = Barrier(2)

    def paying_when_both_have_looked(loan: Loan) -> Callable[[], Receipt]:
        def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith('INSERT INTO "loan_payment"'):
                both_have_looked.wait(10)
            return execute(sql, params, many, context)

        def run() -> Receipt:
            with connection.execute_wrapper(wrapper):
                return post_payment(order_of(loan, reference="PAY-1"), as_of=FIRST_DUE)

        return run

    outcomes = collide(
        [paying_when_both_have_looked(loan) for loan in loans],
        hold=lambda: [lock_loan(loan.public_id) for loan in loans],
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        Receipt.__name__,
        ReferenceReused.__name__,
    ]
    payment = Payment.objects.get()
    untouched = Loan.objects.exclude(pk=payment.loan_id).get()
    assert (untouched.next_number, untouched.position_date) == (1, DISBURSED)
    assert not untouched.dues.exists()
    assert_books_verify()


def test_the_first_payments_of_new_books_open_the_calendar_once() -> None:
    loans = [a_disbursed_loan() for _ in range(5)]
    BusinessDay.objects.all().delete()
    receipts = collide(
        [paying(order_of(loan, reference=f"PAY-{loan.pk}")) for loan in loans],
        hold=lambda: [lock_loan(loan.public_id) for loan in loans],
    )
    assert [type(receipt) for receipt in receipts] == [Receipt] * len(loans)
    assert BusinessDay.objects.get().closed_through_date == date(2026, 2, 4)
    assert_books_verify()


def test_a_payment_that_waits_too_long_for_its_loan_is_told_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: FIRST_DUE)
    held, free = a_disbursed_loan(), a_disbursed_loan()

    def send() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return [
            post(
                Client(),
                "loans/payments",
                {
                    "loan_id": loan.public_id,
                    "amount": 24_482,
                    "payment_method": "UPI",
                    "reference_id": f"PAY-{loan.pk}",
                },
            )
            for loan in (held, free)
        ]

    with ThreadPoolExecutor(max_workers=1) as pool, transaction.atomic():
        lock_loan(held.public_id)
        outcome = start(pool, send).result(10)
    assert isinstance(outcome, list)
    late, prompt = outcome
    assert (late.status_code, late.json()["code"]) == (503, "try_again")
    assert late.headers["Retry-After"] == "1"
    assert prompt.status_code == 201
    assert Payment.objects.get().loan_id == free.pk
    assert_books_verify()


def test_a_session_cut_at_any_statement_of_a_payment_leaves_all_of_it_or_nothing() -> None:
    loan = a_disbursed_loan()
    order = order_of(loan, reference="PAY-1")
    cuts = 0
    while True:
        before = list(Loan.objects.values_list())
        try:
            with connection.execute_wrapper(cut_before(cuts)):
                receipt = post_payment(order, as_of=FIRST_DUE)
        except (OperationalError, InterfaceError):
            connection.close()
            assert list(Loan.objects.values_list()) == before
            assert not Payment.objects.exists()
            assert not Due.objects.exists()
            cuts += 1
        else:
            break
    assert cuts >= 15
    assert receipt.payment == Payment.objects.get()
    assert not receipt.repeated
    assert_books_verify()
