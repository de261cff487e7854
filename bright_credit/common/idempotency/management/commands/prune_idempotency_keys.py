"""`prune_idempotency_keys`: what the nightly task does, by hand."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from bright_credit.common.idempotency.services import prune


class Command(BaseCommand):
    """Forget old idempotency keys."""

    help = "Forget the idempotency keys that are older than BRIGHTLEND_IDEMPOTENCY_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget them and say how many there were."""
        forgotten = prune(before=timezone.now() - settings.IDEMPOTENCY_RETENTION)
        self.stdout.write(f"{forgotten} idempotency keys forgotten.")
