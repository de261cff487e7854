"""From a payment to the partner's server by a real worker, and what one that dies leaves."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from tests.builders import FIRST_DUE, RUPEE, a_borrower, a_disbursed_loan, pay
from tests.callers import a_partner
from tests.integration.billing.workers import ROOT, environment
from tests.integration.users.receiver import an_endpoint, receiving, sending_anywhere
from users.domain.webhooks import EventType
from users.models import Borrower, WebhookDelivery
from users.services.delivering import deliver_batch
from users.tasks import deliver_webhooks

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 60


@contextmanager
def worker(queue: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a worker of a queue, with its children in a group of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.users.webhook_worker", queue],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a worker and its children with signal 9."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(happens: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def a_payment_to_tell(url: str) -> str:
    """Take a payment of a partner's borrower; return the secret of the endpoint that is told."""
    partner = a_partner()
    made = an_endpoint(partner, url, [EventType.PAYMENT_POSTED])
    borrower = a_borrower()
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    pay(a_disbursed_loan(borrower), 24_482 * RUPEE, on=FIRST_DUE)
    return made.text


def is_delivered() -> bool:
    return WebhookDelivery.objects.filter(status="DELIVERED").count() == 1


def test_a_payment_reaches_the_partner_through_a_real_worker() -> None:
    queue = f"webhooks-{uuid4().hex}"
    with receiving() as receiver, worker(queue):
        secret = a_payment_to_tell(receiver.url)
        deliver_webhooks.apply_async(queue=queue)
        eventually(is_delivered)
    (body,) = receiver.bodies(secret)
    assert body["type"] == "payment.posted"
    assert body["data"]["amount"] == 24_482


def test_what_a_killed_worker_was_sending_is_sent_by_another() -> None:
    queue, release = f"webhooks-{uuid4().hex}", threading.Event()

    def respond(number: int) -> int:
        if number == 1:
            release.wait(PATIENCE_SECONDS)
        return 200

    with receiving(respond=respond) as receiver:
        secret = a_payment_to_tell(receiver.url)
        with worker(queue) as first:
            deliver_webhooks.apply_async(queue=queue)
            eventually(lambda: len(receiver.requests) == 1)
            kill(first)
        release.set()
        assert WebhookDelivery.objects.get().status == "PENDING"
        assert deliver_batch(https_only=False, send=sending_anywhere) == 0, "it is claimed still"
        with worker(queue):
            WebhookDelivery.objects.update(next_attempt_at=Now() - timedelta(seconds=1))
            deliver_webhooks.apply_async(queue=queue)
            eventually(is_delivered)
    first_body, second_body = receiver.bodies(secret)
    assert first_body == second_body
