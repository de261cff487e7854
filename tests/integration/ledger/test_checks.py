"""The checks of the journal find what PostgreSQL would have refused, once its guards are down."""

import pytest
from django.db import connection

from ledger.checks import run_ledger_checks
from ledger.models import Entry
from ledger.services import post_entry, reverse_entry
from tests.integration.ledger.conftest import DAY, DISBURSEMENT, a_payment

pytestmark = pytest.mark.django_db


def damage(statement: str, *values: str | int | None) -> None:
    """Change the tables as only their owner can: with triggers and foreign keys switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def failed() -> dict[str, tuple[str, ...]]:
    return {result.name: result.faults for result in run_ledger_checks() if not result.passed}


@pytest.fixture(autouse=True)
def books() -> Entry:
    disbursement = a_payment("DISBURSEMENT/1", kind="DISBURSEMENT", transfers=(DISBURSEMENT,))
    return post_entry(disbursement)


def test_a_side_without_its_account_is_found() -> None:
    damage("UPDATE ledger_transfer SET debit_id = '9999'")
    assert failed()["trial_balance_is_zero"] == ("debits exceed credits by -50000000 paise",)


def test_an_entry_without_its_transfers_is_found() -> None:
    damage("DELETE FROM ledger_transfer")
    assert failed()["entries_have_their_transfers"] == (
        "DISBURSEMENT/1 states 1 transfers and has 0",
    )


def test_an_entry_with_a_transfer_too_many_is_found(books: Entry) -> None:
    damage(
        "INSERT INTO ledger_transfer (entry_id, line_number, debit_id, credit_id, amount_paise,"
        " loan_id) VALUES (%s, 2, '1100', '1000', 5, 456)",
        books.pk,
    )
    assert failed()["entries_have_their_transfers"] == (
        "DISBURSEMENT/1 states 1 transfers and has 2",
    )


def test_a_lost_line_in_the_middle_is_found(books: Entry) -> None:
    post_entry(a_payment("TWO", transfers=(DISBURSEMENT, DISBURSEMENT)))
    damage("UPDATE ledger_transfer SET line_number = 3 WHERE line_number = 2")
    assert failed()["entries_have_their_transfers"] == ("TWO states 2 transfers and has 2",)


def test_an_entry_of_two_loans_is_found() -> None:
    post_entry(a_payment("TWO", transfers=(DISBURSEMENT, DISBURSEMENT)))
    damage("UPDATE ledger_transfer SET loan_id = 9 WHERE line_number = 2")
    assert failed()["entries_concern_one_loan"] == ("TWO concerns more than one loan",)


def test_an_entry_partly_without_a_loan_is_found() -> None:
    post_entry(a_payment("TWO", transfers=(DISBURSEMENT, DISBURSEMENT)))
    damage("UPDATE ledger_transfer SET loan_id = NULL WHERE line_number = 2")
    assert failed()["entries_concern_one_loan"] == ("TWO concerns more than one loan",)


def test_a_reversal_that_was_altered_is_found() -> None:
    reversal = reverse_entry("DISBURSEMENT/1", value_date=DAY)
    damage("UPDATE ledger_transfer SET amount_paise = 1 WHERE entry_id = %s", reversal.pk)
    assert failed()["reversals_mirror_their_originals"] == (
        "DISBURSEMENT/1/reversal does not mirror DISBURSEMENT/1",
    )


def test_a_reversal_of_a_reversal_is_found() -> None:
    reversal = reverse_entry("DISBURSEMENT/1", value_date=DAY)
    again = post_entry(a_payment("AGAIN", transfers=(DISBURSEMENT,)))
    damage("UPDATE ledger_entry SET reverses_id = %s WHERE id = %s", reversal.pk, again.pk)
    assert failed()["reversals_mirror_their_originals"] == ("AGAIN reverses a reversal",)


def test_an_account_that_differs_from_the_chart_is_found() -> None:
    damage("UPDATE ledger_account SET name = 'Till' WHERE code = '1000'")
    assert set(failed()["accounts_follow_the_chart"]) == {"account 1000 differs from the chart"}


def test_a_control_account_on_the_wrong_side_is_found() -> None:
    post_entry(a_payment("TOO MUCH", transfers=(DISBURSEMENT.mirrored(), DISBURSEMENT.mirrored())))
    assert failed()["control_accounts_keep_their_side"] == (
        "account 1100 stands at -50000000 paise on its normal side",
    )
