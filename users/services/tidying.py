"""Removing what sign-in and webhooks leave behind, once it says nothing any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from users.models import (
    AttemptCount,
    Notice,
    SignInCode,
    SignInSession,
    WebhookDelivery,
    WebhookMessage,
)

#: Sessions that have ended are kept this long, for whoever asks how an account was entered.
KEPT: Final = timedelta(days=180)
REMOVED_AT_ONCE: Final = 5_000
_CODES_KEPT: Final = timedelta(days=1)
# The model refuses to remove rows, as those of every table that only grows.
_REMOVE_LOOKS: Final = """
    DELETE FROM users_accesslogentry WHERE id = ANY(ARRAY(
        SELECT id FROM users_accesslogentry WHERE at < %s ORDER BY id LIMIT %s))
"""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows were removed."""

    codes: int
    counts: int
    sessions: int


def remove_old_sign_ins(*, now: datetime) -> Removed:
    """Remove codes and counts that are over, and sessions that ended `KEPT` ago."""
    over = Q(ended_at__lte=now - KEPT) | Q(expires_at__lte=now - KEPT)
    codes, _ = SignInCode.objects.filter(expires_at__lte=now - _CODES_KEPT).delete()
    counts, _ = AttemptCount.objects.filter(window_ends_at__lte=now).delete()
    _, by_table = SignInSession.objects.filter(over).delete()
    return Removed(codes=codes, counts=counts, sessions=by_table.get(SignInSession._meta.label, 0))


def remove_old_looks(*, before: datetime) -> int:
    """Remove from the access log what is older than an instant; return how many rows.

    Small transactions, many. PostgreSQL refuses it for rows younger than a year.
    """
    removed = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_REMOVE_LOOKS, [before, REMOVED_AT_ONCE])
            count: int = cursor.rowcount
            removed += count
            if count < REMOVED_AT_ONCE:
                return removed


def remove_old_webhooks(*, before: datetime) -> int:
    """Remove messages of before an instant that wait for nothing; return how many.

    Small transactions, many. Deliveries and their log go with them.
    """
    waiting = WebhookDelivery.objects.filter(
        message=OuterRef("pk"), status=WebhookDelivery.Status.PENDING
    )
    old = WebhookMessage.objects.filter(~Exists(waiting), occurred_at__lt=before)
    removed = 0
    while keys := list(old.order_by("occurred_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
        WebhookMessage.objects.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed


def remove_old_notices(*, before: datetime) -> int:
    """Remove notices of before an instant that wait for nothing; return how many."""
    old = Notice.objects.exclude(status=Notice.Status.PENDING).filter(written_at__lt=before)
    removed = 0
    while keys := list(old.order_by("written_at").values_list("pk", flat=True)[:REMOVED_AT_ONCE]):
        removed += Notice.objects.filter(pk__in=keys).delete()[0]
    return removed
