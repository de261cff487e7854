"""Measuring the close of a day: beside its floor, repeated, and by the usual way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.choices import Layout, PortfolioSpec
from benchmarks.figures import Comparison, DayFigures, Round
from benchmarks.portfolio import build
from benchmarks.race import Outcome, race
from benchmarks.restoring import (
    FLOOR,
    checkpoint,
    keep,
    post_floor,
    restore,
    settle,
    settle_after_a_day,
)

Say = Callable[[str], None]

_AVERAGE_GOAL = 2.0
_WORST_GOALS = {1: 1.7, 2: 1.2}
_BUILT = ("users_borrower", "loan_loan", "loan_instalment", "loan_due", "loan_payment")
_ON_DISK = ("loan_loan", "loan_instalment", "loan_due", "loan_payment", "loan_allocation")

# The day's dues as the run wrote them, against what the floor wrote: none may be on one side only.
_DIFFERENCE = f"""
SELECT count(*)
  FROM (SELECT loan_id, number, due_date, principal_paise, interest_paise FROM loan_due
         WHERE due_date = %(day)s) AS billed
  FULL JOIN (SELECT loan_id, number, due_date, principal_paise, interest_paise FROM {FLOOR}
              WHERE due_date = %(day)s) AS floor
 USING (loan_id, number, due_date, principal_paise, interest_paise)
 WHERE billed.* IS NULL OR floor.* IS NULL
"""


class WrongBooks(RuntimeError):
    """A measured run wrote other rows than it should have: its time means nothing."""


@dataclass(slots=True)
class _Taken:
    """What the rounds have brought so far."""

    rounds: dict[int, list[Round]] = field(default_factory=dict)
    rested: list[Round] = field(default_factory=list)
    repeats: list[float] = field(default_factory=list)
    constant_days: list[float] = field(default_factory=list)
    constant_dues: int = 0
    dues: int = 0
    wal_bytes: int = 0
    peak_bytes: int = 0


def measure_days(
    url: str,
    spec: PortfolioSpec,
    *,
    rounds: int,
    workers: tuple[int, ...],
    sample: int,
    judged: bool,
    say: Say,
) -> DayFigures:
    """Build a portfolio in an empty database and measure its day; `sample` is for the loop.

    Only a `judged` portfolio is held against the goals, which are meant for the largest: what a
    close costs whatever the book's size weighs the more, the smaller the book is.
    """
    race(url, "migrate")
    with psycopg.connect(url) as connection:
        started = perf_counter()
        build(connection, spec, progress=lambda done, total: say(f"building {done:,}/{total:,}"))
        connection.commit()
        build_seconds = perf_counter() - started
        keep(connection, (spec.day,))
        settle(connection, *_BUILT)
        disk_bytes = _disk_bytes(connection)
        taken = _Taken()
        for number in range(1, rounds + 1):
            for count in workers:
                say(f"round {number} of {rounds}, {count} at work")
                beside = _close_beside_floor(connection, url, spec, taken, workers=count)
                taken.rounds.setdefault(count, []).append(beside)
                if count == 1:
                    _close_again(connection, url, spec, taken)
            if judged:
                say(f"round {number} of {rounds}, after a checkpoint of its own")
                beside = _close_beside_floor(connection, url, spec, taken, rested=True)
                taken.rested.append(beside)
        say(f"{sample:,} loans, one by one")
        restore(connection, spec.day)
        by_loan = race(url, "bill-by-loan", spec.day, sample)
    return _figures(
        spec,
        taken,
        judged=judged,
        by_loan=by_loan,
        build_seconds=build_seconds,
        disk_bytes=disk_bytes,
    )


def _close_beside_floor(
    connection: psycopg.Connection[Any],
    url: str,
    spec: PortfolioSpec,
    taken: _Taken,
    *,
    workers: int = 1,
    rested: bool = False,
) -> Round:
    """Post the floor and close the day, and compare their rows.

    The floor comes first after a checkpoint; the run has one of its own only where it is `rested`.
    """
    restore(connection, spec.day)
    started = perf_counter()
    taken.dues = post_floor(connection, spec.day)
    floor_seconds = perf_counter() - started
    if rested:
        checkpoint(connection)
    wal_before = _wal_position(connection)
    outcome = race(url, "close-day", spec.day, workers=workers)
    if workers == 1 and not rested:
        taken.wal_bytes = _wal_position(connection) - wal_before
    taken.peak_bytes = max(taken.peak_bytes, outcome.peak_bytes)
    _require_same_rows(connection, spec, outcome, dues=taken.dues)
    return Round(floor_seconds=floor_seconds, subject_seconds=outcome.seconds)


def _close_again(
    connection: psycopg.Connection[Any], url: str, spec: PortfolioSpec, taken: _Taken
) -> None:
    """Repeat the day, and then close the day after it, which has the same dues at any size.

    A server cleans its tables in the background between one close and the next; here it is done
    before the second close, whose time is taken.
    """
    connection.execute("UPDATE loan_billingrun SET rescored_at = now()")
    connection.commit()
    taken.repeats.append(race(url, "repeat-day", spec.day).seconds)
    if spec.layout is Layout.SPREAD:
        settle_after_a_day(connection)
        after = race(url, "close-day", spec.constant_day)
        taken.constant_days.append(after.seconds)
        taken.constant_dues = after.done


def _require_same_rows(
    connection: psycopg.Connection[Any], spec: PortfolioSpec, outcome: Outcome, *, dues: int
) -> None:
    row = connection.execute(_DIFFERENCE, {"day": spec.day}).fetchone()
    connection.commit()
    if row is None or row[0] or outcome.done != dues:
        raise WrongBooks(f"{outcome.done} dues billed of {dues}; {row} rows differ")


def _wal_position(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    connection.commit()
    return int(row[0]) if row else 0


def _disk_bytes(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(
        "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name",
        [[*_ON_DISK, "loan_charge"]],
    ).fetchone()
    connection.commit()
    return int(row[0]) if row else 0


def _figures(
    spec: PortfolioSpec,
    taken: _Taken,
    *,
    judged: bool,
    by_loan: Outcome,
    build_seconds: float,
    disk_bytes: int,
) -> DayFigures:
    worst = spec.layout is Layout.ONE_DATE
    name = "worst day" if worst else "average day"
    goals = _WORST_GOALS if worst else dict.fromkeys(taken.rounds, _AVERAGE_GOAL)
    return DayFigures(
        loans=spec.loans,
        layout=spec.layout,
        judged=judged,
        dues=taken.dues,
        build_seconds=build_seconds,
        comparisons=tuple(
            Comparison(
                subject=f"{name}, {count} worker{'s' if count > 1 else ''}",
                rows=taken.dues,
                rounds=tuple(rounds),
                goal=goals.get(count) if judged else None,
            )
            for count, rounds in taken.rounds.items()
        ),
        rested=_rested(name, taken),
        repeats=tuple(taken.repeats),
        constant_days=tuple(taken.constant_days),
        constant_dues=taken.constant_dues,
        by_loan=by_loan,
        wal_bytes=taken.wal_bytes,
        disk_bytes=disk_bytes,
        peak_bytes=taken.peak_bytes,
    )


def _rested(name: str, taken: _Taken) -> Comparison | None:
    if not taken.rested:
        return None
    return Comparison(
        subject=f"{name}, 1 worker, after a checkpoint of its own",
        rows=taken.dues,
        rounds=tuple(taken.rested),
    )
