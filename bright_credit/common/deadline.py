"""Until when the work at hand may wait for others: a request's time, kept beside it.

Whoever waits for a server asks `time_left` and gives up when it is over. Without a deadline, as in
commands and tasks, work takes the time it takes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

_deadline_ns: ContextVar[int | None] = ContextVar("brightlend_deadline", default=None)


@contextmanager
def finish_within(limit: timedelta) -> Iterator[None]:
    """Bound what is waited for inside the block. An earlier deadline outside of it stays."""
    own = time.monotonic_ns() + limit // timedelta(microseconds=1) * 1_000
    outer = _deadline_ns.get()
    token = _deadline_ns.set(own if outer is None else min(own, outer))
    try:
        yield
    finally:
        _deadline_ns.reset(token)


def time_left() -> timedelta | None:
    """Return how long may be waited, never less than nothing; None without a deadline."""
    deadline = _deadline_ns.get()
    if deadline is None:
        return None
    return timedelta(microseconds=max(0, deadline - time.monotonic_ns()) // 1_000)
