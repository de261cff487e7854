"""Chaining the trail, every minute."""

from typing import Any

from celery import shared_task

from bright_credit.common.audit_trail.chain import chain_entries


@shared_task(name="audit_trail.chain_entries")
def chain_new_entries(**_unknown: Any) -> int:
    """Chain what was written since the last time; return how many entries that were."""
    return chain_entries()
