"""Scores are refreshed for those whose record has changed, once, whoever died in between."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from credit.models import BankTransaction, CreditScore, TransactionFile
from credit.services.transactions import load_transaction_file
from loan.services.billing import rescoring
from loan.services.billing.run import BillingReport, run_billing
from tests.builders import RUPEE, a_borrower, a_disbursed_loan, pay
from users.models import Borrower

pytestmark = pytest.mark.django_db

HEADER = "user_id,transaction_date,amount,type,description\n"
TODAY = date(2026, 2, 20)
YESTERDAY = TODAY - timedelta(days=1)


def a_file(folder: Path, *user_ids: str) -> Path:
    """Write a file with one salary for each of these borrowers."""
    path = folder / "user_transactions.csv"
    rows = "".join(f"{user},2026-01-31,150000,CREDIT,SALARY\n" for user in user_ids)
    path.write_text(HEADER + rows)
    return path


def run(transactions: Path | None = None) -> BillingReport:
    """Close everything up to yesterday."""
    return run_billing(YESTERDAY, today=TODAY, may_run_ahead=False, transactions=transactions)


def scores_of(borrower: Borrower) -> int:
    """Return how many scores are kept of a borrower."""
    return CreditScore.objects.filter(borrower=borrower).count()


def test_those_who_crossed_an_edge_or_paid_are_scored_again_and_others_are_not() -> None:
    late, punctual = a_disbursed_loan(), a_disbursed_loan()
    bystander = a_borrower()
    pay(punctual, 24_482 * RUPEE, on=date(2026, 2, 5))
    assert run().rescored == 2
    assert [scores_of(loan.borrower) for loan in (late, punctual)] == [2, 2]
    assert scores_of(bystander) == 1
    assert run().rescored == 0


def test_a_refresh_that_dies_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is kept; the day is marked only when all are done."""
    loans = [a_disbursed_loan() for _ in range(3)]
    monkeypatch.setattr(rescoring, "BATCH", 2)
    score_again, batches = rescoring.score_again, []

    def dies_at_the_second(borrower_ids: Sequence[int], *, as_of: date) -> None:
        batches.append(list(borrower_ids))
        if len(batches) == 2:
            raise KeyboardInterrupt
        score_again(borrower_ids, as_of=as_of)

    monkeypatch.setattr(rescoring, "score_again", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert [scores_of(loan.borrower) for loan in loans] == [2, 2, 1]
    assert run().rescored == 1
    assert [scores_of(loan.borrower) for loan in loans] == [2, 2, 2]
    assert run().rescored == 0


def test_new_transactions_of_a_borrower_refresh_the_score(tmp_path: Path) -> None:
    borrower = a_borrower()
    assert run(a_file(tmp_path, borrower.public_id)).rescored == 1
    assert scores_of(borrower) == 2


def test_a_file_loaded_by_hand_is_scored_by_the_next_run(tmp_path: Path) -> None:
    borrower = a_borrower()
    path = a_file(tmp_path, borrower.public_id)
    load_transaction_file(path, name=path.name, as_of=TODAY)
    assert scores_of(borrower) == 1
    report = run(path)
    assert (report.transaction_file, report.rescored) == (None, 1)
    assert run(path).rescored == 0


def test_rows_of_an_unknown_borrower_are_taken_once_the_borrower_has_registered(
    tmp_path: Path,
) -> None:
    known = a_borrower()
    coming = f"BC-USER-{known.pk + 1:03d}"
    path = a_file(tmp_path, known.public_id, coming)
    first = run(path).transaction_file
    assert first is not None
    assert (first.accepted_rows, first.rejected_rows) == (1, 1)
    newcomer = a_borrower()
    assert newcomer.public_id == coming
    again = run(path).transaction_file
    assert again is not None
    assert (again.accepted_rows, again.duplicate_rows, again.rejected_rows) == (1, 1, 0)
    assert BankTransaction.objects.filter(borrower=newcomer).count() == 1
    assert run(path).transaction_file is None
    assert TransactionFile.objects.count() == 2
