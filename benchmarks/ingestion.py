"""Measuring the bank-transaction file: validation, dedupe, load and features, beside its floor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.bank_file import ROWS_A_BORROWER, write_bank_file
from benchmarks.figures import Comparison, IngestionFigures, Round
from benchmarks.race import race
from benchmarks.restoring import settle
from credit.transactions_file.layout import SORT_MEMORY

Say = Callable[[str], None]

GOAL = 1.6
_SEED = 20260616
_CHUNK_BYTES = 1024 * 1024
_FLOOR = "floor_transaction"
_REAL = "credit_banktransaction"
_KEY = "borrower_id, transaction_date, row_hash"

_COLUMNS = (
    "borrower_id, transaction_date, amount_paise, type, description, row_hash, ordinal, file_id"
)
_BORROWERS = """
INSERT INTO users_borrower
       (id, name, email, annual_income_paise, employment_type, kyc_status, registered_at)
OVERRIDING SYSTEM VALUE
SELECT key, 'Borrower ' || key, 'borrower-' || key || '@example.com', 120000000, 'SALARIED',
       'DECLARED', now()
  FROM generate_series(1, %s) AS key
"""

# The file's own columns, as they stand in it.
_STAGE_FILE = """
CREATE TEMPORARY TABLE staged (
    user_id text, transaction_date date, amount numeric, type text, description text
) ON COMMIT DROP
"""
_COPY_FILE = "COPY staged FROM STDIN (FORMAT csv, HEADER, FORCE_NOT_NULL (description))"
_INSERT_FILE = f"""
INSERT INTO {_FLOOR} ({_COLUMNS})
SELECT borrower_id, transaction_date, amount_paise, type, description, row_hash,
       row_number() OVER (PARTITION BY {_KEY}) - 1, 0
  FROM (SELECT substr(user_id, 9)::bigint AS borrower_id, transaction_date,
               (amount * 100)::bigint AS amount_paise, type, description,
               encode(substring(sha256(convert_to((amount * 100)::bigint::text || '|' || type
                      || '|' || description, 'UTF8')) FOR 16), 'hex')::uuid AS row_hash
          FROM staged) AS row
"""

# Rows whose key was reckoned beforehand, in the order of the file: not even that is left to do.
_STAGE_PREPARED = f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {_COLUMNS} FROM {_FLOOR}"
_COPY_PREPARED = "COPY staged FROM STDIN"
_INSERT_PREPARED = f"INSERT INTO {_FLOOR} ({_COLUMNS}) SELECT * FROM staged"
_PREPARED = f"COPY (SELECT {_COLUMNS} FROM {_REAL} ORDER BY transaction_date, row_hash) TO STDOUT"

_COUNT_SAME = f"""
SELECT count(*) FROM {_REAL} JOIN {_FLOOR} USING ({_KEY}, ordinal)
 WHERE {_REAL}.amount_paise = {_FLOOR}.amount_paise
"""


#: What is measured: the worker's task, and how the report calls it.
_SUBJECTS = {
    "load": "validation, dedupe, load",
    "load-and-features": "validation, dedupe, load, features",
}


@dataclass(slots=True)
class _Taken:
    """What the rounds have brought so far."""

    rounds: dict[str, list[Round]] = field(default_factory=dict)
    repeats: list[float] = field(default_factory=list)

    def add(self, subject: str, floor: float, seconds: float) -> None:
        """Take a round of a subject beside one of the floors."""
        round_taken = Round(floor_seconds=floor, subject_seconds=seconds)
        self.rounds.setdefault(subject, []).append(round_taken)

    def comparisons(self, rows: int) -> tuple[Comparison, ...]:
        """Return each subject beside each floor."""
        return tuple(
            Comparison(
                subject=subject,
                rows=rows,
                rounds=tuple(rounds),
                goal=GOAL if "features" in subject else None,
            )
            for subject, rounds in self.rounds.items()
        )


class WrongRows(RuntimeError):
    """A measured load wrote other rows than the floor: its time means nothing."""


def measure_ingestion(
    url: str,
    folder: Path,
    *,
    rows: int,
    rounds: int,
    memory_rows: tuple[int, ...],
    ends_on: date,
    say: Say,
) -> IngestionFigures:
    """Measure the load of a file of so many rows, and the memory of loading others once each."""
    race(url, "migrate")
    path, prepared = folder / f"bank-{rows}.csv", folder / f"prepared-{rows}.txt"
    say(f"writing a file of {rows:,} rows")
    write_bank_file(path, rows=rows, ends_on=ends_on, seed=_SEED)
    taken = _Taken()
    with psycopg.connect(url) as connection:
        _prepare(connection, borrowers=max(rows, *memory_rows) // ROWS_A_BORROWER)
        race(url, "load", path, ends_on)
        _write_prepared(connection, prepared)
        floors = {
            "floor 1": partial(_timed_floor, connection, path),
            "floor 2": partial(_timed_prepared_floor, connection, prepared),
        }
        for number in range(1, rounds + 1):
            say(f"{rows:,} rows, round {number} of {rounds}")
            for (task, subject), (name, floor) in product(_SUBJECTS.items(), floors.items()):
                floor_seconds = floor()
                seconds = _timed_load(connection, url, task, path, ends_on, rows=rows)
                taken.add(f"{subject}; {name}", floor_seconds, seconds)
            taken.repeats.append(race(url, "load", path, ends_on).seconds)
        say("scores of the touched borrowers")
        score_seconds = race(url, "score", rows // ROWS_A_BORROWER, ends_on).seconds
        peaks = tuple(
            (count, _peak(connection, url, folder, count, ends_on, say)) for count in memory_rows
        )
    return IngestionFigures(
        rows=rows,
        borrowers=rows // ROWS_A_BORROWER,
        comparisons=taken.comparisons(rows),
        repeat_seconds=tuple(taken.repeats),
        score_seconds=score_seconds,
        peak_bytes=peaks,
    )


def _timed_load(
    connection: psycopg.Connection[Any],
    url: str,
    task: str,
    path: Path,
    ends_on: date,
    *,
    rows: int,
) -> float:
    _empty(connection, _REAL)
    outcome = race(url, task, path, ends_on)
    same = connection.execute(_COUNT_SAME).fetchone()
    connection.commit()
    if same != (rows,) or outcome.done != rows:
        raise WrongRows(f"{outcome.done} rows of {rows} accepted, {same} as the floor has them")
    return outcome.seconds


def _timed_floor(connection: psycopg.Connection[Any], path: Path) -> float:
    return _timed(connection, path, _STAGE_FILE, _COPY_FILE, _INSERT_FILE)


def _timed_prepared_floor(connection: psycopg.Connection[Any], path: Path) -> float:
    stage = _STAGE_PREPARED + " WITH NO DATA"
    return _timed(connection, path, stage, _COPY_PREPARED, _INSERT_PREPARED)


def _timed(
    connection: psycopg.Connection[Any], path: Path, stage: str, copy_in: str, insert: str
) -> float:
    _empty(connection, _FLOOR)
    started = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{SORT_MEMORY}'")
        cursor.execute(sql.SQL(stage))
        with cursor.copy(sql.SQL(copy_in)) as copy, path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                copy.write(chunk)
        cursor.execute(sql.SQL(insert))
    connection.commit()
    return perf_counter() - started


def _prepare(connection: psycopg.Connection[Any], *, borrowers: int) -> None:
    with connection.transaction():
        connection.execute(_BORROWERS, [max(1, borrowers)])
        connection.execute(f"CREATE TABLE {_FLOOR} (LIKE {_REAL} INCLUDING ALL)")
    settle(connection, "users_borrower")


def _write_prepared(connection: psycopg.Connection[Any], path: Path) -> None:
    with connection.cursor() as cursor, path.open("wb") as file, cursor.copy(_PREPARED) as copy:
        for data in copy:
            file.write(data)
    connection.commit()


def _empty(connection: psycopg.Connection[Any], table: str) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL brightlend.allow_truncate = 'on'")
        connection.execute(f"TRUNCATE {table}")
    settle(connection, table)


def _peak(
    connection: psycopg.Connection[Any],
    url: str,
    folder: Path,
    rows: int,
    ends_on: date,
    say: Say,
) -> int:
    """Return the peak memory of the process that loads a file of so many rows, in bytes."""
    path = folder / f"memory-{rows}.csv"
    say(f"memory at {rows:,} rows")
    write_bank_file(path, rows=rows, ends_on=ends_on, seed=_SEED)
    _empty(connection, _REAL)
    outcome = race(url, "load-and-features", path, ends_on)
    path.unlink()
    if outcome.done != rows:
        raise WrongRows(f"{outcome.done} rows of {rows} accepted")
    return outcome.peak_bytes
