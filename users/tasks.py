"""Celery tasks: the clock's way into the users app."""

import logging
import time
from dataclasses import asdict
from typing import Any, Final

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bright_credit.common import business_day
from users.services import tidying
from users.services.delivering import deliver_batch
from users.services.notices import send_batch

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


@shared_task(name="users.tasks.send_notices")
def send_notices(**_unknown: Any) -> int:
    """Send borrowers the notices that are due, for some seconds; return how many were tried."""
    until = time.monotonic_ns() + _DELIVERY_BUDGET_NS
    tried = 0
    while count := send_batch(today=business_day.today(), now=timezone.now()):
        tried += count
        if time.monotonic_ns() > until:
            break
    return tried


@shared_task(name="users.tasks.remove_old_webhooks")
def remove_old_webhooks(**_unknown: Any) -> dict[str, int]:
    """Remove messages and notices older than their retention, and the log of their deliveries."""
    now = timezone.now()
    removed = {
        "webhooks": tidying.remove_old_webhooks(before=now - settings.WEBHOOK_RETENTION),
        "notices": tidying.remove_old_notices(before=now - settings.NOTICE_RETENTION),
    }
    log.info("old messages removed: %s", removed)
    return removed


@shared_task(name="users.tasks.remove_old_looks")
def remove_old_looks(**_unknown: Any) -> int:
    """Remove from the access log what is older than the retention."""
    removed = tidying.remove_old_looks(before=timezone.now() - settings.ACCESS_LOG_RETENTION)
    log.info("old entries of the access log removed: %s", removed)
    return removed
