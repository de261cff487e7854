"""A PostgreSQL and a Valkey of a test's own, which it may freeze, stop and start again."""

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bright_credit.embedded.paths import Purpose
from bright_credit.embedded.server import PrivateServer
from bright_credit.embedded.services import servers


@dataclass(frozen=True, slots=True)
class OwnServers:
    """The two servers, and the environment of a process that uses them."""

    postgres: PrivateServer
    valkey: PrivateServer
    environment: dict[str, str]


@contextmanager
def own_servers(var: Path) -> Iterator[OwnServers]:
    """Start both servers in a folder; stop them at the end."""
    postgres, valkey = servers(Purpose.TEST, var=var)
    try:
        environment = {server.variable: server.start() for server in (postgres, valkey)}
        yield OwnServers(postgres, valkey, environment)
    finally:
        for server in (valkey, postgres):
            server.stop()


@contextmanager
def frozen(server: PrivateServer) -> Iterator[None]:
    """Make a server stand still, with all its processes: it is there, and answers nobody."""
    pid = pid_of(server)
    os.kill(pid, signal.SIGSTOP)  # first, so that it starts no others
    family = [pid, *_children(pid)]
    for member in family:
        os.kill(member, signal.SIGSTOP)
    try:
        yield
    finally:
        for member in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGCONT)


def pid_of(server: PrivateServer) -> int:
    """Return the process id of a running server."""
    process = server.process()
    assert process is not None
    return process.pid


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(status.parent.name))
    return found
