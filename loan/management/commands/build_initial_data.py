"""`build_initial_data`: write the sample data again, after the code that makes them has changed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from loan.services.demo.fixture import BookNotEmpty, sample_fixture
from loan.services.demo.sample_transactions import sample_transactions


class Command(BaseCommand):
    """Write initial_data.json, or the bank-transaction file that goes with it."""

    help = (
        "Build initial_data.json through the services in an empty, migrated database, which is "
        "left empty; with --transactions, the user_transactions.csv that goes with it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--transactions", action="store_true", help="write user_transactions.csv instead"
        )
        parser.add_argument("--seed", type=int, default=1, help="what the rows are drawn from")
        parser.add_argument("--output", type=Path, help="where to write (default: the root)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the file and write it."""
        if settings.LIVE:
            raise CommandError("Sample data are made in the sandbox only; this is live mode.")
        try:
            if options["transactions"]:
                name, text = "user_transactions.csv", sample_transactions(seed=options["seed"])
            else:
                name, text = "initial_data.json", sample_fixture()
        except BookNotEmpty as refusal:
            raise CommandError(str(refusal)) from refusal
        path = options["output"] or settings.BASE_DIR / name
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{path}: {text.count(chr(10)):,} lines")
