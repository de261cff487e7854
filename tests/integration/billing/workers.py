"""Starting, killing and awaiting worker processes that bill the test's own database."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PATIENCE_SECONDS = 60


def database_url() -> str:
    """Return the address of the database that this test uses."""
    values = connection.settings_dict
    user, password = quote(str(values["USER"])), quote(str(values["PASSWORD"]))
    return f"postgres://{user}:{password}@{values['HOST']}:{values['PORT']}/{values['NAME']}"


def environment() -> dict[str, str]:
    """Return the environment of a process that works on this test's database."""
    return os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "BRIGHTLEND_BILLING_LEASE_SECONDS": "1",
        "BRIGHTLEND_LOG_LEVEL": "ERROR",
    }


class Worker:
    """One process. It is killed at the end of `workers`, whatever becomes of the test."""

    def __init__(self, through: date, **options: object) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integration.billing.worker",
                f"through={through}",
                *(f"{name}={value}" for name, value in options.items()),
            ],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def await_ready(self) -> None:
        """Wait until it has loaded and is about to work."""
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def kill(self) -> bool:
        """Kill it with signal 9; return whether it was still at work."""
        alive = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        return alive

    def stop(self) -> None:
        """Let it stand still, as a machine that is swapping does."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it move again."""
        self.process.send_signal(signal.SIGCONT)

    def finish(self) -> int:
        """Wait until it has nothing left to do; return its exit status."""
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        """Leave nothing of it."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def workers(count: int, *, through: date, **options: object) -> Iterator[list[Worker]]:
    """Give so many workers, ready at once."""
    started = [Worker(through, **options) for _ in range(count)]
    try:
        for worker in started:
            worker.await_ready()
        yield started
    finally:
        for worker in started:
            worker.close()


def backends() -> list[int]:
    """Return the process ids of the other sessions of this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def terminate(pid: int) -> bool:
    """End a session of the database; return whether it was there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        (ended,) = cursor.fetchone()
    return bool(ended)
