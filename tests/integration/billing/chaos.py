"""Faults at full size, with a printed report: `make billing-chaos`.

On servers of its own, under `var/chaos`: workers killed with signal 9 at random moments, sessions
ended by the server, PostgreSQL stopped hard, Valkey flushed and restarted under Celery workers.
Then the books are compared with those of an undisturbed run, entry by entry. Before that, a smaller
book is left alone for 1 to 40 days, over month ends, a 29 February and a year end, and caught up.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from bright_credit.embedded.paths import var_directory
from bright_credit.embedded.postgres import EmbeddedPostgres
from bright_credit.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parent.parent.parent.parent
DAYS = 14


def main() -> int:
    """Run the faults; return 0 when the books are those of an undisturbed run."""
    options = _options()
    var = var_directory() / "chaos"
    shutil.rmtree(var, ignore_errors=True)  # left by a run that was interrupted
    servers = EmbeddedPostgres(var, durable=True), EmbeddedValkey(var, durable=True)
    os.environ["BRIGHTLEND_EMBEDDED"] = "1"
    os.environ["BRIGHTLEND_BILLING_LEASE_SECONDS"] = "1"
    os.environ["BRIGHTLEND_BILLING_CHUNK_LOANS"] = "1"  # many moments to be killed in
    os.environ["BRIGHTLEND_LOG_LEVEL"] = "CRITICAL"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bright_credit.settings"
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = (server.start() for server in servers)
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        late = outages(loans=options.loans // 20)
        return Chaos(options, *servers).run() or int(late > 0)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(var, ignore_errors=True)


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20260616)
    return parser.parse_args()


def outages(*, loans: int) -> int:
    """Catch up outages of every length from 1 to 40 days; return how many left other books."""
    from django.db import transaction
    from django.test import override_settings

    from tests.integration.billing.books import a_book
    from tests.integration.billing.test_equivalence import FIRST_DAYS, after_outages, undone

    different = 0
    with override_settings(BILLING_CHUNK_LOANS=10_000):
        for name, first in FIRST_DAYS.items():
            with transaction.atomic():
                a_book(loans, day=first)
                on_time = undone(partial(after_outages, first, length=1))
                late = [
                    length
                    for length in range(2, 41)
                    if undone(partial(after_outages, first, length=length)) != on_time
                ]
                transaction.set_rollback(True)
            different += len(late)
            verdict = f"OTHER BOOKS AFTER {late}" if late else "the same books"
            sys.stdout.write(f"outages of 1 to 40 days, {name}: {verdict}\n")
            sys.stdout.flush()
    return different


class Chaos:
    """One schedule of faults, drawn from a seed."""

    def __init__(
        self, options: Namespace, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
    ) -> None:
        self.options = options
        self.postgres = postgres
        self.valkey = valkey
        self.chance = random.Random(options.seed)
        self.faults: Counter[str] = Counter()

    def run(self) -> int:
        """Prepare, disturb, finish, compare, report."""
        from tests.integration.billing.books import DAY, content

        self.last = DAY + timedelta(days=DAYS - 1)
        expected = self._prepare()
        started = time.monotonic()
        with self._celery():
            while self.faults["kill -9 of a worker at work"] < self.options.kills:
                self._disturb()
                if self._is_finished():
                    break
            disturbed = time.monotonic() - started
            self._finish()
        same = content() == expected
        self._report(same=same, disturbed=disturbed)
        enough = self.faults["kill -9 of a worker at work"] >= self.options.kills
        return 0 if same and enough else 1

    def _prepare(self) -> object:
        from django.db import transaction
        from django.test import override_settings

        from loan.services.billing.opening import open_run
        from loan.services.billing.run import carry_on
        from tests.integration.billing.books import DAY, a_book, content

        a_book(self.options.loans)
        with override_settings(BILLING_CHUNK_LOANS=10_000), transaction.atomic():
            open_run(DAY, through=self.last)
            carry_on()
            expected = content()
            transaction.set_rollback(True)
        open_run(DAY, through=self.last)
        return expected

    def _disturb(self) -> None:
        """Let a worker do a little, and kill it; now and then something worse as well."""
        from tests.integration.billing.workers import Worker

        crew = [Worker(self.last, pace=0.2) for _ in range(2)]
        try:
            for worker in crew:
                worker.await_ready()
                self._hint()
            for worker in crew:
                time.sleep(self.chance.uniform(0, 0.3))
                self.faults["kill -9 of a worker at work"] += worker.kill()
        finally:
            for worker in crew:
                worker.close()
        place = self.faults["kill -9 of a worker at work"]
        if self.chance.random() < 0.3:
            self._end_a_session()
        if place // 40 > self.faults["PostgreSQL stopped hard"]:
            self._stop_postgres()
        if place // 15 > self.faults["Valkey flushed"]:
            self._flush_valkey()
        if place // 45 > self.faults["Valkey restarted"]:
            self._restart_valkey()

    def _end_a_session(self) -> None:
        from tests.integration.billing.workers import backends, terminate

        self.faults["session ended by the server"] += sum(terminate(p) for p in backends()[:1])

    def _stop_postgres(self) -> None:
        from django.db import connection

        pid = self.postgres.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        connection.close()
        deadline = time.monotonic() + 30
        while self.postgres.status().running and time.monotonic() < deadline:
            time.sleep(0.1)
        assert self.postgres.start() == os.environ["DATABASE_URL"]
        self.faults["PostgreSQL stopped hard"] += 1

    def _flush_valkey(self) -> None:
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushall()
        self.faults["Valkey flushed"] += 1

    def _restart_valkey(self) -> None:
        self.valkey.stop()
        self._hint()
        assert self.valkey.start() == os.environ["REDIS_URL"]
        self.faults["Valkey restarted"] += 1

    def _hint(self) -> None:
        """Send the same message twice; a broker that is gone loses both."""
        from kombu.exceptions import OperationalError

        from loan.tasks import bill_chunks

        for _ in range(2):
            try:
                bill_chunks.apply_async((1,), retry=False)
                self.faults["message sent twice"] += 1
            except OperationalError:
                self.faults["message lost"] += 1

    @contextmanager
    def _celery(self) -> Iterator[None]:
        command = [sys.executable, "-m", "celery", "-A", "bright_credit", "worker", "-c", "1"]
        worker = subprocess.Popen(
            [*command, "--loglevel=critical"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def _is_finished(self) -> bool:
        from loan.models import BusinessDay

        return BusinessDay.objects.get().closed_through_date >= self.last

    def _finish(self) -> None:
        """Let what is left be done, as the sweeper does."""
        from loan.services.billing.run import carry_on

        deadline = time.monotonic() + 120
        while not self._is_finished():
            assert time.monotonic() < deadline, "the run does not come to its end"
            carry_on()
            time.sleep(0.1)

    def _report(self, *, same: bool, disturbed: float) -> None:
        from django.db.models import Sum

        from loan.models import BillingChunk
        from tests.audit import findings

        chunks = BillingChunk.objects.count()
        claims = BillingChunk.objects.aggregate(claims=Sum("token"))["claims"]
        lines = [
            f"{self.options.loans:,} loans, {DAYS} days, {chunks:,} chunks, "
            f"seed {self.options.seed}; disturbed for {disturbed:.0f} s",
            *(f"  {times:>5}  {fault}" for fault, times in sorted(self.faults.items())),
            f"  {claims - chunks:>5}  claims that came to nothing and were made again",
            f"  {len(findings()):>5}  differences in the audit of the books",
            "The books are those of an undisturbed run." if same else "THE BOOKS DIFFER.",
        ]
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
