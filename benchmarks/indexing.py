"""Filling tables quickly: keys and indexes are dropped, and made again when the rows are in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

# Keys that other tables refer to stay.
_KEYS = """
SELECT conname, pg_get_constraintdef(oid)
  FROM pg_constraint AS key
 WHERE conrelid = %s::regclass AND contype IN ('p', 'u')
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = key.conrelid)
"""
_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index
 WHERE indrelid = %s::regclass AND NOT indisprimary
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@contextmanager
def indexes_made_later(cursor: psycopg.Cursor[Any], *tables: str) -> Iterator[None]:
    """Drop the keys and indexes of tables, and make the very same ones again at the end."""
    made: list[sql.Composed] = []
    for table in tables:
        name = sql.Identifier(table)
        for key, definition in cursor.execute(_KEYS, [table]).fetchall():
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            cursor.execute(drop.format(name, sql.Identifier(key)))
            add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
            made.append(add.format(name, sql.Identifier(key), _verbatim(definition)))
        for index, definition in cursor.execute(_INDEXES, [table]).fetchall():
            cursor.execute(sql.SQL("DROP INDEX {}").format(_verbatim(index)))
            made.append(sql.Composed([_verbatim(definition)]))
    yield
    for statement in made:
        cursor.execute(statement)


def _verbatim(text: str) -> sql.SQL:
    """Return SQL as the server wrote it."""
    return sql.SQL(text)
