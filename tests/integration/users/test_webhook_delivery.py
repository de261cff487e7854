"""Sending webhooks: signed, tried again, given up, replayed, and never by two at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from tests.builders import a_borrower
from tests.callers import a_partner
from tests.integration.users.receiver import (
    Receiver,
    an_endpoint,
    receiving,
    sending_anywhere,
)
from users.domain.webhooks import MAX_ATTEMPTS, EventType, Fact
from users.models import (
    Borrower,
    Partner,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookSecret,
)
from users.services.delivering import (
    BeingSent,
    claim,
    deliver_batch,
    record,
    replay,
    replay_given_up,
)
from users.services.outbox import tell
from users.services.tidying import remove_old_webhooks
from users.services.webhooks import (
    EndpointDisabled,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
)
from users.webhook_transport import Answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Partner:
    return a_partner()


@pytest.fixture
def borrower(partner: Partner) -> Borrower:
    borrower = a_borrower()
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    return borrower


def a_fact(number: int = 1, **data: Any) -> Fact:
    return Fact(type=EventType.LOAN_CLOSED, key=f"test/{number}", data={"number": number} | data)


def deliver() -> int:
    return deliver_batch(https_only=False, send=sending_anywhere)


def make_due() -> None:
    """Let everything that waits be due now."""
    WebhookDelivery.objects.update(next_attempt_at=Now() - timedelta(seconds=1))


class TestWhatIsSent:
    def test_a_message_is_signed_as_standard_webhooks_are_and_says_what_happened(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            made = an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact(amount_paise=20_833_33, whole_paise=500_00, rate_bps=1625)])
            assert deliver() == 1
        message = WebhookMessage.objects.get()
        (body,) = receiver.bodies(made.text)
        assert body == {
            "id": message.public_id,
            "type": "loan.closed",
            "timestamp": body["timestamp"],
            "sequence": message.pk,
            "data": {"number": 1, "amount": 20833.33, "whole": 500, "rate": 16.25},
        }
        headers, raw = receiver.requests[0]
        assert headers["webhook-id"] == message.public_id
        assert headers["content-type"] == "application/json"
        assert b'"amount":20833.33' in raw
        assert body["timestamp"].endswith("Z")
        for wrong in ({"webhook-id": "msg_other"}, {"webhook-timestamp": "1700000000"}):
            with pytest.raises(WebhookVerificationError):
                Webhook(made.text).verify(raw, headers | wrong)
        with pytest.raises(WebhookVerificationError):
            Webhook(made.text).verify(raw.replace(b"500", b"501"), headers)

    def test_a_fact_is_told_once_however_often_it_is_written(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        an_endpoint(partner, "https://hooks.example.com/a")
        an_endpoint(partner, "https://hooks.example.com/b")
        for _ in range(2):
            tell(borrower.pk, [a_fact(1), a_fact(2)])
        assert list(WebhookMessage.objects.order_by("pk").values_list("key", flat=True)) == [
            "test/1",
            "test/2",
        ]
        assert WebhookDelivery.objects.count() == 4

    def test_nobody_is_told_who_did_not_ask_or_whose_it_is_not(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        an_endpoint(a_partner("Other"), "https://hooks.example.com/other")
        an_endpoint(partner, "https://hooks.example.com/x", [EventType.PAYMENT_POSTED])
        off = an_endpoint(partner, "https://hooks.example.com/off")
        disable_endpoint(off.endpoint.pk, now=timezone.now())
        tell(borrower.pk, [a_fact()])
        tell(a_borrower().pk, [a_fact(2)])
        assert not WebhookMessage.objects.exists()

    def test_an_inactive_partner_is_told_nothing_and_sent_nothing(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact(1)])
            Partner.objects.filter(pk=partner.pk).update(active=False)
            tell(borrower.pk, [a_fact(2)])
            assert deliver() == 0
        assert receiver.requests == []
        assert WebhookMessage.objects.get().key == "test/1"


class TestSecrets:
    def test_two_secrets_sign_until_the_overlap_ends(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            old = an_endpoint(partner, receiver.url)
            new = rotate_secret(old.endpoint.pk, now=timezone.now())
            tell(borrower.pk, [a_fact()])
            deliver()
            for secret in (old.text, new.text):
                assert receiver.bodies(secret)
            assert len(receiver.requests[0][0]["webhook-signature"].split(" ")) == 2
            WebhookSecret.objects.exclude(expires_at=None).update(expires_at=timezone.now())
            receiver.requests.clear()
            replay(WebhookDelivery.objects.get().pk)
            deliver()
            assert receiver.bodies(new.text)
            with pytest.raises(WebhookVerificationError):
                receiver.bodies(old.text)

    def test_a_leaked_secret_signs_no_more_and_of_many_the_two_newest_sign(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            first = an_endpoint(partner, receiver.url)
            second, third = (rotate_secret(first.endpoint.pk, now=timezone.now()) for _ in range(2))
            tell(borrower.pk, [a_fact(1)])
            deliver()
            assert receiver.bodies(second.text)
            assert receiver.bodies(third.text)
            with pytest.raises(WebhookVerificationError):
                receiver.bodies(first.text)
            last = rotate_secret(first.endpoint.pk, overlap_hours=0, now=timezone.now())
            receiver.requests.clear()
            tell(borrower.pk, [a_fact(2)])
            deliver()
            assert receiver.bodies(last.text)
            with pytest.raises(WebhookVerificationError):
                receiver.bodies(third.text)

    def test_a_secret_is_nowhere_in_the_database(self, partner: Partner) -> None:
        made = an_endpoint(partner, "https://hooks.example.com/a")
        (row,) = WebhookSecret.objects.values()
        kept = bytes(row["ciphertext"])
        assert made.text.encode() not in kept
        assert made.text not in repr(made)
        assert made.text.startswith("whsec_")


class TestTryingAgain:
    def test_what_fails_is_tried_again_later_and_later_and_then_given_up(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving(status=500) as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact()])
            waits = []
            for _ in range(MAX_ATTEMPTS):
                assert deliver() == 1
                assert deliver() == 0, "it is not due yet"
                row = WebhookDelivery.objects.get()
                waits.append(row.next_attempt_at - timezone.now())
                make_due()
            assert deliver() == 0
        row = WebhookDelivery.objects.get()
        assert (row.status, row.outcome, row.attempts) == ("DEAD", "answered", MAX_ATTEMPTS)
        assert waits[0] < timedelta(seconds=11) < timedelta(hours=5) < waits[MAX_ATTEMPTS - 2]
        ids = {headers["webhook-id"] for headers, _ in receiver.requests}
        bodies = {body for _, body in receiver.requests}
        assert (len(receiver.requests), len(ids), len(bodies)) == (MAX_ATTEMPTS, 1, 1)
        assert list(WebhookAttempt.objects.values_list("number", "http_status", "outcome")) == [
            (number, 500, "answered") for number in range(1, MAX_ATTEMPTS + 1)
        ]

    def test_an_endpoint_that_comes_back_gets_everything(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving(status=503) as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact(number) for number in range(5)])
            assert deliver() == 5
            make_due()
            assert deliver() == 1, "one that fails is tried by a single message"
            receiver.status, receiver.requests[:] = 200, []
            make_due()
            assert deliver() == 1
            assert WebhookEndpoint.objects.get().failing_since is None
            make_due()
            assert deliver() == 4
        assert WebhookDelivery.objects.filter(status="DELIVERED").count() == 5

    def test_a_long_queue_of_one_does_not_hold_up_the_others(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as many, receiving() as few:
            an_endpoint(partner, many.url)
            tell(borrower.pk, [a_fact(number) for number in range(200)])
            an_endpoint(partner, few.url)
            tell(borrower.pk, [a_fact(1_000)])
            deliver()
        assert len(many.requests) == 25
        assert len(few.requests) == 1

    def test_an_endpoint_that_has_failed_for_days_is_disabled_and_may_be_enabled_again(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving(status=500) as receiver:
            made = an_endpoint(
                partner, receiver.url, failing_since=timezone.now() - timedelta(days=5, minutes=1)
            )
            tell(borrower.pk, [a_fact(1), a_fact(2)])
            deliver()
            endpoint = WebhookEndpoint.objects.get()
            assert (endpoint.is_enabled, endpoint.disabled_because) == (False, "FAILING")
            assert {row.status for row in WebhookDelivery.objects.all()} == {"DEAD"}
            tell(borrower.pk, [a_fact(3)])
            assert WebhookMessage.objects.count() == 2
            with pytest.raises(EndpointDisabled):
                replay(WebhookDelivery.objects.latest("pk").pk)
            with pytest.raises(EndpointDisabled):
                replay_given_up(endpoint, since=timedelta(days=1), now=timezone.now())
            receiver.status = 200
            enable_endpoint(made.endpoint.pk)
            assert replay_given_up(endpoint, since=timedelta(days=1), now=timezone.now()) == 2
            assert deliver() == 2
        assert {row.status for row in WebhookDelivery.objects.all()} == {"DELIVERED"}

    def test_an_endpoint_that_is_gone_is_disabled_at_once(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving(status=410) as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact()])
            deliver()
        assert WebhookEndpoint.objects.get().disabled_because == "GONE"


class TestReplay:
    def test_a_replay_sends_the_same_message_once_more(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact()])
            deliver()
            assert deliver() == 0
            replay(WebhookDelivery.objects.get().pk)
            assert deliver() == 1
        (one, first), (other, second) = receiver.requests
        assert one["webhook-id"] == other["webhook-id"]
        assert first == second
        assert WebhookAttempt.objects.count() == 2

    def test_what_is_being_sent_is_not_replayed(self, partner: Partner, borrower: Borrower) -> None:
        an_endpoint(partner, "https://hooks.example.com/a")
        tell(borrower.pk, [a_fact()])
        claimed = claim()
        with pytest.raises(BeingSent):
            replay(claimed[0].delivery.pk)
        record(claimed, [Answer(outcome="timed_out")])
        replay(claimed[0].delivery.pk)
        assert len(claim()) == 1

    def test_a_late_answer_does_not_overrule_a_newer_attempt(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        an_endpoint(partner, "https://hooks.example.com/a")
        tell(borrower.pk, [a_fact()])
        lost = claim()
        make_due()  # the lease of a worker that stood still is over
        taken = claim()
        record(taken, [Answer(outcome="delivered", status=200)])
        record(lost, [Answer(outcome="timed_out")])
        row = WebhookDelivery.objects.get()
        assert (row.status, row.outcome, row.attempts) == ("DELIVERED", "delivered", 2)
        assert WebhookAttempt.objects.count() == 2

    def test_a_late_answer_leaves_the_claim_of_a_newer_attempt(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        an_endpoint(partner, "https://hooks.example.com/a")
        tell(borrower.pk, [a_fact()])
        lost = claim()
        make_due()
        claim()
        before = WebhookDelivery.objects.values().get()
        record(lost, [Answer(outcome="timed_out")])
        assert WebhookDelivery.objects.values().get() == before


class TestTidying:
    def test_old_messages_go_with_their_log_and_those_that_wait_stay(
        self, partner: Partner, borrower: Borrower
    ) -> None:
        with receiving() as receiver:
            an_endpoint(partner, receiver.url)
            tell(borrower.pk, [a_fact(1)])
            deliver()
        tell(borrower.pk, [a_fact(2)])
        assert remove_old_webhooks(before=timezone.now() - timedelta(days=1)) == 0
        assert remove_old_webhooks(before=timezone.now() + timedelta(days=1)) == 1
        assert WebhookMessage.objects.get().key == "test/2"
        assert not WebhookAttempt.objects.exists()


def _at_once(count: int, receiver: Receiver) -> int:
    """Deliver from so many workers at once until nothing is due; return how many they tried."""
    barrier = Barrier(count)

    def work(_number: int) -> int:
        try:
            barrier.wait(timeout=10)
            tried = 0
            while done := deliver():
                tried += done
            return tried
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(work, range(count)))


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_message_once(partner: Partner, borrower: Borrower) -> None:
    with receiving() as receiver:
        an_endpoint(partner, receiver.url)
        tell(borrower.pk, [a_fact(number) for number in range(120)])
        assert _at_once(4, receiver) == 120
    numbers = [json.loads(body)["data"]["number"] for _, body in receiver.requests]
    assert sorted(numbers) == list(range(120))
    assert not WebhookDelivery.objects.exclude(status="DELIVERED", attempts=1).exists()
