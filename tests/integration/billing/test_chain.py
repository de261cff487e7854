"""The chain of closed days: whatever is changed, removed, added or reordered in it shows."""

from datetime import timedelta

import pytest
from django.db import connection

from loan.services.billing.run import run_day
from tests.audit import findings
from tests.integration.billing.books import DAY, a_book

pytestmark = pytest.mark.django_db

_TAMPERING = {
    "an entry changed": "UPDATE ledger_entry SET narrative = 'x' WHERE id = {last}",
    "its value date changed": "UPDATE ledger_entry SET value_date = '2020-01-01' WHERE id = {last}",
    "the instant it was booked changed": (
        "UPDATE ledger_entry SET booked_at = booked_at - interval '1 second' WHERE id = {last}"
    ),
    "an amount changed": (
        "UPDATE ledger_transfer SET amount_paise = amount_paise + 1 WHERE entry_id = {last}"
    ),
    "an account changed": (
        "UPDATE ledger_transfer SET credit_id = '4100' WHERE entry_id = {first} "
    ),
    "a transfer removed": "DELETE FROM ledger_transfer WHERE entry_id = {last}",
    "an entry removed": (
        "DELETE FROM ledger_transfer WHERE entry_id = {first};"
        "DELETE FROM ledger_entry WHERE id = {first}"
    ),
    "the tail cut off": (
        "DELETE FROM ledger_transfer WHERE entry_id >= {last};"
        "DELETE FROM ledger_entry WHERE id >= {last}"
    ),
    "an entry inserted": (
        "UPDATE ledger_entry SET id = -1 WHERE id = {first};"
        "INSERT INTO ledger_entry (id, value_date, kind, reference, transfer_count, actor,"
        " narrative) VALUES ({first}, '2026-06-16', 'X', 'inserted', 1, 'x', '')"
    ),
    "two entries exchanged": (
        "UPDATE ledger_entry SET id = -1 WHERE id = {first};"
        "UPDATE ledger_entry SET id = {first} WHERE id = {last};"
        "UPDATE ledger_entry SET id = {last} WHERE id = -1"
    ),
    "a digest changed": "UPDATE loan_billingrun SET digest = repeat('0', 64)",
    "a link changed": "UPDATE loan_billingrun SET previous_digest = repeat('1', 64)",
    "the sealed stretch shortened": (
        "UPDATE loan_billingrun SET sealed_through_entry = sealed_through_entry - 1"
    ),
    "its count in the manifest changed": (
        "UPDATE loan_billingrun SET manifest = jsonb_set(manifest, '{{journal,entries}}', '0')"
    ),
    "a day removed from the middle": (
        "DELETE FROM loan_billingchunk WHERE run_id = {middle};"
        "DELETE FROM loan_billingrun WHERE id = {middle}"
    ),
    "the last day removed": (
        "DELETE FROM loan_billingchunk WHERE run_id = {newest};"
        "DELETE FROM loan_billingrun WHERE id = {newest}"
    ),
    "the calendar set back": "UPDATE loan_businessday SET closed_through_date = '2026-06-16'",
}


@pytest.mark.parametrize("statement", _TAMPERING.values(), ids=_TAMPERING)
def test_tampering_with_a_closed_day_shows(statement: str) -> None:
    a_book(120)
    for offset in range(3):
        run_day(DAY + timedelta(days=offset))
    assert findings() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT min(id), max(id) FROM ledger_entry WHERE reference NOT LIKE 'OPENING/%'"
        )
        first, last = cursor.fetchone()
        cursor.execute("SELECT array_agg(id ORDER BY business_date) FROM loan_billingrun")
        ((_, middle, newest),) = cursor.fetchone()
        for part in statement.format(first=first, last=last, middle=middle, newest=newest).split(
            ";"
        ):
            cursor.execute(part)
            assert cursor.rowcount > 0
    assert "seal" in {finding.check for finding in findings()}
