"""The server that is measured, one process of it, and what processes have used of the processor."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bright_credit.embedded.ports import LOOPBACK, choose_port

_START_SECONDS = 90.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Api:
    """A served API: where it answers, and the one process that does."""

    port: int
    worker: int
    key: str = ""

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call an address; raise unless it does what it is asked."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status not in {200, 201}:
            raise RuntimeError(f"{path} was answered {response.status}: {text[:500]!r}")
        return text


@contextmanager
def api(environment: Mapping[str, str], log: Path) -> Iterator[Api]:
    """Serve with one process, as `make run` does with two."""
    port = choose_port(None)
    command = [sys.executable, "-m", "gunicorn", "bright_credit.wsgi", "--workers", "1"]
    command += ["--config", "python:bright_credit.gunicorn", "--bind", f"{LOOPBACK}:{port}"]
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)
    try:
        _await_answer(port, server)
        (worker,) = children(server.pid)
        yield Api(port, worker)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def _await_answer(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the API did not start")


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(_fields(status)[1]) == pid:
                found.append(int(status.parent.name))
    return found


def seconds_used(*pids: int) -> float:
    """Return the processor seconds that processes have used, those of ended ones left out."""
    used = 0
    for pid in pids:
        with suppress(OSError):
            fields = _fields(Path("/proc") / str(pid) / "stat")
            used += int(fields[11]) + int(fields[12])
    return used / _TICKS


def _fields(status: Path) -> list[str]:
    return status.read_text(errors="replace").rpartition(")")[2].split()
