"""Journal entries before they are booked: balanced by construction, reversible, comparable.

A transfer debits one account and credits another by the same positive amount, so no set of
transfers can be out of balance. An entry is one event of the business with its transfers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import MAX_AMOUNT_PAISE
from ledger.domain.chart import AccountCode

MAX_REFERENCE_LENGTH = 120
MAX_KIND_LENGTH = 40
MAX_NARRATIVE_LENGTH = 200

REVERSAL_KIND = "REVERSAL"


class InvalidEntry(InvalidInput):
    """A journal entry as drafted breaks a rule of bookkeeping."""

    code = "invalid_entry"


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """`amount_paise` debited to one account and credited to another. Raises `InvalidEntry`."""

    debit: AccountCode
    credit: AccountCode
    amount_paise: int

    def __post_init__(self) -> None:
        """Refuse what no transfer can be: nothing, less than nothing, or to its own account."""
        if isinstance(self.amount_paise, bool) or not isinstance(self.amount_paise, int):
            raise InvalidEntry("A transfer's amount is whole paise.", field="amount_paise")
        if not 0 < self.amount_paise <= MAX_AMOUNT_PAISE:
            raise InvalidEntry("A transfer's amount is positive.", field="amount_paise")
        if self.debit == self.credit:
            raise InvalidEntry("A transfer joins two different accounts.", field="credit")

    def mirrored(self) -> "TransferDraft":
        """Return the transfer that undoes this one."""
        return TransferDraft(debit=self.credit, credit=self.debit, amount_paise=self.amount_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """One event to be booked.

    `value_date` is the business date on which it counts; `reference` names its source event, once
    in the whole ledger; `loan_id` is the loan that all its transfers concern (None: several, or
    none); `reverses` is the reference of the entry that this one undoes. Raises `InvalidEntry`.
    """

    value_date: date
    kind: str
    reference: str
    transfers: tuple[TransferDraft, ...]
    loan_id: int | None = None
    reverses: str | None = None
    narrative: str = ""

    def __post_init__(self) -> None:
        """Refuse an entry without name, kind or transfer, or one that undoes itself."""
        if not 0 < len(self.kind) <= MAX_KIND_LENGTH:
            raise InvalidEntry(
                f"An entry's kind has 1 to {MAX_KIND_LENGTH} characters.", field="kind"
            )
        if not 0 < len(self.reference) <= MAX_REFERENCE_LENGTH:
            raise InvalidEntry(
                f"An entry's reference has 1 to {MAX_REFERENCE_LENGTH} characters.",
                field="reference",
            )
        if not self.transfers:
            raise InvalidEntry("An entry has at least one transfer.", field="transfers")
        if len(self.narrative) > MAX_NARRATIVE_LENGTH:
            raise InvalidEntry(
                f"An entry's narrative has at most {MAX_NARRATIVE_LENGTH} characters.",
                field="narrative",
            )
        if self.reverses == self.reference:
            raise InvalidEntry("An entry does not reverse itself.", field="reverses")

    @property
    def amount_paise(self) -> int:
        """Return the sum of the transfers: total debits, and total credits."""
        return sum(transfer.amount_paise for transfer in self.transfers)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an account changes by: debits less credits, in paise."""

    account: AccountCode
    debit_less_credit_paise: int


def net_changes(transfers: Iterable[TransferDraft]) -> tuple[AccountChange, ...]:
    """Return what the transfers together change, by account code, without accounts left as before.

    The changes of any set of transfers add up to zero.
    """
    changes: defaultdict[AccountCode, int] = defaultdict(int)
    for transfer in transfers:
        changes[transfer.debit] += transfer.amount_paise
        changes[transfer.credit] -= transfer.amount_paise
    return tuple(AccountChange(code, changes[code]) for code in sorted(changes) if changes[code])


def reverse(
    draft: EntryDraft, *, value_date: date, reference: str, narrative: str = ""
) -> EntryDraft:
    """Return the entry that undoes `draft`, transfer by transfer. Raises `InvalidEntry`.

    A reversal cannot itself be reversed: what was undone by mistake is booked anew.
    """
    if draft.reverses is not None:
        raise InvalidEntry("A reversal cannot be reversed.", field="reverses")
    return EntryDraft(
        value_date=value_date,
        kind=REVERSAL_KIND,
        reference=reference,
        transfers=tuple(transfer.mirrored() for transfer in draft.transfers),
        loan_id=draft.loan_id,
        reverses=draft.reference,
        narrative=narrative,
    )


def mirrors(reversal: EntryDraft, *, original: EntryDraft) -> bool:
    """Return whether `reversal` undoes `original` line by line, for the same loan."""
    return reversal.loan_id == original.loan_id and reversal.transfers == tuple(
        transfer.mirrored() for transfer in original.transfers
    )
