"""Billing runs: their manifests, and the button that queues one."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from kombu import Connection

from loan.models import BillingRun
from loan.tasks import process_daily_billing
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import list_of, messages_of, page_of, text_of, words_of

pytestmark = pytest.mark.django_db

RUN_NOW = "admin:loan_billingrun_run_now"


class Queue:
    """What waits at the broker for a worker."""

    def __init__(self, connection: Connection) -> None:
        channel: Any = connection.default_channel
        self._redis = channel.client

    def __len__(self) -> int:
        return int(self._redis.llen("celery"))

    def clear(self) -> None:
        """Forget what waits."""
        self._redis.delete("celery")

    def first(self) -> dict[str, Any]:
        """Return the message that a worker would take next."""
        message: dict[str, Any] = json.loads(self._redis.lindex("celery", -1))
        return message


@pytest.fixture
def queue() -> Iterator[Queue]:
    """Return the broker's queue, emptied before and after."""
    with current_app.connection_for_read() as connection:
        queue = Queue(connection)
        queue.clear()
        yield queue
        queue.clear()


def test_a_runs_page_shows_its_manifest_in_rupees(viewer: Client, book: Book) -> None:
    run = BillingRun.objects.get(business_date=date(2026, 2, 5))
    words = words_of(viewer, page_of(run))
    assert "Dues: count 1" in words
    assert "Dues: interest ₹6,666.67" in words
    assert "Dues: principal ₹17,815.33" in words
    assert "Loans: became NPA 0" in words
    assert run.digest in words
    assert "{" not in words.split("Manifest")[1].split("Close")[0]


def test_the_list_shows_what_each_day_billed(viewer: Client, book: Book) -> None:
    assert "₹24,482.00" in text_of(viewer, list_of(BillingRun))


def test_a_run_with_a_file_shows_its_totals_and_rejected_rows(viewer: Client, book: Book) -> None:
    run = BillingRun.objects.latest("business_date")
    BillingRun.objects.filter(pk=run.pk).update(transaction_file=book.file)
    page = text_of(viewer, page_of(run))
    assert "Control totals" in page
    assert "unknown_user" in page


def test_run_now_first_tells_what_a_run_would_do(
    boss: Client, book: Book, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: date(2026, 3, 10))
    words = words_of(boss, reverse(RUN_NOW))
    assert "Closed through 11 Feb 2026" in words
    assert "Would close 26 days, through 9 Mar 2026" in words
    assert "Dues to bill 1 To bill ₹24,482.00" in words
    assert len(queue) == 0


def test_run_now_queues_the_task_and_says_so(boss: Client, queue: Queue) -> None:
    answer = boss.post(reverse(RUN_NOW), follow=True)
    assert [message.split(";")[0] for message in messages_of(answer)] == [
        "The billing run has been queued"
    ]
    assert len(queue) == 1
    assert queue.first()["headers"]["task"] == process_daily_billing.name


def test_run_now_says_when_the_broker_does_not_answer(
    boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_there(**options: Any) -> Connection:
        return Connection("redis://127.0.0.1:1/0", **options)

    monkeypatch.setattr(current_app, "connection_for_write", nobody_there)
    answer = boss.post(reverse(RUN_NOW), follow=True)
    assert answer.status_code == 200
    assert [message.split(",")[0] for message in messages_of(answer)] == [
        "The broker does not answer"
    ]


def test_run_now_needs_the_token(boss: Client, queue: Queue) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    assert strict.post(reverse(RUN_NOW)).status_code == 403
    assert len(queue) == 0


def test_operations_move_the_daily_run_to_another_hour(boss: Client) -> None:
    task = PeriodicTask.objects.get(task=process_daily_billing.name)
    form = boss.get(page_of(task)).context["adminform"].form
    sent = {field.html_name: field.value() for field in form}
    later = CrontabSchedule.objects.create(minute="15", hour="2", timezone="Asia/Kolkata")
    sent |= {"crontab": later.pk, "regtask": process_daily_billing.name}
    answer = boss.post(page_of(task), {key: value for key, value in sent.items() if value})
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.crontab, task.enabled, task.task) == (later, True, process_daily_billing.name)
