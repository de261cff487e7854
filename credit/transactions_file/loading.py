"""From checked rows to posted ones: COPY into a staging table, then one set-based merge.

Everything happens inside the caller's transaction, so a file is posted whole or not at all.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from django.db import connection
from psycopg import Copy

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
)
INSERT INTO credit_banktransaction
       (borrower_id, transaction_date, amount_paise, type, description, row_hash, ordinal, file_id)
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
"""
_SHARES = """
SELECT borrower_id, rows, amount_paise
  FROM credit_fileshare WHERE file_id = %s ORDER BY borrower_id
"""
_BORROWERS = "SELECT id FROM users_borrower WHERE id = ANY(%s::bigint[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of rows and the sum of their amounts."""

    rows: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a merge added of what was staged: rows not there before, and whose they are."""

    total: Total
    staged: Total
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

    def __init__(self, *, before_asking: Callable[[], None]) -> None:
        """Take what has to be done before the database can be asked."""
        self._before_asking = before_asking
        # Sorted, and never empty: below every key there is one to compare with.
        self._known: Numbers = np.array([-1], dtype=np.int64)

    def among(self, keys: Numbers) -> Flags:
        """Return which of these keys are borrowers'."""
        unseen = keys[~self._hold(keys)]
        if len(unseen):
            self._before_asking()
            with connection.cursor() as cursor:
                cursor.execute(_BORROWERS, [unseen.tolist()])
                found = np.array([key for (key,) in cursor.fetchall()], dtype=np.int64)
            self._known = np.union1d(self._known, found)
        return self._hold(keys)

    def _hold(self, keys: Numbers) -> Flags:
        held: Flags = self._known[np.searchsorted(self._known, keys, side="right") - 1] == keys
        return held


class Staging:
    """The staging table of one load, for use in a `with` inside a transaction.

    Rows are handed to the database by a thread, one block at a time, so that the next block is read
    while PostgreSQL takes the one before. Between `add` and `settle` the connection is busy.
    """

    def __init__(self) -> None:
        self._under_way = ExitStack()
        self._copy: Copy | None = None
        self._rows = 0
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="staging")
        self._written: Future[None] | None = None

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
        # A failed transaction takes the table with it, and a COPY under way is given up.
        try:
            if exc_type is None:
                self.settle()
                with connection.cursor() as cursor:
                    cursor.execute(_DROP)
        finally:
            self._writer.shutdown()
            self._under_way.__exit__(exc_type, exc, traceback)

    def add(self, encoded: bytes) -> None:
        """Put checked rows, as CSV records in UTF-8, into the staging table."""
        if self._copy is None:
            self._copy = self._under_way.enter_context(self._copying())
        self._await_writer()
        self._written = self._writer.submit(self._copy.write, encoded)

    def settle(self) -> None:
        """Wait until all rows given so far are in the table, and the connection is free."""
        self._await_writer()
        self._copy = None
        self._under_way.close()

    @contextmanager
    def _copying(self) -> Iterator[Copy]:
        with connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                yield copy
            self._rows += cursor.rowcount

    def _await_writer(self) -> None:
        written, self._written = self._written, None
        if written is not None:
            written.result()

    def post(self, *, file_id: int) -> Posted:
        """Add the rows that are not there yet; loads that run at once take turns here."""
        self.settle()
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS}'")
            cursor.execute(f"SET LOCAL work_mem = '{SORT_MEMORY}'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURNSTILE])
            cursor.execute(_MERGE, {"key_starts": _KEY_STARTS, "file_id": file_id})
            cursor.execute(_SHARES, [file_id])
            shares = cursor.fetchall()
        total = Total(
            rows=sum(rows for _, rows, _ in shares),
            amount_paise=sum(amount_paise for _, _, amount_paise in shares),
        )
        return Posted(
            total=total,
            staged=total if total.rows == self._rows else self._total(),
            borrower_ids=tuple(borrower for borrower, _, _ in shares),
        )

    def _total(self) -> Total:
        """Return what the table holds, as the database counts and sums it.

        When every row of it was posted, what was posted says the same without another look.
        """
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS)
            rows, amount_paise = cursor.fetchone()
        return Total(rows=rows, amount_paise=int(amount_paise))


def record_rejections(rejections: Sequence[Rejection], *, file_id: int) -> None:
    """Write the rows that were set aside."""
    with connection.cursor() as cursor, cursor.copy(_COPY_REJECTED) as copy:
        for row in rejections:
            copy.write_row((file_id, row.line_number, row.code, row.reason, row.raw))
