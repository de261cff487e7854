"""Putting a portfolio back to the morning of the day, so that each round begins alike.

The dues are emptied and filled again from a copy, with fresh indexes, and the floor's table with
them: both begin every round with the same rows in the same shape. Elsewhere, what the day added is
removed and what it changed is written back.
"""

from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.indexing import indexes_made_later

Connection = psycopg.Connection[Any]

FLOOR = "floor_due"

#: Tables that a day adds rows to, besides the dues; their keys grow.
_ADDED_TO = (
    "ledger_transfer",
    "ledger_entry",
    "loan_allocation",
    "loan_charge",
    "loan_assetclasschange",
)

#: Tables that a close writes to, which are left as a server at rest has them.
_WRITTEN_TO = ("users_borrower", "loan_loan", "loan_due", *_ADDED_TO, FLOOR)

# The floor's table: the columns, keys, indexes, checks and foreign keys of the real one.
_MAKE_FLOOR = f"""
CREATE TABLE {FLOOR} (LIKE loan_due INCLUDING ALL);
ALTER TABLE {FLOOR} ADD FOREIGN KEY (loan_id) REFERENCES loan_loan (id)
    DEFERRABLE INITIALLY DEFERRED;
"""
_ROWS_OF_A_DAY = """
CREATE UNLOGGED TABLE {} AS
SELECT loan_id, number, due_date, principal_paise, interest_paise, now() AS billed_at, revision
  FROM loan_instalment WHERE due_date = %s ORDER BY loan_id
"""


def keep(connection: Connection, days: tuple[date, ...]) -> None:
    """Copy what days change, make the floor's table, and the rows that each day posts into it."""
    with connection.transaction():
        connection.execute("CREATE SCHEMA kept")
        for table in ("loan_loan", "loan_due"):
            connection.execute(
                sql.SQL("CREATE UNLOGGED TABLE kept.{0} AS TABLE {0}").format(sql.Identifier(table))
            )
        connection.execute("ALTER TABLE kept.loan_loan ADD PRIMARY KEY (id)")
        for table in _ADDED_TO:
            connection.execute(
                sql.SQL(
                    "CREATE TABLE kept.{0} AS SELECT coalesce(max(id), 0) AS last_id FROM {0}"
                ).format(sql.Identifier(table))
            )
        connection.execute(_MAKE_FLOOR)
        for day in days:
            connection.execute(sql.SQL(_ROWS_OF_A_DAY).format(_rows_of(day)), [day])


def restore(connection: Connection, day: date) -> None:
    """Put everything back to the morning of `day`, the day before it closed."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL brightlend.allow_truncate = 'on'")
        connection.execute(f"TRUNCATE loan_due, {FLOOR}, loan_billingrun CASCADE")
        with connection.cursor() as cursor, indexes_made_later(cursor, "loan_due", FLOOR):
            columns = _columns(connection, "loan_due")
            for table in ("loan_due", FLOOR):
                cursor.execute(
                    sql.SQL(
                        "INSERT INTO {0} ({1}) SELECT {1} FROM kept.loan_due"
                        " ORDER BY loan_id, number"
                    ).format(sql.Identifier(table), columns)
                )
        for table in _ADDED_TO:
            connection.execute(
                sql.SQL("DELETE FROM {0} WHERE id > (SELECT last_id FROM kept.{0})").format(
                    sql.Identifier(table)
                )
            )
        _restore_loans(connection)
        connection.execute(
            "UPDATE loan_businessday SET closed_through_date = %s", [day - timedelta(days=1)]
        )
    settle_after_a_day(connection)


def settle(connection: Connection, *tables: str) -> None:
    """Leave tables as a server at rest has them: vacuumed, analysed, and on disk.

    Indexes are cleaned too. A vacuum leaves them be where few rows died, and the round before
    would then be felt in this one.
    """
    connection.commit()
    connection.autocommit = True
    for table in tables:
        connection.execute(
            sql.SQL("VACUUM (ANALYZE, INDEX_CLEANUP ON) {}").format(sql.Identifier(table))
        )
    connection.autocommit = False
    checkpoint(connection)


def checkpoint(connection: Connection) -> None:
    """Write everything to disk: the first change of a page after it is logged with the whole page.

    That weighs on whoever comes first.
    """
    connection.commit()
    connection.autocommit = True
    connection.execute("CHECKPOINT")
    connection.autocommit = False


def settle_after_a_day(connection: Connection) -> None:
    """Leave what a close has written as a server at rest has it."""
    settle(connection, *_WRITTEN_TO)


def post_floor(connection: Connection, day: date) -> int:
    """Write the rows of a day in one statement, as the floor; return how many there were."""
    with connection.transaction():
        cursor = connection.execute(
            sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {2}").format(
                sql.Identifier(FLOOR), _columns(connection, FLOOR), _rows_of(day)
            )
        )
        return cursor.rowcount


def _rows_of(day: date) -> sql.Identifier:
    return sql.Identifier("kept", f"rows_of_{day:%Y%m%d}")


def _restore_loans(connection: Connection) -> None:
    """Write back the loans that differ from their copies, and only those."""
    columns = _columns(connection, "loan_loan")
    connection.execute(
        sql.SQL(
            "UPDATE loan_loan SET ({columns}) = (SELECT {columns} FROM kept.loan_loan AS kept"
            " WHERE kept.id = loan_loan.id) WHERE id IN (SELECT l.id FROM loan_loan l"
            " JOIN kept.loan_loan k USING (id) WHERE l.* IS DISTINCT FROM k.*)"
        ).format(columns=columns)
    )


def _columns(connection: Connection, table: str) -> sql.Composed:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [table],
    ).fetchall()
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in rows)
