"""Workers killed, stopped and multiplied: the books are those of an undisturbed run.

Each test proves that its fault happened. `make billing-chaos` does the same at full size.
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from loan.models import BillingChunk, BillingRun
from loan.services.billing.opening import open_run
from loan.services.billing.run import carry_on
from loan.tasks import bill_chunks, sweep_billing
from tests.audit import assert_books_verify
from tests.integration.billing.books import DAY, Content, a_book, content
from tests.integration.billing.workers import ROOT, backends, environment, terminate, workers

pytestmark = pytest.mark.django_db(transaction=True)

LOANS = 1_200

_LONG_STATEMENT = """
import django
django.setup()
from django.db import connection
connection.cursor().execute("SELECT pg_sleep(60)")
"""


@pytest.fixture
def undisturbed(settings: Settings) -> Content:
    """Return what an undisturbed run leaves; the book is then as before, its run opened."""
    settings.BILLING_CHUNK_LOANS, settings.BILLING_CHUNK_SPAN = 2, 30
    settings.BILLING_LEASE_SECONDS = 1
    a_book(LOANS)
    with transaction.atomic():
        open_run(DAY)
        carry_on()
        left = content()
        transaction.set_rollback(True)
    open_run(DAY)
    return left


def _assert_as(undisturbed: Content) -> None:
    left = content()
    assert left.journal == undisturbed.journal
    assert left == undisturbed
    assert BillingRun.objects.get().status == BillingRun.Status.CLOSED
    assert_books_verify()


def test_workers_killed_at_random_moments_leave_nothing_and_repeat_nothing(
    undisturbed: Content,
) -> None:
    chance = random.Random(20260616)
    killed_at_work = 0
    for _ in range(6):
        with workers(1, through=DAY, pace=0.1) as [worker]:
            time.sleep(chance.uniform(0.02, 0.4))
            killed_at_work += worker.kill()
    interrupted = BillingChunk.objects.filter(token__gt=0, status="PENDING").count()
    with workers(1, through=DAY) as [worker]:
        assert worker.finish() == 0
    assert killed_at_work >= 3
    assert interrupted >= 1
    assert BillingChunk.objects.filter(token__gt=1).exists()
    _assert_as(undisturbed)


def test_four_workers_at_once_bill_each_loan_once(undisturbed: Content) -> None:
    with workers(4, through=DAY, pace=0.05) as crew:
        assert [worker.finish() for worker in crew] == [0, 0, 0, 0]
    at_work = set(BillingChunk.objects.values_list("worker", flat=True))
    assert len(at_work) >= 2
    assert not BillingChunk.objects.exclude(token=1).exists()
    _assert_as(undisturbed)


def test_sessions_ended_by_the_server_cost_time_and_nothing_else(undisturbed: Content) -> None:
    ended = 0
    with workers(2, through=DAY, pace=0.05) as crew:
        deadline = time.monotonic() + 40
        while ended < 5 and time.monotonic() < deadline:
            ended += sum(terminate(pid) for pid in backends()[:1])
            time.sleep(0.15)
        assert [worker.finish() for worker in crew] == [0, 0]
    assert ended == 5
    assert BillingChunk.objects.filter(token__gt=1).exists()
    _assert_as(undisturbed)


def test_a_worker_that_stood_still_cannot_finish_what_was_taken_over(
    undisturbed: Content,
) -> None:
    """It holds its chunk's row until the server ends its session; then its words are void."""
    with workers(1, through=DAY, pace=1.0) as [sleeper]:
        _await_busy()
        sleeper.stop()
        holding = BillingChunk.objects.get(token=1, status="PENDING")
        time.sleep(1.2)  # beyond the lease: the living worker's lock still guards its chunk
        carry_on()
        assert BillingChunk.objects.get(pk=holding.pk).token == 1
        assert BillingChunk.objects.filter(status="PENDING").count() == 1
        assert sum(terminate(pid) for pid in backends()) >= 1
        _await(lambda: carry_on() or BillingRun.objects.get().is_closed)
        assert BillingChunk.objects.get(pk=holding.pk).token == 2
        sleeper.go_on()
        assert sleeper.finish() == 0
    _assert_as(undisturbed)


def test_the_sql_of_a_killed_client_ends_within_seconds() -> None:
    before = set(backends())
    client = subprocess.Popen([sys.executable, "-c", _LONG_STATEMENT], cwd=ROOT, env=environment())
    try:
        _await(lambda: _running(set(backends()) - before))
        (orphan,) = set(backends()) - before
        client.kill()
        client.wait()
        assert _running({orphan})  # the client is dead, its statement is not
        started = time.monotonic()
        _await(lambda: orphan not in backends())
        assert time.monotonic() - started < 5
    finally:
        client.kill()
        client.wait()


def _running(sessions: set[int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s) "
            "AND state = 'active' AND query LIKE '%%pg_sleep(60)%%')",
            [list(sessions)],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def test_messages_doubled_late_and_for_nothing_change_nothing(undisturbed: Content) -> None:
    run = BillingRun.objects.get()
    assert bill_chunks(run.pk) == 1
    for _ in range(3):
        assert bill_chunks(run.pk, unknown="from a newer release") == 0
        assert bill_chunks(10**9) == 0
        assert sweep_billing() == 0
    _assert_as(undisturbed)


def _await_busy() -> None:
    _await(lambda: BillingChunk.objects.filter(token=1, status="PENDING").exists())
    time.sleep(0.4)  # the claim is there; now it is inside its work


def _await(happens: Callable[[], object], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
