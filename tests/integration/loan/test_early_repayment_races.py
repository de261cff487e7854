"""Schedules replaced while they are being billed, over separate connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event

import pytest

from loan.domain.events import Towards
from loan.models import Due, Loan
from loan.services.billing.run import BillingReport, run_billing
from loan.services.early_repayment import prepay
from loan.services.happening import Author
from loan.services.payments import (
    PaymentChange,
    PaymentOrder,
    Receipt,
    post_payment,
    reverse_payment,
)
from tests.audit import assert_books_verify
from tests.builders import RUPEE, a_disbursed_loan
from tests.integration.loan.racing import PATIENCE, await_waiters, deadlocks, pause_before, start

pytestmark = pytest.mark.django_db(transaction=True)

MARCH_DUE = date(2026, 3, 5)
BY = Author(actor="tester", reason="bounced")


def an_order(loan: Loan, rupees: int, *, reference: str, towards: Towards) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=rupees * RUPEE,
        payment_method="NEFT",
        reference_id=reference,
        towards=towards,
    )


@pytest.mark.parametrize("taken_back", [True, False], ids=["taken back", "prepaid once more"])
def test_no_due_is_billed_while_another_takes_its_place_and_payers_go_on(taken_back: bool) -> None:
    """A chunk has billed the due of the day and not committed when the schedule is to change."""
    loan, young = a_disbursed_loan(), a_disbursed_loan(as_of=date(2026, 2, 25))
    before = deadlocks()
    prepaid = prepay(
        an_order(loan, 100_000, reference="A", towards=Towards.REDUCE_EMI),
        as_of=date(2026, 1, 20),
    ).payment
    run_billing(MARCH_DUE - timedelta(days=1), today=MARCH_DUE, may_run_ahead=False)
    reached, go_on = Event(), Event()

    def close_the_day() -> BillingReport:
        with pause_before("SET status = 'DONE'", reached=reached, go_on=go_on):
            return run_billing(MARCH_DUE, today=MARCH_DUE + timedelta(days=1), may_run_ahead=True)

    def change() -> PaymentChange | Receipt:
        if taken_back:
            return reverse_payment(prepaid.pk, as_of=MARCH_DUE, by=BY)
        return prepay(
            an_order(loan, 80_000, reference="B", towards=Towards.REDUCE_TENURE), as_of=MARCH_DUE
        )

    def pay_another() -> Receipt:
        return post_payment(
            an_order(young, 1_000, reference="C", towards=Towards.DUES), as_of=MARCH_DUE
        )

    with ThreadPoolExecutor(max_workers=3) as pool:
        run = start(pool, close_the_day)
        assert reached.wait(PATIENCE)
        changed = start(pool, change)
        await_waiters(1)
        paid = start(pool, pay_another).result(PATIENCE)
        assert isinstance(paid, Receipt)
        assert not changed.done()
        go_on.set()
        assert isinstance(run.result(PATIENCE), BillingReport)
        assert isinstance(changed.result(PATIENCE), PaymentChange | Receipt)
    loan.refresh_from_db()
    revisions = Due.objects.filter(loan=loan, due_date=MARCH_DUE).values_list("revision", flat=True)
    assert sorted(revisions) == [2, 3]
    assert deadlocks() == before
    assert_books_verify()
