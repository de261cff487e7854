"""Celery tasks: the clock's way into the users app."""

import logging
import time
from dataclasses import asdict
from typing import Any, Final

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from users.services import tidying
from users.services.delivering import deliver_batch

log = logging.getLogger(__name__)

#: How long one task goes on; the next tick brings another, so that no worker is kept from billing.
_DELIVERY_BUDGET_NS: Final = 8 * 10**9


@shared_task(name="users.tasks.remove_old_sign_ins")
def remove_old_sign_ins(**_unknown: Any) -> dict[str, int]:
    """Remove codes, counts and sessions that are over. Running it twice changes nothing more."""
    removed = asdict(tidying.remove_old_sign_ins(now=timezone.now()))
    log.info("old sign-ins removed: %s", removed)
    return removed


@shared_task(name="users.tasks.deliver_webhooks")
def deliver_webhooks(**_unknown: Any) -> int:
    """Send the webhooks that are due, for some seconds; return how many were tried.

    Any number of workers may do it at once. A tick that is lost or doubled changes nothing.
    """
    until = time.monotonic_ns() + _DELIVERY_BUDGET_NS
    tried = 0
    while count := deliver_batch(https_only=settings.WEBHOOK_HTTPS_ONLY):
        tried += count
        if time.monotonic_ns() > until:
            break
    return tried


@shared_task(name="users.tasks.remove_old_webhooks")
def remove_old_webhooks(**_unknown: Any) -> int:
    """Remove messages older than the retention, and the log of their deliveries."""
    removed = tidying.remove_old_webhooks(before=timezone.now() - settings.WEBHOOK_RETENTION)
    log.info("old webhook messages removed: %s", removed)
    return removed
