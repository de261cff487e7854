"""Forgetting old idempotency keys, every night."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bright_credit.common.idempotency.services import prune


@shared_task(name="idempotency.prune_keys")
def prune_keys(**_unknown: Any) -> int:
    """Forget the keys that are older than the published retention; return how many."""
    return prune(before=timezone.now() - settings.IDEMPOTENCY_RETENTION)
