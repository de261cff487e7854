"""`manage.py stop_services`: stops what this checkout has running; the data stay."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.stop import stop_everything


class Command(BaseCommand):
    """Stop a running `serve` and the private servers."""

    help = "Stops the private PostgreSQL and Valkey, and a running `serve`. Their data stay."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Stop everything and say what was running."""
        try:
            self.stdout.write(stop_everything())
        except EmbeddedServiceError as refusal:
            raise CommandError(str(refusal)) from None
