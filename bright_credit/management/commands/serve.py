"""`manage.py serve`: database, broker, web, worker and beat in one terminal, until Ctrl-C."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.paths import var_directory
from bright_credit.embedded.supervisor import Supervisor

DEFAULT_PORT = 8001


class Command(BaseCommand):
    """Run all of BrightLend on this machine."""

    help = "Runs web, worker and beat with their private servers, and stops all of it on Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the port of the web server."""
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="web port, 8001")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until stopped."""
        port: int = options["port"]
        if not 1 <= port <= 65_535:
            raise CommandError(f"A port is a number from 1 to 65535, not {port}.")
        try:
            Supervisor(port=port, var=var_directory()).run()
        except EmbeddedServiceError as refusal:
            raise CommandError(str(refusal)) from None
