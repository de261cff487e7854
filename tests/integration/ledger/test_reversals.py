"""Reversals: they mirror their original, there is one of them, and they are final."""

from datetime import date
from functools import partial

import pytest

from ledger.domain.entries import InvalidEntry, reverse
from ledger.models import Entry
from ledger.selectors import entry_draft
from ledger.services import (
    EntryAlreadyReversed,
    EntryNotFound,
    post_entries,
    post_entry,
    reverse_entry,
)
from tests.integration.ledger.conftest import DAY, INTEREST_PAID, a_payment, at_once

pytestmark = pytest.mark.django_db

LATER = date(2025, 5, 1)


def test_a_reversal_names_its_original_and_mirrors_it() -> None:
    original = post_entry(a_payment())
    reversal = reverse_entry("PAYMENT/1", value_date=LATER, narrative="bounced", actor="asha")
    assert reversal.reverses_id == original.pk
    assert (reversal.reference, reversal.kind) == ("PAYMENT/1/reversal", "REVERSAL")
    assert (reversal.actor, reversal.narrative) == ("asha", "bounced")
    assert entry_draft(Entry.objects.get(pk=reversal.pk)) == reverse(
        a_payment(), value_date=LATER, reference="PAYMENT/1/reversal", narrative="bounced"
    )


def test_the_same_reversal_again_gives_the_first() -> None:
    post_entry(a_payment())
    first = reverse_entry("PAYMENT/1", value_date=LATER)
    assert reverse_entry("PAYMENT/1", value_date=LATER).pk == first.pk
    assert Entry.objects.count() == 2


def test_a_second_reversal_under_another_reference_is_refused() -> None:
    post_entry(a_payment())
    reverse_entry("PAYMENT/1", value_date=LATER)
    with pytest.raises(EntryAlreadyReversed) as refusal:
        reverse_entry("PAYMENT/1", value_date=LATER, reversal_reference="ANOTHER")
    assert refusal.value.code == "entry_already_reversed"


def test_a_reversal_cannot_be_reversed() -> None:
    post_entry(a_payment())
    reverse_entry("PAYMENT/1", value_date=LATER)
    with pytest.raises(InvalidEntry):
        reverse_entry("PAYMENT/1/reversal", value_date=LATER)


def test_what_is_not_booked_cannot_be_reversed() -> None:
    with pytest.raises(EntryNotFound):
        reverse_entry("PAYMENT/1", value_date=LATER)
    with pytest.raises(EntryNotFound):
        post_entry(reverse(a_payment(), value_date=LATER, reference="R"))


def test_a_draft_that_claims_to_reverse_must_mirror() -> None:
    post_entry(a_payment())
    with pytest.raises(InvalidEntry) as refusal:
        post_entry(a_payment("R", reverses="PAYMENT/1"))
    assert refusal.value.field == "transfers"
    half = a_payment("R", reverses="PAYMENT/1", transfers=(INTEREST_PAID.mirrored(),))
    with pytest.raises(InvalidEntry):
        post_entry(half)


def test_a_draft_that_claims_to_reverse_a_reversal_is_refused() -> None:
    post_entry(a_payment())
    reverse_entry("PAYMENT/1", value_date=LATER)
    with pytest.raises(InvalidEntry):
        post_entry(a_payment("R", reverses="PAYMENT/1/reversal"))


def test_two_reversals_of_one_entry_in_one_batch_are_refused() -> None:
    post_entry(a_payment())
    twice = [reverse(a_payment(), value_date=DAY, reference=name) for name in ("R1", "R2")]
    with pytest.raises(EntryAlreadyReversed):
        post_entries(twice)


@pytest.mark.django_db(transaction=True)
def test_ten_reversals_of_one_entry_at_once_leave_one() -> None:
    post_entry(a_payment())
    outcomes = at_once(
        [
            partial(reverse_entry, "PAYMENT/1", value_date=LATER, reversal_reference=f"R{number}")
            for number in range(10)
        ]
    )
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["Entry", *["EntryAlreadyReversed"] * 9]
    assert Entry.objects.filter(reverses__reference="PAYMENT/1").count() == 1
