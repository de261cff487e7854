"""Writing the books: post entries, once each, and reverse them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from bright_credit.common.errors import Conflict, NotFound
from bright_credit.common.postgresql.messages import Rows, Statement
from ledger.domain.entries import EntryDraft, InvalidEntry, mirrors, reverse
from ledger.models import Entry, Transfer
from ledger.selectors import entry_draft

# The entries, each with its lines; of one that is booked already none are written.
_BOOK_NEW = """
WITH entry AS (
    INSERT INTO ledger_entry (value_date, kind, reference, transfer_count, actor, narrative)
    SELECT e.value_date, e.kind, e.reference, e.transfer_count, %s, e.narrative
    FROM unnest(%s::date[], %s::text[], %s::text[], %s::int[], %s::text[])
         WITH ORDINALITY AS e (value_date, kind, reference, transfer_count, narrative, place)
    ORDER BY e.place
    ON CONFLICT DO NOTHING
    RETURNING id, reference
)
INSERT INTO ledger_transfer (entry_id, line_number, debit_id, credit_id, amount_paise, loan_id)
SELECT entry.id, line.number, line.debit, line.credit, line.amount_paise, line.loan_id
FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
     AS line (reference, number, debit, credit, amount_paise, loan_id)
JOIN entry USING (reference)
ORDER BY entry.id, line.number
RETURNING (SELECT reference FROM entry WHERE id = entry_id)
"""

#: Entries written by one set of statements; more are posted in several sets, in one transaction.
BATCH_SIZE = 5_000


class EntryConflict(Conflict):
    """The reference is already booked, with other content."""

    code = "entry_conflict"


class EntryNotFound(NotFound):
    """No entry has this reference."""

    code = "entry_not_found"


class EntryAlreadyReversed(Conflict):
    """The entry has been reversed before; an entry is reversed once."""

    code = "entry_already_reversed"


def post_entry(
    draft: EntryDraft, *, actor: str = "system", booked_at: datetime | None = None
) -> Entry:
    """Book one entry and return it; see `post_entries`."""
    return post_entries([draft], actor=actor, booked_at=booked_at)[0]


def post_entries(
    drafts: Sequence[EntryDraft],
    *,
    actor: str = "system",
    booked_at: datetime | None = None,
    must_be_new: bool = False,
) -> tuple[Entry, ...]:
    """Book entries, all or none, and return them in the order of the drafts.

    Idempotent by reference: an entry that is booked already, with the same content (narrative and
    actor apart), is returned as it is. Of two callers at once with one reference, the second waits
    for the first and finds its entry. `booked_at` is the database's time unless given.
    `must_be_new` refuses entries that are booked already with `EntryConflict`: for whoever writes,
    in the same transaction, what must not be written twice either.

    Raises `EntryConflict`, `EntryNotFound` (of what is to be reversed), `EntryAlreadyReversed`, and
    `InvalidEntry` for a reversal that does not mirror its original.
    """
    with transaction.atomic():
        entries: list[Entry] = []
        for start in range(0, len(drafts), BATCH_SIZE):
            batch = drafts[start : start + BATCH_SIZE]
            entries += _post_batch(batch, actor, booked_at, must_be_new=must_be_new)
        return tuple(entries)


def booking_new(drafts: Sequence[EntryDraft], *, actor: str) -> tuple[Statement, ...]:
    """Return the statement that books entries which reverse none and are not booked; none for none.

    For whoever writes, in the same transaction, what must not be written twice either. When it is
    executed and finds one booked already, it raises `EntryConflict`.
    """
    wanted = _distinct(drafts)
    if not wanted:
        return ()
    if any(draft.reverses is not None for draft in wanted.values()):
        raise InvalidEntry("A reversal is posted with its original at hand.", field="reverses")

    def then(written: Rows) -> None:
        if missing := wanted.keys() - {reference for (reference,) in written}:
            raise EntryConflict(f"{min(missing)} is booked already.", field="reference")

    values = [actor, *_columns(wanted.values())]
    return (Statement(_BOOK_NEW, values, then, ready=True),)


def _columns(drafts: Collection[EntryDraft]) -> tuple[list[Any], ...]:
    """Return the columns of the entries, then those of their lines."""
    entries = [
        (draft.value_date, draft.kind, draft.reference, len(draft.transfers), draft.narrative)
        for draft in drafts
    ]
    lines = [
        (
            draft.reference,
            number,
            transfer.debit.value,
            transfer.credit.value,
            transfer.amount_paise,
            draft.loan_id,
        )
        for draft in drafts
        for number, transfer in enumerate(draft.transfers, start=1)
    ]
    columns = (*zip(*entries, strict=True), *zip(*lines, strict=True))
    return tuple(list(column) for column in columns)


def reverse_entry(
    reference: str,
    *,
    value_date: date,
    reversal_reference: str | None = None,
    narrative: str = "",
    actor: str = "system",
    booked_at: datetime | None = None,
) -> Entry:
    """Book the entry that undoes the one with this reference, and return it.

    The reversal's own reference is `<reference>/reversal` unless given. Raises `EntryNotFound`,
    `EntryAlreadyReversed`, and `InvalidEntry` when the entry is itself a reversal.
    """
    original = _with_transfers([reference]).get(reference)
    if original is None:
        raise EntryNotFound("No entry has this reference.", field="reference")
    draft = reverse(
        entry_draft(original),
        value_date=value_date,
        reference=reversal_reference or f"{reference}/reversal",
        narrative=narrative,
    )
    return post_entry(draft, actor=actor, booked_at=booked_at)


def _post_batch(
    drafts: Sequence[EntryDraft],
    actor: str,
    booked_at: datetime | None,
    *,
    must_be_new: bool,
) -> list[Entry]:
    """Book one batch with a fixed number of statements.

    1. Insert the entries, leaving alone those whose reference is booked.
    2. Read them back: the ones without transfers are those just inserted.
    3. Insert the transfers of the new ones; compare the others with their drafts.
    """
    wanted = _distinct(drafts)
    originals = _originals(wanted)
    Entry.objects.bulk_create(
        [_entry_row(draft, originals, actor, booked_at) for draft in wanted.values()],
        ignore_conflicts=True,
    )
    has_transfers = Exists(Transfer.objects.filter(entry=OuterRef("pk")))
    stored = {
        entry.reference: entry
        for entry in Entry.objects.filter(reference__in=wanted).annotate(is_old=has_transfers)
    }
    if missing := wanted.keys() - stored.keys():
        # The insert skips an entry for one other reason only: its original is reversed already.
        raise EntryAlreadyReversed(
            f"{wanted[min(missing)].reverses} has been reversed before.", field="reverses"
        )
    old = [reference for reference, entry in stored.items() if entry.is_old]
    if must_be_new and old:
        raise EntryConflict(f"{min(old)} is booked already.", field="reference")
    Transfer.objects.bulk_create(
        [
            row
            for reference, draft in wanted.items()
            if not stored[reference].is_old
            for row in _transfer_rows(draft, stored[reference])
        ]
    )
    _refuse_other_content(wanted, old)
    return [stored[draft.reference] for draft in drafts]


def _distinct(drafts: Sequence[EntryDraft]) -> dict[str, EntryDraft]:
    """Return the drafts by reference, in their order; twice the same is once."""
    wanted: dict[str, EntryDraft] = {}
    for draft in drafts:
        if not _same_content(wanted.setdefault(draft.reference, draft), draft):
            raise EntryConflict(f"{draft.reference} is given with two contents.", field="reference")
    return wanted


def _originals(wanted: Mapping[str, EntryDraft]) -> dict[str, Entry]:
    """Return the entries that the drafts reverse; each draft must mirror its own."""
    reversals = [draft for draft in wanted.values() if draft.reverses is not None]
    if not reversals:
        return {}
    originals = _with_transfers([str(draft.reverses) for draft in reversals])
    for draft in reversals:
        original = originals.get(str(draft.reverses))
        if original is None:
            raise EntryNotFound(f"{draft.reverses} is not booked.", field="reverses")
        if original.reverses_id is not None:
            raise InvalidEntry("A reversal cannot be reversed.", field="reverses")
        if not mirrors(draft, original=entry_draft(original)):
            raise InvalidEntry("A reversal mirrors its original line by line.", field="transfers")
    return originals


def _with_transfers(references: Sequence[str]) -> dict[str, Entry]:
    entries = Entry.objects.filter(reference__in=references).select_related("reverses")
    return {entry.reference: entry for entry in entries.prefetch_related("transfers")}


def _entry_row(
    draft: EntryDraft,
    originals: Mapping[str, Entry],
    actor: str,
    booked_at: datetime | None,
) -> Entry:
    row = Entry(
        value_date=draft.value_date,
        kind=draft.kind,
        reference=draft.reference,
        reverses=originals[draft.reverses] if draft.reverses is not None else None,
        transfer_count=len(draft.transfers),
        actor=actor,
        narrative=draft.narrative,
    )
    if booked_at is not None:
        row.booked_at = booked_at
    return row


def _transfer_rows(draft: EntryDraft, entry: Entry) -> list[Transfer]:
    return [
        Transfer(
            entry=entry,
            line_number=number,
            debit_id=transfer.debit,
            credit_id=transfer.credit,
            amount_paise=transfer.amount_paise,
            loan_id=draft.loan_id,
        )
        for number, transfer in enumerate(draft.transfers, start=1)
    ]


def _refuse_other_content(wanted: Mapping[str, EntryDraft], booked: Sequence[str]) -> None:
    """Refuse to take a booked entry for one whose content differs."""
    if not booked:
        return
    for reference, entry in _with_transfers(booked).items():
        if not _same_content(entry_draft(entry), wanted[reference]):
            raise EntryConflict(f"{reference} is booked with other content.", field="reference")


def _same_content(one: EntryDraft, other: EntryDraft) -> bool:
    return replace(one, narrative="") == replace(other, narrative="")
