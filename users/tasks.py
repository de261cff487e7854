"""Celery tasks: the clock's way into the users app."""

import logging
from dataclasses import asdict
from typing import Any

from celery import shared_task
from django.utils import timezone

from users.services import tidying

log = logging.getLogger(__name__)


@shared_task(name="users.tasks.remove_old_sign_ins")
def remove_old_sign_ins(**_unknown: Any) -> dict[str, int]:
    """Remove codes, counts and sessions that are over. Running it twice changes nothing more."""
    removed = asdict(tidying.remove_old_sign_ins(now=timezone.now()))
    log.info("old sign-ins removed: %s", removed)
    return removed
