"""Sending what waits in the outbox, again and again until it is taken or given up.

A claim is a short transaction of its own that moves the delivery's next attempt ahead by the lease:
whoever claims has it to itself for longer than a request may last. The request is made outside of
any transaction. What came of it is written under the number of the attempt. A worker that dies in
between leaves a delivery that is tried again after the lease, so a message may arrive twice, always
under the same id; it is never lost.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.api.renderers import to_json
from bright_credit.common.errors import Conflict
from users import webhook_secrets
from users.domain.webhooks import FAILING_LIMIT, MAX_ATTEMPTS, delay_after, in_rupees
from users.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookSecret,
)
from users.services.webhooks import EndpointDisabled, stop
from users.webhook_transport import DEADLINE_SECONDS, Answer, Parcel, send_all


class Send(Protocol):
    """What makes the requests."""

    def __call__(self, parcels: Sequence[Parcel], *, https_only: bool) -> list[Answer]:
        """Send the parcels; return the answers in their order."""


LEASE_SECONDS: Final = 4 * DEADLINE_SECONDS
AT_ONCE: Final = 100
AT_ONCE_TO_AN_ENDPOINT: Final = 25

# Each endpoint has its turn, so that one with a long queue does not hold up the others; one that
# takes nothing at present is tried by a single message.
_CLAIM: Final = """
WITH due AS (
    SELECT d.id
    FROM users_webhookendpoint e
    JOIN users_partner p ON p.id = e.partner_id AND p.active
    CROSS JOIN LATERAL (
        SELECT id FROM users_webhookdelivery
        WHERE endpoint_id = e.id AND status = 'PENDING' AND next_attempt_at <= statement_timestamp()
        ORDER BY next_attempt_at, id
        LIMIT CASE WHEN e.failing_since IS NULL THEN %(each)s ELSE 1 END
        FOR UPDATE SKIP LOCKED
    ) d
    WHERE e.disabled_at IS NULL
    LIMIT %(most)s
)
UPDATE users_webhookdelivery d
SET attempts = d.attempts + 1, attempts_left = greatest(d.attempts_left - 1, 0),
    next_attempt_at = statement_timestamp() + make_interval(secs => %(lease)s),
    claimed_until = statement_timestamp() + make_interval(secs => %(lease)s)
FROM due WHERE d.id = due.id
RETURNING d.id
"""


class BeingSent(Conflict):
    """An attempt to send the message is under way."""

    code = "webhook_being_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is ours to try now, with what is to be sent."""

    delivery: WebhookDelivery
    parcel: Parcel
    sent_at: datetime


def deliver_batch(*, https_only: bool, send: Send = send_all) -> int:
    """Claim what is due, send it, and write down what came of it; return how many were tried."""
    claimed = claim()
    if not claimed:
        return 0
    record(claimed, send([each.parcel for each in claimed], https_only=https_only))
    return len(claimed)


def claim() -> list[Claimed]:
    """Claim the deliveries that are due, a bounded number; nobody else tries them meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"each": AT_ONCE_TO_AN_ENDPOINT, "most": AT_ONCE, "lease": LEASE_SECONDS},
        )
        keys = [key for (key,) in cursor.fetchall()]
    deliveries = list(
        WebhookDelivery.objects.filter(pk__in=keys)
        .select_related("message", "endpoint")
        .order_by("message_id")
    )
    now = timezone.now()
    signing = _secrets_of({each.endpoint_id for each in deliveries}, now=now)
    return [
        Claimed(delivery=each, parcel=_parcel(each, signing[each.endpoint_id], now), sent_at=now)
        for each in deliveries
    ]


@sensitive_variables()
def _secrets_of(endpoints: set[int], *, now: datetime) -> dict[int, list[str]]:
    """Return the secrets that sign for each endpoint, the newest first."""
    signing: dict[int, list[str]] = {key: [] for key in endpoints}
    rows = WebhookSecret.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=now), endpoint_id__in=endpoints
    ).order_by("-created_at")
    for row in rows:
        signing[row.endpoint_id].append(
            webhook_secrets.unseal(bytes(row.ciphertext), key_id=row.key_id, record_id=row.pk)
        )
    return signing


@sensitive_variables()
def _parcel(delivery: WebhookDelivery, signing: list[str], now: datetime) -> Parcel:
    message = delivery.message
    body = body_of(message)
    return Parcel(
        url=delivery.endpoint.url,
        headers={
            "content-type": "application/json",
            "user-agent": "BrightLend-Webhooks/1",
            "webhook-id": message.public_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook_secrets.signatures(
                signing, message_id=message.public_id, at=now, body=body.decode()
            ),
        },
        body=body,
    )


def body_of(message: WebhookMessage) -> bytes:
    """Return a message as it is sent: the same bytes at every attempt."""
    return to_json(
        {
            "id": message.public_id,
            "type": message.type,
            "timestamp": message.occurred_at,
            "sequence": message.pk,
            "data": in_rupees(message.data),
        }
    )


@transaction.atomic
def record(claimed: Sequence[Claimed], answers: Sequence[Answer]) -> None:
    """Write down what came of attempts: the log, what is next, and how the endpoints are doing.

    Endpoints are locked first and in order, then deliveries, as whoever disables an endpoint does.
    """
    keys = {each.delivery.endpoint_id for each in claimed}
    rows = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk__in=keys)
    endpoints = {row.pk: row for row in rows.order_by("pk")}
    now = timezone.now()
    WebhookAttempt.objects.bulk_create(
        (
            WebhookAttempt(
                delivery=each.delivery,
                number=each.delivery.attempts,
                sent_at=each.sent_at,
                duration_ms=answer.duration_ms,
                outcome=answer.outcome,
                http_status=answer.status,
            )
            for each, answer in zip(claimed, answers, strict=True)
        ),
        ignore_conflicts=True,
    )
    for each, answer in zip(claimed, answers, strict=True):
        _settle(each.delivery, answer, now=now)
    for key, endpoint in endpoints.items():
        own = [
            answer
            for each, answer in zip(claimed, answers, strict=True)
            if each.delivery.endpoint_id == key
        ]
        _note(endpoint, own, now=now)


def _settle(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    """Mark a delivery as made, as due again, or as given up; unless it was claimed anew since."""
    status = WebhookDelivery.Status
    row = WebhookDelivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    row.update(claimed_until=None)
    if answer.is_delivered:
        row.update(status=status.DELIVERED, outcome=answer.outcome, delivered_at=now)
    elif delivery.attempts_left == 0:
        row.filter(status=status.PENDING).update(status=status.DEAD, outcome=answer.outcome)
    else:
        wait = delay_after(
            MAX_ATTEMPTS - delivery.attempts_left, jitter_permille=secrets.randbelow(1000)
        )
        row.filter(status=status.PENDING).update(next_attempt_at=now + wait, outcome=answer.outcome)


def _note(endpoint: WebhookEndpoint, answers: Sequence[Answer], *, now: datetime) -> None:
    """Keep how an endpoint is doing, and disable one that is gone or has failed for days."""
    if any(answer.is_delivered for answer in answers):
        endpoint.last_success_at, endpoint.failing_since = now, None
    else:
        endpoint.failing_since = endpoint.failing_since or now
    endpoint.save(update_fields=["last_success_at", "failing_since"])
    if not endpoint.is_enabled:
        return
    because = WebhookEndpoint.DisabledBecause
    if any(answer.outcome == "gone" for answer in answers):
        stop(endpoint, because=because.GONE, now=now)
    elif endpoint.failing_since is not None and now - endpoint.failing_since >= FAILING_LIMIT:
        stop(endpoint, because=because.FAILING, now=now)


@transaction.atomic
def replay(delivery_id: int) -> WebhookDelivery:
    """Send a message once more under its own id, in a new round of attempts, beginning now.

    Raises `EndpointDisabled`, and `BeingSent` while an attempt is under way.
    """
    delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery_id)
    if not delivery.endpoint.is_enabled:
        raise EndpointDisabled("The endpoint is disabled; enable it first.")
    if delivery.claimed_until is not None and delivery.claimed_until > timezone.now():
        raise BeingSent("It is being sent at this moment; look again in a minute.")
    _again(WebhookDelivery.objects.filter(pk=delivery.pk))
    return delivery


@transaction.atomic
def replay_given_up(endpoint: WebhookEndpoint, *, since: timedelta, now: datetime) -> int:
    """Send an endpoint once more what was given up and happened within `since`; return how many.

    Raises `EndpointDisabled`.
    """
    locked = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    if not locked.is_enabled:
        raise EndpointDisabled("The endpoint is disabled; enable it first.")
    return _again(
        WebhookDelivery.objects.filter(
            endpoint=locked,
            status=WebhookDelivery.Status.DEAD,
            message__occurred_at__gte=now - since,
        )
    )


def _again(rows: QuerySet[WebhookDelivery]) -> int:
    return rows.update(
        status=WebhookDelivery.Status.PENDING,
        attempts_left=MAX_ATTEMPTS,
        next_attempt_at=Now(),
    )
