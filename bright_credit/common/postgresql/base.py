"""Django's PostgreSQL, with a client that does not wait for ever (`ENGINE` of the settings).

The server's own time-outs end with the server: one that stands still, or whose network is gone,
answers no statement and refuses none. So the client, too, looks at the clock of the request it
works for (`bright_credit.common.deadline`), and lets go of the connection when that has run out.
The server notices within seconds that nobody listens, and rolls back.
"""

from collections.abc import Generator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

from bright_credit.common.deadline import finish_within, time_left
from bright_credit.common.postgresql.prepared import PreparingConnection, PreparingCursor

#: A server that does not answer `SELECT 1` in this time is taken for dead; a new one is asked for.
TIME_TO_ANSWER = timedelta(seconds=3)
#: How often a wait looks up, for Ctrl-C: psycopg's own interval.
HEARTBEAT = timedelta(milliseconds=100)

Answer = TypeVar("Answer")


class NoAnswerInTime(psycopg.OperationalError):
    """The server did not answer in the time that was left. What it does by now is not known."""


class PatientConnection(PreparingConnection):
    """A connection that waits no longer than the work at hand may take."""

    def wait(
        self, gen: Generator[Any, Any, Answer], interval: Any = None, timeout: Any = None
    ) -> Answer:
        """Wait for the server; after the deadline give up and close. Raises `NoAnswerInTime`."""
        step = HEARTBEAT.total_seconds() if interval is None else interval
        left = time_left()
        if left is None or timeout is not None:
            return super().wait(gen, step, timeout)
        try:
            return super().wait(gen, step, left.total_seconds())
        except _WaitTimeout:
            gen.close()
            self.close()
            raise NoAnswerInTime("the database did not answer in time") from None


def connect(**params: Any) -> PatientConnection:
    """Connect, within `connect_timeout` of the parameters."""
    return PatientConnection.connect(**params)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, connecting by `connect`, with cursors that know messages."""

    Database = cast("Any", SimpleNamespace(**{**vars(psycopg), "connect": connect}))

    def get_connection_params(self) -> dict[str, Any]:
        """Return what to connect by."""
        return {**super().get_connection_params(), "cursor_factory": PreparingCursor}

    def is_usable(self) -> bool:
        """Return whether a connection that was kept still answers, and soon."""
        with finish_within(TIME_TO_ANSWER):
            return super().is_usable()
