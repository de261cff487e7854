"""What the tables of credit refuse, whatever program writes to them."""

import uuid
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from bright_credit.common.append_only import AppendOnlyViolation
from credit.domain.history import NO_HISTORY
from credit.models import BankTransaction, CreditScore, RejectedRow, TransactionFile
from credit.services.scoring import score_borrower
from tests.integration.credit.bank_files import AS_OF, borrowers, load, row
from users.models import Borrower

pytestmark = pytest.mark.django_db


@pytest.fixture
def someone() -> Borrower:
    """Return one borrower with a score and a bank transaction."""
    person = borrowers(1)[0]
    load(row(person) + b"nonsense\n")
    score_borrower(
        person, history=NO_HISTORY, as_of=AS_OF, trigger=CreditScore.Trigger.REGISTRATION
    )
    return person


def a_file(**changes: object) -> TransactionFile:
    """Return an unsaved manifest of a loaded file of ten rows."""
    fields: dict[str, object] = {
        "name": "x.csv",
        "sha256": "a" * 64,
        "status": "LOADED",
        "as_of_date": AS_OF,
        "finished_at": timezone.now(),
        "rows": 10,
        "accepted_rows": 5,
        "duplicate_rows": 3,
        "rejected_rows": 2,
        "amount_paise": 100,
        "accepted_amount_paise": 50,
        "duplicate_amount_paise": 30,
        "rejected_amount_paise": 20,
        "unreadable_amounts": 2,
    }
    return TransactionFile(**(fields | changes))


def a_transaction(person: Borrower, **changes: object) -> BankTransaction:
    """Return an unsaved transaction."""
    fields: dict[str, object] = {
        "borrower": person,
        "transaction_date": date(2025, 1, 1),
        "amount_paise": 1,
        "type": "CREDIT",
        "row_hash": uuid.UUID(int=1),
        "ordinal": 0,
        "file": TransactionFile.objects.get(),
    }
    return BankTransaction(**(fields | changes))


def assert_refused(row_: models.Model, constraint: str) -> None:
    """Check that the database refuses a row, by the name of the rule."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row_.save(force_insert=True)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"rows": 11}, "transaction_file_loses_no_row"),
        ({"accepted_rows": -1, "duplicate_rows": 9}, "transaction_file_loses_no_row"),
        ({"amount_paise": 101}, "transaction_file_loses_no_paisa"),
        (
            {"accepted_amount_paise": -1, "rejected_amount_paise": 71},
            "transaction_file_loses_no_paisa",
        ),
        ({"unreadable_amounts": 3}, "transaction_file_rejects_unreadable_amounts"),
        ({"status": "LOST"}, "transaction_file_status_is_known"),
        ({"finished_at": None}, "finished_transaction_file_says_when"),
        ({"sha256": ""}, "loaded_transaction_file_has_a_digest"),
        ({"refusal_code": "x"}, "only_a_refused_transaction_file_has_a_refusal"),
        ({"status": "REFUSED"}, "refused_transaction_file_has_a_reason_and_no_rows"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(
    changes: dict[str, object], constraint: str
) -> None:
    a_file().save()
    assert_refused(a_file(**changes), constraint)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount_paise": 0}, "bank_transaction_amount_is_positive"),
        ({"type": "LOAN"}, "bank_transaction_type_is_known"),
        ({"ordinal": -1}, "ordinal"),
    ],
)
def test_an_impossible_transaction_is_refused(
    someone: Borrower, changes: dict[str, object], constraint: str
) -> None:
    a_transaction(someone).save()
    assert_refused(a_transaction(someone, **({"ordinal": 1} | changes)), constraint)


def test_a_transaction_is_posted_once(someone: Borrower) -> None:
    a_transaction(someone).save()
    assert_refused(a_transaction(someone), "bank_transaction_is_posted_once")


def test_a_transaction_needs_its_borrower_and_its_file(someone: Borrower) -> None:
    stranger = Borrower(pk=someone.pk + 1)
    assert_refused(a_transaction(stranger), "borrower that does not exist")
    nowhere = TransactionFile(pk=TransactionFile.objects.get().pk + 1)
    assert_refused(a_transaction(someone, file=nowhere), "file that does not exist")


def test_a_row_is_rejected_once_and_below_the_header(someone: Borrower) -> None:
    rejection = RejectedRow.objects.get()
    again = RejectedRow(file=rejection.file, line_number=rejection.line_number, code="x")
    assert_refused(again, "row_is_rejected_for_one_reason")
    header = RejectedRow(file=rejection.file, line_number=1, code="x")
    assert_refused(header, "rejected_row_is_below_the_header")


@pytest.mark.parametrize("score", [299, 901])
def test_a_score_is_from_300_to_900(someone: Borrower, score: int) -> None:
    copy = CreditScore.objects.get()
    copy.pk, copy.score = None, score
    copy._state.adding = True
    assert_refused(copy, "credit_score_is_from_300_to_900")


def test_the_code_that_writes_scores_cannot_change_them(someone: Borrower) -> None:
    score = CreditScore.objects.get()
    with pytest.raises(AppendOnlyViolation):
        score.save()
    with pytest.raises(AppendOnlyViolation):
        score.delete()
    with pytest.raises(AppendOnlyViolation):
        CreditScore.objects.update(score=900)
    with pytest.raises(AppendOnlyViolation):
        CreditScore.objects.filter(pk=score.pk).delete()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credit_creditscore SET score = 900",
        "DELETE FROM credit_creditscore",
        "UPDATE credit_banktransaction SET amount_paise = 1",
        "DELETE FROM credit_banktransaction",
        "DELETE FROM credit_transactionfile",
        "DELETE FROM users_borrower",
    ],
)
def test_postgresql_itself_refuses_to_change_what_only_grows(
    someone: Borrower, statement: str
) -> None:
    with (
        pytest.raises(DatabaseError, match=r"only grows|has bank transactions"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["credit_creditscore", "credit_banktransaction"])
def test_postgresql_itself_refuses_to_empty_what_only_grows(someone: Borrower, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL brightlend.allow_truncate = off")
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")
        cursor.execute("SET LOCAL brightlend.allow_truncate = on")


def test_a_borrower_with_bank_transactions_stays(someone: Borrower) -> None:
    with pytest.raises(ProtectedError):
        someone.delete()
