"""Drafts of journal entries: what they refuse, that they balance, and what undoes them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given

from ledger.domain.chart import AccountCode
from ledger.domain.entries import (
    EntryDraft,
    InvalidEntry,
    TransferDraft,
    mirrors,
    net_changes,
    reverse,
)
from tests.unit.ledger.strategies import days, drafts, transfer_sets

DAY = date(2025, 4, 5)
PAYMENT = TransferDraft(AccountCode.BANK, AccountCode.LOAN_PRINCIPAL, 2_083_300)


def a_draft(**changes: Any) -> EntryDraft:
    values: dict[str, Any] = {
        "value_date": DAY,
        "kind": "PAYMENT",
        "reference": "PAYMENT/1",
        "transfers": (PAYMENT,),
        "loan_id": 456,
    }
    return EntryDraft(**values | changes)


@pytest.mark.parametrize("amount_paise", [0, -1, 10**15 + 1, True, 1.5, "100", None])
def test_a_transfer_refuses_what_is_no_positive_number_of_paise(amount_paise: Any) -> None:
    with pytest.raises(InvalidEntry) as refusal:
        TransferDraft(AccountCode.BANK, AccountCode.OWN_FUNDS, amount_paise)
    assert refusal.value.field == "amount_paise"


def test_a_transfer_refuses_to_move_money_within_one_account() -> None:
    with pytest.raises(InvalidEntry) as refusal:
        TransferDraft(AccountCode.BANK, AccountCode.BANK, 100)
    assert refusal.value.field == "credit"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "K" * 41}, "kind"),
        ({"reference": ""}, "reference"),
        ({"reference": "R" * 121}, "reference"),
        ({"narrative": "N" * 201}, "narrative"),
        ({"transfers": ()}, "transfers"),
        ({"reverses": "PAYMENT/1"}, "reverses"),
    ],
)
def test_an_entry_refuses_to_be_nameless_empty_or_its_own_reversal(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidEntry) as refusal:
        a_draft(**changes)
    assert refusal.value.field == field


def test_an_entry_amounts_to_the_sum_of_its_transfers() -> None:
    interest = TransferDraft(AccountCode.BANK, AccountCode.INTEREST_RECEIVABLE, 366_700)
    assert a_draft(transfers=(PAYMENT, interest)).amount_paise == 2_450_000


@given(transfer_sets)
def test_i1_every_set_of_transfers_balances(transfers: tuple[TransferDraft, ...]) -> None:
    assert sum(change.debit_less_credit_paise for change in net_changes(transfers)) == 0


@given(drafts, days)
def test_i6_an_entry_and_its_reversal_together_change_nothing(draft: EntryDraft, day: date) -> None:
    reversal = reverse(draft, value_date=day, reference=f"{draft.reference}/reversal")
    assert net_changes((*draft.transfers, *reversal.transfers)) == ()
    assert reversal.reverses == draft.reference
    assert reversal.loan_id == draft.loan_id
    assert mirrors(reversal, original=draft)


@given(drafts)
def test_only_a_true_mirror_image_is_taken_for_one(draft: EntryDraft) -> None:
    assert not mirrors(draft, original=draft)


def test_a_reversal_for_another_loan_is_no_mirror_image() -> None:
    reversal = reverse(a_draft(loan_id=457), value_date=DAY, reference="R")
    assert not mirrors(reversal, original=a_draft())


def test_i6_a_reversal_cannot_be_reversed() -> None:
    reversal = reverse(a_draft(), value_date=DAY, reference="PAYMENT/1/reversal")
    with pytest.raises(InvalidEntry) as refusal:
        reverse(reversal, value_date=DAY, reference="PAYMENT/1/reversal/reversal")
    assert refusal.value.field == "reverses"


def test_accounts_left_as_before_are_not_among_the_changes() -> None:
    there_and_back = (PAYMENT, PAYMENT.mirrored())
    assert net_changes(there_and_back) == ()
