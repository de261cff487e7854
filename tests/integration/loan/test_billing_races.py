"""Billing runs at once, and payments while days are being closed, over separate connections."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from threading import Event

import pytest
from django.conf import settings
from django.db import connection, transaction

from loan.models import BillingRun, BusinessDay, Due, Loan, Payment
from loan.services.billing import run as billing
from loan.services.billing.closing import close_day
from loan.services.billing.run import BillingReport, run_billing
from loan.services.business_day import hold_close
from loan.services.payments import PaymentOrder, Receipt, post_payment
from tests.audit import assert_books_verify, findings
from tests.builders import DISBURSED, FIRST_DUE, LAKH, RUPEE, a_disbursed_loan, pay
from tests.integration.loan.journal import (
    Line,
    assert_nothing_was_posted_into_a_closed_day,
    dues,
    journal,
)
from tests.integration.loan.racing import (
    await_waiters,
    collide,
    deadlocks,
    pause_before,
    start,
)

EMI = 24_482 * RUPEE

pytestmark = pytest.mark.django_db(transaction=True)


def a_book() -> list[Loan]:
    """Return loans of every kind: paid ahead, paid in part, never paid, paid up."""
    loans = [a_disbursed_loan() for _ in range(6)]
    loans.append(a_disbursed_loan(amount_paise=LAKH, tenure_months=6))
    pay(loans[0], 3 * EMI, on=date(2026, 1, 20))
    pay(loans[1], EMI + 7, on=date(2026, 1, 25))
    pay(loans[2], EMI // 3, on=date(2026, 1, 25))
    pay(loans[6], LAKH, on=date(2026, 1, 25))
    return loans


def closing(day: date, *, today: date | None = None) -> Callable[[], BillingReport]:
    today = today or day + timedelta(days=1)
    return lambda: run_billing(day, today=today, may_run_ahead=True)


def foretold(day: date) -> Counter[Line]:
    """Return the journal that one run alone leads to, having undone that run."""
    with transaction.atomic():
        closing(day)()
        told = journal()
        transaction.set_rollback(True)
    return told


@pytest.mark.parametrize("runners", [2, 4])
@pytest.mark.parametrize("range_size", [20_000, 2])
def test_runs_at_once_bill_each_due_once_and_end_in_the_books_of_one(
    monkeypatch: pytest.MonkeyPatch, runners: int, range_size: int
) -> None:
    monkeypatch.setattr(settings, "BILLING_CHUNK_LOANS", range_size)
    loans = a_book()
    last = date(2026, 2, 10)  # dues, some met from advance, and penal charges
    run_billing(FIRST_DUE - timedelta(days=1), today=FIRST_DUE, may_run_ahead=True)
    expected = foretold(last)
    before = deadlocks()
    reports = collide([closing(last)] * runners, hold=hold_close)
    assert [type(report) for report in reports] == [BillingReport] * runners
    assert journal() == expected
    assert dues() == sorted((loan.pk, 1) for loan in loans)
    assert BusinessDay.objects.get().closed_through_date == last
    days = BillingRun.objects.filter(status=BillingRun.Status.CLOSED, business_date__gte=FIRST_DUE)
    assert days.count() == (last - FIRST_DUE).days + 1
    assert deadlocks() == before
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()


@pytest.mark.parametrize("today", [date(2026, 6, 1), DISBURSED], ids=["catching up", "run ahead"])
def test_payments_keep_landing_while_sixty_days_are_closed(today: date) -> None:
    """Catching up, payments count from today; ahead of the calendar, from each day as it opens."""
    loans = a_book()
    first, last = date(2026, 4, 1), date(2026, 5, 31)
    run_billing(first - timedelta(days=1), today=first, may_run_ahead=True)
    before, taken_before = deadlocks(), sum_of_payments()
    over, numbers = Event(), count()

    def keep_paying(payer: int) -> Callable[[], list[Receipt]]:
        def run() -> list[Receipt]:
            receipts: list[Receipt] = []
            while not over.is_set() or not receipts:
                loan = loans[(payer + len(receipts)) % 6]
                order = PaymentOrder(
                    loan_id=loan.public_id,
                    amount_paise=1_01 + payer,
                    payment_method="UPI",
                    reference_id=f"RACE-{payer}-{next(numbers)}",
                )
                receipts.append(post_payment(order, as_of=today))
                over.wait(0.25)
            return receipts

        return run

    def close_them() -> list[Receipt]:
        try:
            run_billing(last, today=max(today, last), may_run_ahead=True)
        finally:
            over.set()
        return []

    jobs = [close_them, *map(keep_paying, range(10))]
    outcomes = collide(jobs, hold=hold_close, patience=600)  # all of them share one core
    receipts = [receipt for outcome in outcomes for receipt in _ok(outcome)]
    assert _days_with_payments() >= 10  # payments really fell among the closing days
    assert sum_of_payments() - taken_before == sum(r.payment.amount_paise for r in receipts)
    assert BusinessDay.objects.get().closed_through_date == last
    assert deadlocks() == before
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()


def _ok(outcome: list[Receipt] | Exception) -> list[Receipt]:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def sum_of_payments() -> int:
    return sum(Payment.objects.values_list("amount_paise", flat=True))


def _days_with_payments() -> int:
    """Return under how many seals there are entries of payments."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(DISTINCT (SELECT min(r.business_date) FROM loan_billingrun r
                                   WHERE r.sealed_through_entry >= e.id))
            FROM ledger_entry e WHERE e.kind = 'PAYMENT'
            """
        )
        (days,) = cursor.fetchone()
    return int(days)


def test_a_close_waits_for_the_payment_in_flight_and_seals_it() -> None:
    loan = a_disbursed_loan()
    run_billing(FIRST_DUE - timedelta(days=1), today=FIRST_DUE, may_run_ahead=False)
    BillingRun.objects.create(business_date=FIRST_DUE)
    nearly_done, go_on = Event(), Event()
    order = PaymentOrder(
        loan_id=loan.public_id, amount_paise=EMI, payment_method="UPI", reference_id="IN-FLIGHT"
    )

    def paying() -> Receipt:
        with pause_before('UPDATE "loan_loan"', reached=nearly_done, go_on=go_on):
            return post_payment(order, as_of=FIRST_DUE)

    with ThreadPoolExecutor(max_workers=2) as pool:
        payment = start(pool, paying)
        assert nearly_done.wait(10)
        close = start(pool, lambda: close_day(FIRST_DUE))
        await_waiters(1)
        assert not close.done()
        go_on.set()
        receipt, run = payment.result(10), close.result(10)
    assert isinstance(receipt, Receipt)
    assert isinstance(run, BillingRun)
    assert receipt.payment.value_date == FIRST_DUE
    assert run.manifest["payments"] == {"count": 1, "amount_paise": EMI}
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()


def test_a_payment_that_comes_during_a_close_counts_from_the_next_day() -> None:
    loan = a_disbursed_loan()
    run_billing(FIRST_DUE - timedelta(days=1), today=FIRST_DUE, may_run_ahead=False)
    sealing, go_on = Event(), Event()
    order = PaymentOrder(
        loan_id=loan.public_id, amount_paise=EMI, payment_method="UPI", reference_id="DURING"
    )

    def closing_slowly() -> BillingReport:
        with pause_before("WITH lines AS", reached=sealing, go_on=go_on):
            return run_billing(FIRST_DUE, today=FIRST_DUE, may_run_ahead=True)

    with ThreadPoolExecutor(max_workers=2) as pool:
        close = start(pool, closing_slowly)
        assert sealing.wait(10)
        payment = start(pool, lambda: post_payment(order, as_of=FIRST_DUE))
        await_waiters(1)
        assert not payment.done()
        go_on.set()
        receipt, report = payment.result(10), close.result(10)
    assert isinstance(receipt, Receipt)
    assert isinstance(report, BillingReport)
    assert receipt.payment.value_date == FIRST_DUE + timedelta(days=1)
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()


def test_a_payment_and_a_run_that_bill_one_due_at_once_bill_it_once() -> None:
    """The payment has looked and found the due unbilled; a run comes, and waits for it."""
    loan = a_disbursed_loan()
    run_billing(FIRST_DUE - timedelta(days=1), today=FIRST_DUE, may_run_ahead=False)
    has_looked, go_on = Event(), Event()
    order = PaymentOrder(
        loan_id=loan.public_id, amount_paise=EMI, payment_method="UPI", reference_id="PAY-1"
    )

    def paying() -> Receipt:
        with pause_before('INSERT INTO "loan_payment"', reached=has_looked, go_on=go_on):
            return post_payment(order, as_of=FIRST_DUE)

    with ThreadPoolExecutor(max_workers=2) as pool:
        payment = start(pool, paying)
        assert has_looked.wait(10)
        run = start(pool, closing(FIRST_DUE))
        await_waiters(1)  # the run opens the day only when no posting is in flight
        go_on.set()
        assert isinstance(payment.result(10), Receipt)
        assert isinstance(run.result(10), BillingReport)
    assert Due.objects.count() == 1
    assert_books_verify()


def test_a_run_that_dies_before_its_close_leaves_books_that_verify_and_is_finished_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_book()
    for dying in (FIRST_DUE, FIRST_DUE + timedelta(days=90)):  # with dues; with an NPA edge
        run_billing(dying - timedelta(days=1), today=dying, may_run_ahead=True)
        expected = foretold(dying)
        with monkeypatch.context() as patch:
            patch.setattr(billing, "close_day", _die)
            with pytest.raises(KeyboardInterrupt):
                closing(dying)()
        assert BusinessDay.objects.get().closed_through_date == dying - timedelta(days=1)
        assert findings() == []
        closing(dying)()
        assert journal() == expected
        assert_books_verify()


def _die(day: date) -> BillingRun:
    raise KeyboardInterrupt


def test_the_audit_sees_one_instant_while_payments_keep_landing() -> None:
    loan = a_disbursed_loan()
    over, numbers = Event(), count()

    def keep_paying() -> int:
        while not over.is_set():
            order = PaymentOrder(
                loan_id=loan.public_id,
                amount_paise=100,
                payment_method="UPI",
                reference_id=f"RACE-{next(numbers)}",
            )
            post_payment(order, as_of=FIRST_DUE)
        return Payment.objects.count()

    with ThreadPoolExecutor(max_workers=1) as pool:
        paying = start(pool, keep_paying)
        try:
            audits = []
            for _ in range(15):
                audits.append((Payment.objects.count(), findings()))
        finally:
            over.set()
        assert isinstance(paying.result(10), int)
    assert len({seen for seen, _ in audits}) >= 5  # payments landed between and during the audits
    assert [found for _, found in audits if found] == []
