"""The audit by several processes finds what one finds, and says so when one of them is lost."""

import os
import signal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from loan.models import Loan
from loan.selectors.books import audit as auditing
from loan.selectors.books import folds
from loan.selectors.books.audit import audit, fitting_processes
from tests.builders import a_disbursed_loan

pytestmark = pytest.mark.django_db(transaction=True)


def tamper(statement: str, loan: Loan) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, [loan.pk])
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = origin")


def die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def two_batches(monkeypatch: pytest.MonkeyPatch) -> list[Loan]:
    """Give three loans that are folded in two batches."""
    monkeypatch.setattr(folds, "BATCH", 2)
    return [a_disbursed_loan() for _ in range(3)]


def test_two_processes_find_what_one_finds(two_batches: list[Loan]) -> None:
    first, _, last = two_batches
    for loan in (first, last):
        tamper("UPDATE loan_loan SET advance_paise = advance_paise + 1 WHERE id = %s", loan)
    tamper("UPDATE loan_loan SET borrower_npa_since = '2026-01-11' WHERE id = %s", last)
    found = audit(processes=2).findings
    assert {(finding.check, finding.subject) for finding in found} >= {
        ("fold", first.public_id),
        ("fold", last.public_id),
        ("asset class", f"borrower {last.borrower_id}"),
    }
    assert found == audit(processes=1).findings


def test_both_tell_how_far_they_are(two_batches: list[Loan]) -> None:
    def told_by(processes: int) -> list[tuple[int, int]]:
        steps: list[tuple[int, int]] = []
        assert audit(lambda *step: steps.append(step), processes=processes).findings == ()
        return steps

    assert told_by(1) == told_by(2) == [(2, 3), (3, 3)]


def test_a_row_put_before_the_first_loan_is_folded_too(two_batches: list[Loan]) -> None:
    tamper("UPDATE loan_loan SET id = -7 WHERE id = %s", two_batches[1])
    folded = [finding.subject for finding in audit().findings if finding.check == "fold"]
    assert Loan.objects.get(pk=-7).public_id in folded


def test_a_small_book_is_folded_by_one_process_and_a_large_one_by_one_a_core(
    two_batches: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "usable_cores", lambda: 2)
    assert fitting_processes() == 1
    monkeypatch.setattr(auditing, "LOANS_A_PROCESS", 1)
    assert fitting_processes() == 2


def test_the_command_takes_a_number_of_processes(
    two_batches: list[Loan], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_books", "--processes", "2")
    assert "The books verify." in capsys.readouterr().out


@pytest.mark.parametrize("number", ["0", "-1", "65", "two", "1.5", "٢", ""])
def test_a_number_of_processes_that_cannot_be_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match=r"--processes: .* is no whole number from 1 to 64"):
        call_command("verify_books", f"--processes={number}")


def test_a_process_that_is_killed_leaves_the_books_unverified(
    two_batches: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folds, "_batch_findings", die)
    with pytest.raises(CommandError, match="the books are not verified"):
        call_command("verify_books", "--processes=2")
