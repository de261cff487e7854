"""Payments while the run is at work: nobody is refused, nobody waits but for his own loan."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from loan.models import Due, Instalment, Loan, Payment
from loan.services.billing import bill_range as billing
from loan.services.billing import chunks, day_sql
from loan.services.billing.opening import open_run
from loan.services.billing.run import run_billing, run_day
from loan.services.payments import PaymentOrder, post_payment
from tests.audit import assert_books_verify
from tests.integration.billing.books import DAY, a_book

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")

MORNING_AFTER = DAY + timedelta(days=1)


def _pay(loan_key: int, paise: int, reference: str) -> float:
    """Pay a loan on the morning after; return how long that took in seconds."""
    started = time.monotonic()
    order = PaymentOrder(
        loan_id=Loan.objects.get(pk=loan_key).public_id,
        amount_paise=paise,
        payment_method="UPI",
        reference_id=reference,
    )
    post_payment(order, as_of=MORNING_AFTER)
    return time.monotonic() - started


def _elsewhere(work: Callable[[], T]) -> Callable[[], T]:
    """Return the work as a thread does it: with a connection of its own, closed at the end."""

    def done() -> T:
        with closing(connection):
            return work()

    return done


def _plainly_due() -> list[int]:
    rows = Instalment.objects.filter(
        due_date=DAY, loan__advance_paise=0, loan__oldest_unpaid_due_date=DAY
    )
    return list(rows.order_by("loan_id").values_list("loan_id", flat=True))


def test_a_payer_in_the_middle_of_his_payment_and_the_run_bill_his_due_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_book(300)
    open_run(DAY)
    loan_key = _plainly_due()[1]
    used: list[str] = []
    honest = billing._rows

    def rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        used.append(statement)
        return honest(statement, values)

    monkeypatch.setattr(billing, "_rows", rows)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            _pay(loan_key, 100_00, "IN-THE-MIDDLE")
            run = pool.submit(_elsewhere(lambda: run_day(DAY)))
            time.sleep(1.0)
            assert not run.done()  # it waits for this payer, who waits for nobody
        run.result(timeout=20)
    assert day_sql.BILL_DUES_BESIDE_PAYERS in used
    assert Due.objects.filter(loan=loan_key, due_date=DAY).count() == 1
    assert set(_plainly_due()) <= set(
        Due.objects.filter(due_date=DAY).values_list("loan_id", flat=True)
    )
    assert_books_verify()


def test_the_run_in_the_middle_of_a_chunk_holds_up_only_payers_of_what_it_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_book(300)
    due = _plainly_due()[0]
    not_due = Loan.objects.filter(
        status="ACTIVE", advance_paise=0, oldest_unpaid_due_date__gt=MORNING_AFTER
    ).values_list("pk", flat=True)[0]
    written, go_on = threading.Event(), threading.Event()
    honest = billing.bill_range

    def bill_range(day: date, *, low: int, high: int) -> billing.RangeCounts:
        counts = honest(day, low=low, high=high)
        written.set()
        go_on.wait(20)
        return counts

    monkeypatch.setattr(chunks, "bill_range", bill_range)
    with ThreadPoolExecutor(2) as pool:
        run = pool.submit(_elsewhere(lambda: run_day(DAY)))
        assert written.wait(20)
        assert _pay(not_due, 100_00, "NOT-DUE") < 1
        payer = pool.submit(_elsewhere(lambda: _pay(due, 100_00, "DUE")))
        time.sleep(0.5)
        assert not payer.done()  # he waits for the commit of his own due
        go_on.set()
        payer.result(timeout=20)
        run.result(timeout=20)
    assert Payment.objects.filter(reference_id__in=["DUE", "NOT-DUE"]).count() == 2
    assert_books_verify()


def test_a_storm_of_payments_during_a_run_meets_no_deadlock_and_loses_nothing(
    settings: Settings,
) -> None:
    settings.BILLING_CHUNK_LOANS, settings.BILLING_CHUNK_SPAN = 4, 20
    a_book(600)
    before = _deadlocks()
    keys = list(Loan.objects.filter(status="ACTIVE").values_list("pk", flat=True))
    touched = list(
        Instalment.objects.filter(due_date=DAY, loan__in=keys).values_list("loan_id", flat=True)
    )

    def payer(number: int) -> list[float]:
        chance = random.Random(number)
        return [
            _pay(
                chance.choice(touched if chance.random() < 0.7 else keys),
                chance.choice([1, 500_00, 9_000_00]),
                f"STORM-{number}-{each}",
            )
            for each in range(12)
        ]

    with ThreadPoolExecutor(5) as pool:
        payers = [pool.submit(_elsewhere(partial(payer, number))) for number in range(4)]
        run = pool.submit(
            _elsewhere(lambda: run_billing(DAY, today=MORNING_AFTER, may_run_ahead=False))
        )
        waits = [wait for each in payers for wait in each.result(timeout=60)]
        run.result(timeout=60)
    assert len(waits) == Payment.objects.filter(reference_id__startswith="STORM").count() == 48
    assert max(waits) < 5
    assert _deadlocks() == before
    assert_books_verify()
    run_billing(MORNING_AFTER, today=MORNING_AFTER + timedelta(days=1), may_run_ahead=False)
    assert_books_verify()


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
