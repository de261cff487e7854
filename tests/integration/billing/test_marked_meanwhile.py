"""A borrower who becomes non-performing while a chunk of the run has billed and not committed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta

import pytest
from django.db import connection

from loan.domain.asset_class import AssetClass
from loan.domain.unrealised import NO_SUSPENSE, Suspense
from loan.models import Due, Loan
from loan.selectors.impairment import suspense_of
from loan.services.billing import bill_range as billing
from loan.services.billing import chunks
from loan.services.billing.run import run_billing, run_day
from loan.services.class_marks import MarkOrder, mark_class
from loan.services.happening import Author
from loan.services.offering import make_offer
from loan.services.takeover import take_over_loan
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, LAKH, a_disbursed_loan, a_product

pytestmark = pytest.mark.django_db(transaction=True)

AUDITOR = Author(actor="auditor", reason="fraud")

#: Interest of the first instalment, as docs/accounting.md has it.
FIRST_INTEREST_PAISE = 666_667


def _another_loan_of(loan: Loan) -> Loan:
    """Return a loan of the same borrower that is not due when the first one is."""
    taken_on = FIRST_DUE - timedelta(days=5)
    offer = make_offer(
        a_product(),
        principal_paise=LAKH,
        tenure_months=12,
        annual_rate_bps=1_200,
        disbursed_on=taken_on,
    )
    return take_over_loan(offer, borrower=loan.borrower, as_of=taken_on)


def test_the_days_end_suspends_what_a_chunk_billed_before_it_could_know_of_the_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    due = a_disbursed_loan()
    other = _another_loan_of(due)
    eve = FIRST_DUE - timedelta(days=1)
    run_billing(eve, today=FIRST_DUE, may_run_ahead=False)
    billed, go_on = threading.Event(), threading.Event()
    honest = billing.bill_range

    def bill_range(day: date, *, low: int, high: int) -> billing.RangeCounts:
        counts = honest(day, low=low, high=high)
        billed.set()
        go_on.wait(20)
        return counts

    def run() -> None:
        with closing(connection):
            run_day(FIRST_DUE)

    monkeypatch.setattr(chunks, "bill_range", bill_range)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert billed.wait(20)
        order = MarkOrder(loan_id=other.public_id, asset_class=AssetClass.LOSS)
        mark_class(order, as_of=FIRST_DUE, by=AUDITOR)
        assert not Due.objects.exists()  # the chunk has not committed
        assert suspense_of(Loan.objects.get(pk=due.pk)) == NO_SUSPENSE
        go_on.set()
        running.result(timeout=20)
    held = suspense_of(Loan.objects.get(pk=due.pk))
    assert held == Suspense(interest_paise=FIRST_INTEREST_PAISE)
    assert_books_verify()
