"""What the ledger's tests share: a few drafts, and threads with connections of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

from django.db import connection

from ledger.domain.chart import AccountCode
from ledger.domain.entries import EntryDraft, TransferDraft

DAY = date(2025, 4, 5)

DISBURSEMENT = TransferDraft(AccountCode.LOAN_PRINCIPAL, AccountCode.BANK, 50_000_000)
PRINCIPAL_PAID = TransferDraft(AccountCode.BANK, AccountCode.LOAN_PRINCIPAL, 2_083_300)
INTEREST_PAID = TransferDraft(AccountCode.BANK, AccountCode.INTEREST_RECEIVABLE, 366_700)


def a_payment(reference: str = "PAYMENT/1", **changes: Any) -> EntryDraft:
    values: dict[str, Any] = {
        "value_date": DAY,
        "kind": "PAYMENT",
        "reference": reference,
        "transfers": (PRINCIPAL_PAID, INTEREST_PAID),
        "loan_id": 456,
    }
    return EntryDraft(**values | changes)


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the calls at the same moment, each on a connection of its own.

    Return what each returned or raised.
    """
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return call()
        except Exception as error:  # the test looks at what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))
