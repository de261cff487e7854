"""Gunicorn's worker, with time limits for whoever sends or reads slowly (`worker_class`).

A plain worker waits for a client as long as the arbiter lets it live, and is then killed with
whatever it was doing. This one lets go of the client instead. It is a second line: in front there
should be a proxy that takes requests in before it passes them on, because a worker that waits for
one client serves no other.
"""

import socket
import time
from datetime import timedelta
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.sync import SyncWorker

#: For the head of a request and the beginning of its body.
TIME_TO_SEND = timedelta(seconds=10)
#: Who sends more gets more time, at this rate; who sends a byte a second gets nothing.
BYTES_A_SECOND = 64 * 1024
#: For reading a piece of the answer.
TIME_TO_READ = timedelta(seconds=10)


class ImpatientSocket(socket.socket):
    """A client's connection that is given up when too little comes through it."""

    def __init__(self, client: socket.socket) -> None:
        super().__init__(client.family, client.type, client.proto, fileno=client.detach())
        self._give_up_ns = time.monotonic_ns() + _ns(TIME_TO_SEND)

    def recv(self, *args: Any) -> bytes:
        """Receive what has come. Raises `NoMoreData` when the client's time is over."""
        left = timedelta(microseconds=(self._give_up_ns - time.monotonic_ns()) // 1_000)
        if left <= timedelta(0):
            raise NoMoreData
        self._wait_at_most(left)
        try:
            received = super().recv(*args)
        except TimeoutError:
            raise NoMoreData from None
        self._give_up_ns += len(received) * 1_000_000_000 // BYTES_A_SECOND
        return received

    def sendall(self, *args: Any) -> None:
        """Send all of it, unless the client takes too long to read it."""
        self.settimeout(TIME_TO_READ.total_seconds())
        super().sendall(*args)

    def _wait_at_most(self, limit: timedelta) -> None:
        """Wait as long as is allowed, or less where somebody asked for less."""
        asked = self.gettimeout()
        seconds = limit.total_seconds()
        self.settimeout(seconds if asked is None else min(asked, seconds))


class PatientWorker(SyncWorker):
    """A worker that finishes what it has begun, and waits for no client longer than that takes."""

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve one connection."""
        client.setblocking(True)
        super().handle(listener, ImpatientSocket(client), addr)  # type: ignore[no-untyped-call]


def _ns(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1_000
