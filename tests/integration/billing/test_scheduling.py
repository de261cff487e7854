"""The clock's side: two beats, hints to workers, a broker that is gone, the sweeper's schedule."""

from datetime import timedelta

import pytest
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError
from pytest_django.fixtures import Settings

from bright_credit.common import business_day
from loan import tasks
from loan.models import BillingRun
from loan.services.billing.opening import open_run
from tests.audit import assert_books_verify
from tests.integration.billing.books import DAY, a_book, content

pytestmark = pytest.mark.django_db

TODAY = DAY + timedelta(days=1)


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[tuple[int, ...]]:
    """Collect the hints that are sent, on the morning after the day, without any file to read."""
    sent: list[tuple[int, ...]] = []
    settings.TRANSACTIONS_FILE = None
    settings.BILLING_CHUNK_LOANS = 4
    monkeypatch.setattr(business_day, "today", lambda: TODAY)
    monkeypatch.setattr(tasks.bill_chunks, "apply_async", lambda args, **options: sent.append(args))
    return sent


def test_the_daily_task_tells_other_workers_and_does_what_they_do_not(
    hints: list[tuple[int, ...]],
) -> None:
    a_book(600)
    answer = tasks.process_daily_billing()
    run = BillingRun.objects.get()
    assert hints
    assert set(hints) == {(run.pk,)}
    assert len(hints) == min(run.chunks.count() - 1, 16)
    assert list(answer["days_closed"]) == [DAY.isoformat()]
    assert_books_verify()


def test_two_beats_close_each_day_once(hints: list[tuple[int, ...]]) -> None:
    a_book(300)
    tasks.process_daily_billing()
    left = content()
    assert tasks.process_daily_billing()["days_closed"] == {}
    assert tasks.sweep_billing() == 0
    assert content() == left


def test_without_a_broker_the_day_is_billed_all_the_same(
    hints: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*args: object, **options: object) -> None:
        raise OperationalError("nobody answers")

    monkeypatch.setattr(tasks.bill_chunks, "apply_async", unreachable)
    a_book(300)
    assert list(tasks.process_daily_billing()["days_closed"]) == [DAY.isoformat()]


def test_the_sweeper_finishes_what_was_left_and_refreshes_the_scores(
    hints: list[tuple[int, ...]],
) -> None:
    a_book(300)
    open_run(DAY)
    assert tasks.sweep_billing() == 1
    run = BillingRun.objects.get()
    assert run.is_closed
    assert run.rescored_at is not None
    assert tasks.sweep_billing() == 0
    assert_books_verify()


def test_the_sweeper_is_scheduled_twice_a_minute() -> None:
    entry = PeriodicTask.objects.get(task="loan.tasks.sweep_billing")
    assert entry.enabled
    assert entry.interval is not None
    assert (entry.interval.every, entry.interval.period) == (30, "seconds")
