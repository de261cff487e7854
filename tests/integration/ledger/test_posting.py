"""Posting entries: once each, all or none, with the same few statements for one or a hundred."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from bright_credit.common.postgresql.messages import send
from ledger.domain.chart import AccountCode
from ledger.domain.entries import EntryDraft, InvalidEntry, TransferDraft, reverse
from ledger.models import Entry, Transfer
from ledger.selectors import entry_draft, trial_balance
from ledger.services import (
    EntryConflict,
    booking_new,
    post_entries,
    post_entry,
    reverse_entry,
)
from tests.integration.ledger.conftest import DAY, INTEREST_PAID, a_payment, at_once
from tests.properties import as_many
from tests.unit.ledger.strategies import drafts

pytestmark = pytest.mark.django_db


def statements_of(call: Callable[[], Any]) -> int:
    """Count the statements of a call, but for the savepoint around it."""
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_a_posted_entry_is_read_back_as_it_was_drafted() -> None:
    draft = a_payment(narrative="by UPI")
    entry = post_entry(draft, actor="tester")
    stored = Entry.objects.get(pk=entry.pk)
    assert entry_draft(stored) == draft
    assert (stored.actor, stored.transfer_count) == ("tester", 2)
    assert [line.line_number for line in stored.transfers.order_by("id")] == [1, 2]


def test_the_booked_time_is_the_databases_unless_it_is_given() -> None:
    then = datetime(2025, 4, 5, 9, 30, tzinfo=UTC)
    assert post_entry(a_payment("A"), booked_at=then).booked_at == then
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        (now,) = cursor.fetchone()
    assert post_entry(a_payment("B")).booked_at >= now


def test_posting_the_same_again_gives_the_first_entry_and_writes_nothing() -> None:
    first = post_entry(a_payment())
    again = post_entry(a_payment(narrative="told otherwise"), actor="another")
    assert again.pk == first.pk
    assert (Entry.objects.count(), Transfer.objects.count()) == (1, 2)
    assert Entry.objects.get().narrative == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"value_date": date(2025, 4, 6)},
        {"kind": "FEE"},
        {"loan_id": 457},
        {"loan_id": None},
        {"transfers": (INTEREST_PAID,)},
        {"transfers": (TransferDraft(AccountCode.BANK, AccountCode.LOAN_PRINCIPAL, 1),) * 2},
    ],
    ids=str,
)
def test_the_same_reference_with_other_content_is_a_conflict(changes: dict[str, Any]) -> None:
    post_entry(a_payment())
    with pytest.raises(EntryConflict) as refusal:
        post_entry(a_payment(**changes))
    assert refusal.value.code == "entry_conflict"
    assert Entry.objects.count() == 1


def test_a_batch_keeps_its_order_and_takes_a_repeat_as_one() -> None:
    old = post_entry(a_payment("OLD"))
    entries = post_entries([a_payment("B"), a_payment("OLD"), a_payment("A"), a_payment("B")])
    assert [entry.reference for entry in entries] == ["B", "OLD", "A", "B"]
    assert entries[1].pk == old.pk
    assert entries[0].pk == entries[3].pk
    assert list(Entry.objects.order_by("id").values_list("reference", flat=True)) == [
        "OLD",
        "B",
        "A",
    ]


def test_one_draft_in_two_versions_is_a_conflict() -> None:
    with pytest.raises(EntryConflict):
        post_entries([a_payment("A"), a_payment("A", kind="FEE")])


def test_nothing_is_posted_for_no_drafts() -> None:
    assert post_entries([]) == ()


@pytest.mark.django_db(transaction=True)
def test_a_batch_with_one_conflict_leaves_nothing_behind() -> None:
    post_entry(a_payment("OLD"))
    with pytest.raises(EntryConflict):
        post_entries([a_payment("NEW"), a_payment("OLD", loan_id=1)])
    assert list(Entry.objects.values_list("reference", flat=True)) == ["OLD"]
    assert Transfer.objects.count() == 2


def test_new_entries_are_booked_by_one_statement_as_posting_books_them() -> None:
    batch = [
        a_payment("B", narrative="by UPI; 100 %"),
        a_payment("A", loan_id=None, transfers=(INTEREST_PAID,)),
    ]
    assert statements_of(lambda: send(*booking_new(batch, actor="tester"))) == 1
    stored = list(Entry.objects.order_by("id"))
    assert [entry_draft(entry) for entry in stored] == batch
    assert {(entry.actor, entry.reverses_id) for entry in stored} == {("tester", None)}
    # They are complete: posting them takes them for what is booked.
    assert [entry.pk for entry in post_entries(batch)] == [entry.pk for entry in stored]


@pytest.mark.parametrize("again", [a_payment("OLD"), a_payment("OLD", loan_id=1)], ids=str)
@pytest.mark.django_db(transaction=True)
def test_what_must_be_new_is_refused_when_it_is_booked(again: EntryDraft) -> None:
    post_entry(a_payment("OLD"))
    with pytest.raises(EntryConflict, match="OLD"), transaction.atomic():
        send(*booking_new([a_payment("NEW"), again], actor="tester"))
    assert list(Entry.objects.values_list("reference", flat=True)) == ["OLD"]
    assert Transfer.objects.count() == 2


def test_a_reversal_is_not_booked_unseen() -> None:
    original = a_payment("OLD")
    post_entry(original)
    undoing = reverse(original, value_date=DAY, reference="BACK")
    with pytest.raises(InvalidEntry):
        booking_new([undoing], actor="tester")
    assert booking_new([], actor="tester") == ()


@pytest.mark.parametrize("count", [1, 10, 100])
def test_posting_takes_three_statements_however_many_entries(count: int) -> None:
    batch = [a_payment(f"PAYMENT/{number}") for number in range(count)]
    assert statements_of(lambda: post_entries(batch)) == 3
    assert Transfer.objects.count() == 2 * count


@pytest.mark.parametrize("count", [1, 10, 100])
def test_posting_again_takes_four_statements_however_many_entries(count: int) -> None:
    batch = [a_payment(f"PAYMENT/{number}") for number in range(count)]
    post_entries(batch)
    assert statements_of(lambda: post_entries(batch)) == 4


@pytest.mark.django_db(transaction=True)
def test_one_reference_posted_twenty_times_at_once_is_booked_once() -> None:
    outcomes = at_once([partial(post_entry, a_payment())] * 20)
    assert [type(outcome) for outcome in outcomes] == [Entry] * 20
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert (Entry.objects.count(), Transfer.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_two_contents_under_one_reference_at_once_leave_one_and_refuse_the_other() -> None:
    contents = [a_payment(), a_payment(loan_id=457)]
    outcomes = at_once([partial(post_entry, draft) for draft in contents])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Entry", "EntryConflict"]
    assert Transfer.objects.count() == 2


@settings(
    max_examples=as_many(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drafts)
def test_i2_the_trial_balance_is_zero_after_every_entry_and_its_reversal(draft: EntryDraft) -> None:
    as_of = date(2031, 1, 1)
    with transaction.atomic():
        before = trial_balance(as_of=as_of)
        post_entry(draft)
        assert trial_balance(as_of=as_of).difference_paise == 0
        reverse_entry(draft.reference, value_date=DAY)
        after = trial_balance(as_of=as_of)
        transaction.set_rollback(True)  # the next example may draw the same reference
    assert after.difference_paise == 0
    assert [row.balance_paise for row in after.rows] == [row.balance_paise for row in before.rows]
