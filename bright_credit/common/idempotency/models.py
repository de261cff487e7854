"""One row for each idempotency key: what was asked, as a fingerprint, and what was answered."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class IdempotencyKey(models.Model):
    """A caller's key. It is written in the transaction of the work that it stands for.

    So it commits with the work or not at all: no other session ever sees a key without its answer.
    """

    pk = models.CompositePrimaryKey("caller", "key")
    caller = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=True, headers__isnull=True, body__isnull=True)
                | Q(status__isnull=False, headers__isnull=False, body__isnull=False),
                name="idempotency_key_has_a_whole_answer_or_none",
            )
        ]
        # Rows come in the order of their instants, so a block range index finds the old ones, and
        # costs a payment next to nothing.
        indexes = [BrinIndex(fields=["created_at"], name="idempotency_key_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.caller}"
