"""BrightLend as it is served: gunicorn over a database of its own with the sample data.

The database is made on the servers for tests, and removed with the server.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bright_credit.embedded.ports import LOOPBACK, choose_port
from bright_credit.embedded.testing import TestSession
from tests.architecture.source_tree import ROOT

START_SECONDS = 60.0
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it answers, and what it has logged."""

    url: str
    log: Path
    environment: Mapping[str, str] = field(repr=False)
    process: "subprocess.Popen[bytes]" = field(repr=False)

    def manage(self, *command: str) -> str:
        """Run a management command over the same database; return what it prints."""
        return _manage(*command, environment=self.environment)

    def said(self) -> str:
        """Return the log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def servers_for_tests() -> Iterator[None]:
    """Have PostgreSQL and Valkey until the block ends. Inside pytest there are some already."""
    session = TestSession.begin()
    try:
        yield
    finally:
        if session is not None:
            session.end()


@contextmanager
def served(folder: Path, *, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serve until the block ends, over servers that there are; the log is kept in `folder`."""
    with _database() as url:
        settings = {**os.environ, "DATABASE_URL": url, **_SETTINGS, **(environment or {})}
        _manage("prepare_sandbox", environment=settings)
        with _gunicorn(folder / "web.log", environment=settings) as running:
            yield running


# `BRIGHTLEND_EMBEDDED`: the named database is one that was started for this machine alone.
_SETTINGS = {
    "BRIGHTLEND_EMBEDDED": "1",
    "BRIGHTLEND_MODE": "sandbox",
    "DJANGO_SETTINGS_MODULE": "bright_credit.settings",
}


@contextmanager
def _database() -> Iterator[str]:
    address = urlsplit(os.environ["DATABASE_URL"])
    name = f"served_{secrets.token_hex(4)}"
    maintenance = urlunsplit(address._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(address._replace(path=f"/{name}"))
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def _manage(*command: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _gunicorn(log: Path, *, environment: Mapping[str, str]) -> Iterator[Served]:
    address = f"{LOOPBACK}:{choose_port(None)}"
    command = [sys.executable, "-m", "gunicorn", "bright_credit.wsgi", "--workers", "2"]
    command += ["--config", "python:bright_credit.gunicorn"]
    command += ["--bind", address]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdout=output, stderr=subprocess.STDOUT
        )
    running = Served(f"http://{address}", log, environment, process)
    try:
        _await_answer(running, process)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(running: Served, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{running.url}/api/schema", timeout=START_SECONDS):  # noqa: S310
                return
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, running.said()
            assert time.monotonic() < deadline, running.said()
            time.sleep(0.1)
