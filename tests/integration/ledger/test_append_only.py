"""The journal only grows: refused by the models, and by PostgreSQL whoever asks."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from bright_credit.common.append_only import AppendOnlyViolation
from ledger.models import Entry, Transfer
from ledger.services import post_entry
from tests.integration.ledger.conftest import a_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> Entry:
    return post_entry(a_payment())


def raw(sql: str, *values: str | int | None) -> int:
    """Execute one statement as a database administrator would; return the rows it touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


ORM_CHANGES: dict[str, Callable[[Entry], object]] = {
    "entry saved again": lambda entry: entry.save(),
    "entry deleted": lambda entry: entry.delete(),
    "entries updated": lambda entry: Entry.objects.update(kind="OTHER"),
    "entries deleted": lambda entry: Entry.objects.all().delete(),
    "entries bulk updated": lambda entry: Entry.objects.bulk_update([entry], ["kind"]),
    "entry updated or created": lambda entry: Entry.objects.update_or_create(
        {"kind": "OTHER"}, reference=entry.reference
    ),
    "entries upserted": lambda entry: Entry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["reference"], update_fields=["kind"]
    ),
    "transfer saved again": lambda entry: entry.transfers.all()[0].save(),
    "transfer deleted": lambda entry: entry.transfers.all()[0].delete(),
    "transfers updated": lambda entry: Transfer.objects.filter(entry=entry).update(amount_paise=1),
    "transfers deleted": lambda entry: Transfer.objects.filter(entry=entry).delete(),
    "transfers of an entry updated": lambda entry: entry.transfers.update(amount_paise=1),
    "transfers of an entry deleted": lambda entry: entry.transfers.all().delete(),
}


@pytest.mark.parametrize("change", ORM_CHANGES.values(), ids=ORM_CHANGES.keys())
def test_the_models_refuse_to_change_what_is_booked(
    entry: Entry, change: Callable[[Entry], object]
) -> None:
    with pytest.raises(AppendOnlyViolation):
        change(entry)
    assert (Entry.objects.count(), Transfer.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET kind = 'OTHER'",
        "UPDATE ledger_entry SET transfer_count = 3",
        "UPDATE ledger_entry SET narrative = 'x', kind = kind",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_transfer SET amount_paise = amount_paise + 1",
        "UPDATE ledger_transfer SET loan_id = NULL WHERE line_number = 2",
        "UPDATE ledger_transfer SET debit_id = credit_id, credit_id = debit_id",
        "DELETE FROM ledger_transfer WHERE line_number = 1",
    ],
)
def test_postgresql_refuses_to_change_what_is_booked(entry: Entry, sql: str) -> None:
    with pytest.raises(IntegrityError, match="only grows"):
        raw(sql)


def test_an_update_that_changes_nothing_passes(entry: Entry) -> None:
    assert raw("UPDATE ledger_entry SET kind = kind") == 1
    assert raw("UPDATE ledger_transfer SET amount_paise = amount_paise") == 2


@pytest.mark.parametrize("tables", ["ledger_transfer", "ledger_entry, ledger_transfer"])
def test_postgresql_refuses_to_truncate_the_journal(entry: Entry, tables: str) -> None:
    raw("SET CONSTRAINTS ALL IMMEDIATE")
    raw("SET LOCAL brightlend.allow_truncate = off")
    with pytest.raises(IntegrityError, match="only grows"):
        raw(f"TRUNCATE {tables} CASCADE")


@pytest.mark.django_db(transaction=True)
def test_only_a_session_that_says_so_may_empty_the_tables(entry: Entry) -> None:
    raw("SET brightlend.allow_truncate = off")
    with pytest.raises(IntegrityError, match="only grows"):
        raw("TRUNCATE ledger_entry, ledger_transfer CASCADE")
    raw("RESET brightlend.allow_truncate")
    raw("TRUNCATE ledger_entry, ledger_transfer CASCADE")
    assert Entry.objects.count() == 0


INSERT_TRANSFER = (
    "INSERT INTO ledger_transfer (entry_id, line_number, debit_id, credit_id, amount_paise)"
    " VALUES (%s, %s, %s, %s, %s)"
)
INSERT_ENTRY = (
    "INSERT INTO ledger_entry (id, value_date, kind, reference, transfer_count, actor, narrative,"
    " reverses_id) VALUES (%s, '2025-04-05', %s, %s, %s, 'x', '', %s)"
)


@pytest.mark.parametrize(
    ("line_number", "reason"), [(3, "complete"), (2, "transfer_line_is_unique_in_its_entry")]
)
def test_a_complete_entry_takes_no_further_transfer(
    entry: Entry, line_number: int, reason: str
) -> None:
    with pytest.raises(IntegrityError, match=reason):
        raw(INSERT_TRANSFER, entry.pk, line_number, "1000", "3000", 1)


@pytest.mark.parametrize(
    ("rule", "line_number", "credit", "amount_paise"),
    [
        ("transfer_amount_is_positive", 1, "3000", 0),
        ("transfer_amount_is_positive", 1, "3000", -1),
        ("transfer_amount_is_positive", 1, "3000", 10**15 + 1),
        ("transfer_debit_differs_from_credit", 1, "1000", 1),
        ("transfer_line_is_numbered_from_one", 0, "3000", 1),
    ],
)
def test_postgresql_refuses_a_transfer_that_breaks_a_rule(
    entry: Entry, rule: str, line_number: int, credit: str, amount_paise: int
) -> None:
    with pytest.raises(IntegrityError, match=rule):
        raw(INSERT_TRANSFER, entry.pk, line_number, "1000", credit, amount_paise)


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("entry_names_its_kind", (999, "", "R", 1, None)),
        ("entry_names_its_source", (999, "K", "", 1, None)),
        ("entry_has_a_transfer", (999, "K", "R", 0, None)),
        ("entry_does_not_reverse_itself", (999, "K", "R", 1, 999)),
        ("ledger_entry_reference", (999, "K", "PAYMENT/1", 1, None)),
    ],
)
def test_postgresql_refuses_an_entry_that_breaks_a_rule(
    entry: Entry, rule: str, values: tuple[str | int | None, ...]
) -> None:
    with pytest.raises(IntegrityError, match=rule):
        raw(INSERT_ENTRY, *values)


def test_postgresql_refuses_an_account_on_the_wrong_side() -> None:
    with pytest.raises(IntegrityError, match="account_grows_on_the_side_of_its_type"):
        raw("UPDATE ledger_account SET normal_side = 'CREDIT' WHERE code = '1000'")


def test_a_fixture_of_the_journal_can_be_loaded_again(tmp_path: Path) -> None:
    post_entry(a_payment(), booked_at=datetime(2025, 4, 5, 9, 30, tzinfo=UTC))
    fixture = tmp_path / "ledger.json"
    call_command("dumpdata", "ledger", output=str(fixture))
    call_command("loaddata", str(fixture), verbosity=0)
    assert (Entry.objects.count(), Transfer.objects.count()) == (1, 2)
