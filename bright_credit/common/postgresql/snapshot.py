"""Reading much as of one instant, by several processes where there are cores for them.

PostgreSQL lends a transaction's snapshot to other sessions (`pg_export_snapshot`, PostgreSQL's
documentation, "Snapshot Synchronization Functions"; `pg_dump --jobs` reads so), and all of them
see the same rows, whatever is written meanwhile.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

import django
from django.db import connection, transaction

Share = TypeVar("Share")
Result = TypeVar("Result")

#: What tells a database from another; the rest of a connection's settings every process has.
_ADDRESS = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# Readers and whom they read for wait for one another, and are not sessions that were forgotten.
_MAY_WAIT = "SET LOCAL idle_in_transaction_session_timeout = 0"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Readers:
    """Who reads at the snapshot: this process alone, or a pool of others."""

    def __init__(self, pool: ProcessPoolExecutor | None = None) -> None:
        """Read by the processes of the pool; by this process where there is none."""
        self._pool = pool

    def map(self, read: Callable[[Share], Result], shares: Iterable[Share]) -> Iterator[Result]:
        """Yield what `read` gives for each share, in the shares' order.

        Other processes look `read` up by its name and are sent the share: it is a module's
        function, and the share is plain data. Raises `BrokenProcessPool` when one of them dies.
        """
        return map(read, shares) if self._pool is None else self._pool.map(read, shares)


@contextmanager
def one_snapshot(*, processes: int = 1) -> Iterator[Readers]:
    """Let everything that is read here be read as of one instant.

    Inside a transaction that has begun already its own isolation stays, and its rows, which nobody
    else sees yet, are read by this process alone: more `processes` are a `ValueError` there.
    """
    begun = connection.in_atomic_block
    if begun and processes > 1:
        raise ValueError("other processes do not see the rows of a transaction under way")
    with transaction.atomic():
        if not begun:
            _execute(_READ_ONLY)
        if processes == 1:
            yield Readers()
            return
        _execute(_MAY_WAIT)
        address = {key: connection.settings_dict[key] for key in _ADDRESS}
        pool = ProcessPoolExecutor(
            processes,
            mp_context=get_context("spawn"),  # a fork would share this session's socket
            initializer=_begin_reading,
            initargs=(address, _exported_snapshot()),
        )
        try:
            yield Readers(pool)
        finally:
            pool.shutdown(cancel_futures=True)


def _exported_snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


def _begin_reading(address: Mapping[str, Any], snapshot: str) -> None:
    """Make a new process ready: it reads at the snapshot for as long as it lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this one
    Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    connection.settings_dict.update(address)
    connection.set_autocommit(False)
    _execute(_READ_ONLY)
    _execute("SET TRANSACTION SNAPSHOT %s", snapshot)
    _execute(_MAY_WAIT)


def _end_with_parent() -> None:
    """End this process when its parent is gone: nobody else would tell it."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _execute(statement: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
