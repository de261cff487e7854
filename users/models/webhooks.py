"""Webhooks: where partners are told, what they are told, and how each delivery went.

A message is written in the transaction of what it tells, with a delivery for each endpoint that
asked for it. Messages hold public ids, amounts and dates, and nothing else of a person.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from users.domain.webhooks import EVENT_WORDS, MAX_ATTEMPTS, MAX_URL_LENGTH
from users.models.partners import Partner


class WebhookEndpoint(models.Model):
    """An address of a partner's back-end, and the events it is told of."""

    class DisabledBecause(models.TextChoices):
        ASKED = "ASKED", "Asked for"
        FAILING = "FAILING", "Failed for days"
        GONE = "GONE", "Answered 410 Gone"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="endpoints")
    url = models.CharField("URL", max_length=MAX_URL_LENGTH)
    events = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    failing_since = models.DateTimeField(
        null=True, help_text="The first failure since it last took something."
    )
    last_success_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=7, choices=DisabledBecause, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "url"],
                condition=Q(disabled_at=None),
                name="webhook_endpoint_in_use_has_an_address_of_its_own",
            ),
            models.CheckConstraint(
                condition=Q(events__len__gt=0)
                & Q(events__contained_by=sorted(event.value for event in EVENT_WORDS)),
                name="webhook_endpoint_is_told_of_known_events",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_because="")
                | Q(disabled_at__isnull=False, disabled_because__in=["ASKED", "FAILING", "GONE"]),
                name="webhook_endpoint_is_disabled_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk} of {self.partner}"

    @property
    def is_enabled(self) -> bool:
        """Whether it is told of anything."""
        return self.disabled_at is None


class WebhookSecret(models.Model):
    """A secret that deliveries to an endpoint are signed with, as the vault keeps it.

    The one without an end is the newest; the one before may sign beside it for a while.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="secrets")
    ciphertext = models.BinaryField()
    key_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"],
                condition=Q(expires_at=None),
                name="webhook_endpoint_has_one_newest_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"secret of endpoint {self.endpoint_id}"


class WebhookMessage(models.Model):
    """Something that happened to a partner's borrower, told once. Its key orders them."""

    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, db_index=False)
    type = models.CharField(max_length=30)
    key = models.CharField(max_length=100)
    data = models.JSONField(help_text="Amounts in paise, rates in basis points.")
    occurred_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "key"], name="webhook_message_is_told_once"),
        ]
        indexes = [models.Index(fields=["occurred_at"], name="webhook_message_by_age")]

    def __str__(self) -> str:
        return f"{self.type} {self.public_id}"

    @property
    def public_id(self) -> str:
        """The message's id as receivers see it: the same at every attempt."""
        return f"msg_{self.uid.hex}"


class WebhookDelivery(models.Model):
    """A message on its way to an endpoint.

    `next_attempt_at` is when it is tried next; a claim moves it ahead, to `claimed_until`, so
    nobody else tries it meanwhile. `attempts` counts all of them and names the newest claim,
    `attempts_left` those of this round.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING", "Pending"
        DELIVERED = "DELIVERED", "Delivered"
        DEAD = "DEAD", "Given up"

    message = models.ForeignKey(
        WebhookMessage, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    status = models.CharField(
        max_length=9, choices=Status, default=Status.PENDING, db_default=Status.PENDING
    )
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    attempts_left = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS, db_default=MAX_ATTEMPTS)
    next_attempt_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text="Of the newest attempt."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "endpoint"], name="webhook_message_goes_to_an_endpoint_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "DELIVERED", "DEAD"]),
                name="webhook_delivery_status_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_by_endpoint"),
            models.Index(
                fields=["endpoint", "next_attempt_at", "id"],
                name="webhook_delivery_to_do",
                condition=Q(status="PENDING"),
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class WebhookAttempt(models.Model):
    """One request that was sent, and what came of it: never what was said."""

    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, related_name="log", db_index=False
    )
    number = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    http_status = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="webhook_attempt_is_logged_once"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of delivery {self.delivery_id}"
