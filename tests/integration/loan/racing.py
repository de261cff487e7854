"""Jobs that truly meet: each on a connection of its own, all held at one lock before they go on."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any, TypeVar

from django.db import connection, transaction

from bright_credit.common.postgresql.prepared import BETWEEN

PATIENCE = 30.0  # seconds; each wait ends as soon as what it waits for is there

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

T = TypeVar("T")


def collide(
    jobs: Sequence[Callable[[], T]], *, hold: Callable[[], object], patience: float = PATIENCE
) -> list[T | Exception]:
    """Run jobs at once, and return what each returned or raised, in their order.

    `hold` takes a lock that every job needs; it is let go when the database itself says that all
    of them are waiting for a lock. They have so many seconds from then on.
    """
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        with transaction.atomic():
            hold()
            futures = [start(pool, job) for job in jobs]
            await_waiters(len(jobs))
        return [future.result(patience) for future in futures]


def start(pool: ThreadPoolExecutor, job: Callable[[], T]) -> "Future[T | Exception]":
    """Start a job on a connection of its own; its future has what it returned or raised."""

    def run() -> T | Exception:
        try:
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    return pool.submit(run)


def await_waiters(count: int) -> None:
    """Return when so many sessions of this database are waiting for a lock."""
    watcher = connection.copy()
    try:
        deadline = time.monotonic() + PATIENCE
        with watcher.cursor() as cursor:
            while True:
                cursor.execute(_WAITING)
                (waiting,) = cursor.fetchone()
                if waiting >= count:
                    return
                assert time.monotonic() < deadline, f"{waiting} of {count} ever waited"
                time.sleep(0.005)
    finally:
        watcher.close()


@contextmanager
def pause_before(fragment: str, *, reached: Event, go_on: Event) -> Iterator[None]:
    """Hold this session up before the first statement with a fragment in it, until told to go."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if fragment in sql and not reached.is_set():
            reached.set()
            assert go_on.wait(PATIENCE)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def cut_before(place: int) -> Callable[..., Any]:
    """Return a wrapper that has the session ended before its statement number `place`.

    The statements of a message are counted one by one: a session can end in the midst of one.
    """
    seen = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if seen == place:
            own: Any = connection.connection
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own.info.backend_pid])
            other.close()
        statements = sql.split(BETWEEN)
        if seen < place < seen + len(statements):
            statements.insert(place - seen, "SELECT pg_terminate_backend(pg_backend_pid())")
            return execute(BETWEEN.join(statements), params, many, context)
        seen += len(statements)
        return execute(sql, params, many, context)

    return wrapper


def deadlocks() -> int:
    """Return how many deadlocks PostgreSQL has counted in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (count,) = cursor.fetchone()
    return int(count)
