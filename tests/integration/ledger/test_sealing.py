"""The seal over the journal: the same books give the same digest, and no other books do."""

import pytest
from django.db import connection

from ledger.models import Entry
from ledger.sealing import FIRST_LINK, Seal, seal_of_entries
from ledger.services import post_entries, post_entry, reverse_entry
from tests.integration.ledger.conftest import DAY, a_payment
from tests.integration.ledger.test_checks import damage

pytestmark = pytest.mark.django_db


def seal(*, after_id: int = 0, previous_digest: str = FIRST_LINK) -> Seal:
    return seal_of_entries(after_id=after_id, previous_digest=previous_digest)


@pytest.fixture
def booked() -> tuple[Entry, ...]:
    """Book three entries, the last of which reverses the first."""
    entries = post_entries([a_payment("A", narrative="by UPI|late"), a_payment("B", loan_id=None)])
    return (*entries, reverse_entry("A", value_date=DAY))


def test_a_seal_counts_what_it_covers(booked: tuple[Entry, ...]) -> None:
    assert (seal().entries, seal().amount_paise) == (3, 3 * 2_450_000)
    assert seal().last_id == booked[-1].pk


def test_a_seal_can_be_made_again(booked: tuple[Entry, ...]) -> None:
    with connection.cursor() as cursor:
        first = seal()
        cursor.execute("SET LOCAL TimeZone = 'America/New_York'")
        cursor.execute("SET LOCAL DateStyle = 'German'")
        cursor.execute("SET LOCAL extra_float_digits = 0")
    assert seal() == first


def test_an_empty_stretch_has_a_seal_too() -> None:
    empty = seal(after_id=7)
    assert (empty.entries, empty.amount_paise, empty.last_id) == (0, 0, 7)
    assert empty.digest != FIRST_LINK


def test_a_stretch_is_sealed_alike_whatever_is_booked_after_it(booked: tuple[Entry, ...]) -> None:
    before = seal()
    post_entry(a_payment("C"))
    again = seal_of_entries(after_id=0, previous_digest=FIRST_LINK, until_id=before.last_id)
    assert again == before


def test_a_seal_hangs_on_the_one_before(booked: tuple[Entry, ...]) -> None:
    assert seal(previous_digest="f" * 64).digest != seal().digest


TAMPERINGS = {
    "value date": "UPDATE ledger_entry SET value_date = value_date + 1 WHERE reference = 'A'",
    "booked time": "UPDATE ledger_entry SET booked_at = booked_at + interval '1 microsecond'",
    "kind": "UPDATE ledger_entry SET kind = 'FEE' WHERE reference = 'B'",
    "reference": "UPDATE ledger_entry SET reference = 'C' WHERE reference = 'B'",
    "reversal cut loose": "UPDATE ledger_entry SET reverses_id = NULL",
    "count": "UPDATE ledger_entry SET transfer_count = 3 WHERE reference = 'B'",
    "actor": "UPDATE ledger_entry SET actor = 'someone' WHERE reference = 'A'",
    "narrative": "UPDATE ledger_entry SET narrative = '' WHERE reference = 'A'",
    "text moved between columns": (
        "UPDATE ledger_entry SET actor = 'system|by UPI', narrative = 'late' WHERE reference = 'A'"
    ),
    "entry removed": "DELETE FROM ledger_entry WHERE reference = 'B'",
    "keys exchanged": "UPDATE ledger_transfer SET id = -id",
    "line removed": "DELETE FROM ledger_transfer WHERE line_number = 2",
    "lines exchanged": "UPDATE ledger_transfer SET line_number = 3 - line_number",
    "line moved": "UPDATE ledger_transfer SET entry_id = (SELECT max(id) FROM ledger_entry)",
    "amount": "UPDATE ledger_transfer SET amount_paise = amount_paise + 1 WHERE line_number = 1",
    "sides exchanged": "UPDATE ledger_transfer SET debit_id = credit_id, credit_id = debit_id",
    "account": "UPDATE ledger_transfer SET debit_id = '3000' WHERE debit_id = '1000'",
    "loan": "UPDATE ledger_transfer SET loan_id = 457 WHERE loan_id = 456",
    "loan forgotten": "UPDATE ledger_transfer SET loan_id = NULL",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_no_change_of_a_sealed_row_goes_unseen(booked: tuple[Entry, ...], statement: str) -> None:
    before = seal()
    if "line_number = 3 -" in statement or "entry_id =" in statement:
        damage("ALTER TABLE ledger_transfer DROP CONSTRAINT transfer_line_is_unique_in_its_entry")
    damage(statement)
    assert seal().digest != before.digest


def test_an_entry_slipped_in_goes_not_unseen(booked: tuple[Entry, ...]) -> None:
    before = seal()
    damage(
        "INSERT INTO ledger_entry (id, value_date, kind, reference, transfer_count, actor,"
        " narrative) VALUES (%s, '2025-04-05', 'FEE', 'X', 1, 'x', '')",
        -1,
    )
    assert seal().digest != before.digest
