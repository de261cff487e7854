"""SIGTERM ends what is under way and loses nothing: a worker's chunk, the web server's requests."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.architecture.source_tree import ROOT
from tests.integration.operations.http import Answered, a_payment, call
from tests.integration.operations.own_servers import own_servers
from tests.served import Served, served

PATIENCE = 60.0
#: How long the request or the chunk goes on after the signal. Shorter than any lock is waited for.
STILL = 2.0


@contextmanager
def a_loan_held(url: str) -> Iterator[psycopg.Connection]:
    """Hold the sample's loan, so that whoever changes it waits."""
    with psycopg.connect(url) as holder:
        holder.execute("SELECT 1 FROM loan_loan WHERE id = 456 FOR UPDATE")
        yield holder


def await_waiter(url: str) -> None:
    """Wait until somebody waits for a lock."""
    with psycopg.connect(url, autocommit=True) as watch:
        for _ in range(600):
            row = watch.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0]:
                return
            watch.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waits for the loan")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve on servers of its own: another's worker must not take this one's tasks."""
    folder = tmp_path_factory.mktemp("shutdown")
    with own_servers(folder / "own") as own, served(folder, environment=own.environment) as running:
        yield running


def test_a_worker_finishes_its_chunk_and_ends(server: Served, tmp_path: Path) -> None:
    url = server.environment["DATABASE_URL"]
    with _worker(server, tmp_path / "worker.log") as worker:
        with a_loan_held(url) as holder:
            _start_billing(server)
            await_waiter(url)
            worker.send_signal(signal.SIGTERM)
            time.sleep(STILL)
            assert worker.poll() is None, "it waits for the chunk"
            holder.rollback()
        assert worker.wait(PATIENCE) == 0
    with psycopg.connect(url) as check:
        runs = check.execute("SELECT status FROM loan_billingrun").fetchall()
    assert set(runs) == {("CLOSED",)}
    server.manage("verify_books")


def test_the_web_server_answers_what_it_has_begun_and_ends(server: Served) -> None:
    answers: list[Answered] = []

    def pay() -> None:
        answers.append(call(server, "/api/v1/loans/payments", a_payment("LAST")))

    url = server.environment["DATABASE_URL"]
    payer = threading.Thread(target=pay)
    with a_loan_held(url) as holder:
        payer.start()
        await_waiter(url)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(STILL)
        assert server.process.poll() is None, "it waits for the request"
        holder.rollback()
    payer.join(PATIENCE)
    assert server.process.wait(PATIENCE) == 0
    assert [answer.status for answer in answers] == [201]
    with psycopg.connect(url) as check:
        query = "SELECT count(*) FROM loan_payment WHERE reference_id = 'LAST'"
        assert check.execute(query).fetchone() == (1,)
    with pytest.raises(OSError, match="refused"):
        call(server, "/healthz")


@contextmanager
def _worker(at: Served, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "celery", "-A", "bright_credit", "worker"]
    command += ["--concurrency=1", "--without-gossip", "--without-mingle"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            command, cwd=ROOT, env=dict(at.environment), stdout=output, stderr=output
        )
        try:
            yield worker
        finally:
            worker.kill()
            worker.wait()


def _start_billing(at: Served) -> None:
    program = (
        "import django; django.setup(); from loan.tasks import process_daily_billing; "
        "process_daily_billing.delay('2026-11-05')"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=dict(at.environment), check=True)
