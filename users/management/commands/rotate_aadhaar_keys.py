"""`manage.py rotate_aadhaar_keys`: everything in the vault under the active key and pepper."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from users.services.vault_rotation import rotate_vault, waiting_count

SHOWN_FAULTS = 20


class Command(BaseCommand):
    """Encrypt the vault's records anew, resumably."""

    help = (
        "Encrypts every Aadhaar number, PAN and phone number anew that is not under the active "
        "key, and makes fingerprints under the present pepper. Goes on where it was stopped. Exits "
        "1 when records do not open."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Move what waits, and say how many records that were."""
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # a text wrapper will do
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as bars:
            task = bars.add_task("moving records", total=waiting_count())
            done = rotate_vault(lambda count: bars.advance(task, count))
        key = settings.AADHAAR_ACTIVE_KEY
        self.stdout.write(f"{done.moved} records moved to the key {key} and the present pepper.")
        if done.faulty:
            for record in done.faulty[:SHOWN_FAULTS]:
                self.stderr.write(f"{record} does not open: altered, or its key is missing")
            self.stderr.write(f"{len(done.faulty)} records were left as they are.")
            sys.exit(1)
