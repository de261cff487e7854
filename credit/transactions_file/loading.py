"""From checked rows to posted ones: COPY into a staging table, then one set-based merge.

Everything happens inside the caller's transaction, so a file is posted whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from django.db import connection

from credit.transactions_file.layout import SORT_MEMORY
from credit.transactions_file.records import Flags, Numbers
from users.domain.identity import borrower_public_id

#: Where the key begins in a borrower's public id, counted from 1 as SQL does.
_KEY_STARTS = len(borrower_public_id(1).removesuffix("001")) + 1

#: Loads of large files wait for each other this long before they give up.
_WAIT_FOR_OTHERS = "30min"

# Any fixed number: it names the one place at which loads take turns.
_TURNSTILE = 0x6272_6967_6874

_CREATE = """
CREATE TEMPORARY TABLE credit_staged_transaction (
    user_id text NOT NULL,
    transaction_date date NOT NULL,
    amount numeric NOT NULL,
    type text NOT NULL,
    description text NOT NULL
) ON COMMIT DROP
"""
_DROP = "DROP TABLE credit_staged_transaction"
_COPY = """
COPY credit_staged_transaction (user_id, transaction_date, amount, type, description)
FROM STDIN (FORMAT csv, FORCE_NOT_NULL (description))
"""
_COPY_REJECTED = """
COPY credit_rejectedrow (file_id, line_number, code, reason, raw) FROM STDIN
"""
_TOTALS = """
SELECT count(*), coalesce(sum((amount * 100)::bigint), 0) FROM credit_staged_transaction
"""

# Identical rows of one file are numbered, because two identical lines may be two transactions. The
# rows go in by their key: neighbours share index pages, and two loads cannot lock each other out.
# What is there already is left out beforehand, which loads that take turns may do, and not by ON
# CONFLICT, which would look into the index twice for each row. The key still refuses any other.
_MERGE = """
WITH row AS (
    SELECT substr(user_id, %(key_starts)s)::bigint AS borrower_id,
           transaction_date,
           (amount * 100)::bigint AS amount_paise,
           type,
           description,
           encode(
               substring(
                   sha256(convert_to(
                       (amount * 100)::bigint::text || '|' || type || '|' || description, 'UTF8'
                   )) FOR 16
               ), 'hex'
           )::uuid AS row_hash
      FROM credit_staged_transaction
), numbered AS (
    SELECT row.*,
           row_number() OVER (PARTITION BY borrower_id, transaction_date, row_hash) - 1 AS ordinal
      FROM row
), posted AS (
    INSERT INTO credit_banktransaction
           (borrower_id, transaction_date, amount_paise, type, description, row_hash, ordinal,
            file_id)
    SELECT borrower_id, transaction_date, amount_paise, type, description, row_hash, ordinal,
           %(file_id)s
      FROM numbered
     WHERE NOT EXISTS (
           SELECT FROM credit_banktransaction AS known
            WHERE known.borrower_id = numbered.borrower_id
              AND known.transaction_date = numbered.transaction_date
              AND known.row_hash = numbered.row_hash
              AND known.ordinal = numbered.ordinal)
     ORDER BY borrower_id, transaction_date, row_hash
    RETURNING borrower_id, amount_paise
)
SELECT count(*), coalesce(sum(amount_paise), 0),
       coalesce(array_agg(DISTINCT borrower_id), '{}')
  FROM posted
"""
_BORROWERS = "SELECT id FROM users_borrower WHERE id = ANY(%s::bigint[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of rows and the sum of their amounts."""

    rows: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a merge added: rows that were not there before, and whose they are."""

    total: Total
    borrower_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A row that is set aside: its line, why, and how it stands in the file."""

    line_number: int
    code: str
    reason: str
    raw: str


class KnownBorrowers:
    """The borrowers that a file has named so far: each is looked up once, and costs eight bytes."""

    def __init__(self) -> None:
        # Sorted, and never empty: below every key there is one to compare with.
        self._known: Numbers = np.array([-1], dtype=np.int64)

    def among(self, keys: Numbers) -> Flags:
        """Return which of these keys are borrowers'."""
        unseen = keys[~self._hold(keys)]
        if len(unseen):
            with connection.cursor() as cursor:
                cursor.execute(_BORROWERS, [unseen.tolist()])
                found = np.array([key for (key,) in cursor.fetchall()], dtype=np.int64)
            self._known = np.union1d(self._known, found)
        return self._hold(keys)

    def _hold(self, keys: Numbers) -> Flags:
        held: Flags = self._known[np.searchsorted(self._known, keys, side="right") - 1] == keys
        return held


class Staging:
    """The staging table of one load, for use in a `with` inside a transaction."""

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            cursor.execute(_CREATE)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # A failed transaction takes the table with it.
        if exc_type is None:
            with connection.cursor() as cursor:
                cursor.execute(_DROP)

    def add(self, encoded: bytes) -> None:
        """Put checked rows, as CSV records in UTF-8, into the staging table."""
        with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(encoded)

    def total(self) -> Total:
        """Return what the staging table holds, as the database counts and sums it."""
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS)
            rows, amount_paise = cursor.fetchone()
        return Total(rows=rows, amount_paise=int(amount_paise))

    def post(self, *, file_id: int) -> Posted:
        """Add the rows that are not there yet; loads that run at once take turns here."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS}'")
            cursor.execute(f"SET LOCAL work_mem = '{SORT_MEMORY}'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURNSTILE])
            cursor.execute("ANALYZE credit_staged_transaction")
            cursor.execute(_MERGE, {"key_starts": _KEY_STARTS, "file_id": file_id})
            rows, amount_paise, borrower_ids = cursor.fetchone()
        return Posted(
            total=Total(rows=rows, amount_paise=int(amount_paise)),
            borrower_ids=tuple(borrower_ids),
        )


def record_rejections(rejections: Sequence[Rejection], *, file_id: int) -> None:
    """Write the rows that were set aside."""
    with connection.cursor() as cursor, cursor.copy(_COPY_REJECTED) as copy:
        for row in rejections:
            copy.write_row((file_id, row.line_number, row.code, row.reason, row.raw))
