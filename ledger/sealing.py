"""Sealing the journal: a digest over what was booked, linked to the digest before it.

A seal covers the entries booked since the last one, by key. Whoever changes, removes or inserts a
sealed row changes its digest and with it every digest after it.
"""

from dataclasses import dataclass

from django.db import connection

#: What the first seal is linked to.
FIRST_LINK = "0" * 64

# Every column of every entry and transfer, as JSON arrays: their quotes keep apart what a separator
# inside a text could shift from one column to the next. PostgreSQL hashes entry by entry and then
# the list of hashes, so that no text grows with the day beyond 64 bytes an entry.
_SEAL = """
WITH lines AS (
    SELECT t.entry_id,
           json_agg(json_build_array(t.id, t.line_number, t.debit_id, t.credit_id, t.amount_paise,
                                     t.loan_id) ORDER BY t.line_number) AS rows,
           sum(t.amount_paise)::bigint AS amount
    FROM ledger_transfer t
    WHERE (%(after)s = 0 OR t.entry_id > %(after)s)
      AND (%(until)s::bigint IS NULL OR t.entry_id <= %(until)s)
    GROUP BY t.entry_id
),
sealed AS (
    SELECT e.id, lines.amount,
           encode(sha256(convert_to(json_build_array(e.id, e.value_date, e.kind, e.reference,
               e.reverses_id, e.transfer_count, e.actor, e.narrative,
               extract(epoch FROM e.booked_at), lines.rows)::text, 'UTF8')), 'hex') AS hash
    FROM ledger_entry e LEFT JOIN lines ON lines.entry_id = e.id
    WHERE (%(after)s = 0 OR e.id > %(after)s)
      AND (%(until)s::bigint IS NULL OR e.id <= %(until)s)
)
SELECT count(*), coalesce(sum(amount), 0)::bigint, coalesce(max(id), %(after)s),
       encode(sha256(convert_to(%(previous)s || coalesce(string_agg(hash, '' ORDER BY id), ''),
                                'UTF8')), 'hex')
FROM sealed
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The digest over a stretch of the journal, with its counts and the last entry it covers."""

    entries: int
    amount_paise: int
    last_id: int
    digest: str


def seal_of_entries(*, after_id: int, previous_digest: str, until_id: int | None = None) -> Seal:
    """Return the seal over the entries after one key, up to another (default: to the end).

    After key 0 means from the very start, also from keys that no sequence gives.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEAL, {"after": after_id, "until": until_id, "previous": previous_digest})
        entries, amount_paise, last_id, digest = cursor.fetchone()
    return Seal(entries=entries, amount_paise=amount_paise, last_id=last_id, digest=digest)
