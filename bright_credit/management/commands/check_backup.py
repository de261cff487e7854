"""`manage.py check_backup FILE`: restore a backup into a copy, and audit the copy's books."""

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from bright_credit.operations.backups import BackupFailed, refuse_damaged, restored

#: What a copy must pass, and what it means when it does not.
_CHECKS = {
    ("migrate", "--check"): "it is of another version: migrate first, or check it with its own",
    ("verify_books",): "its books differ",
}


class Command(BaseCommand):
    """Prove that a backup is good."""

    help = (
        "Restore a backup into a new database of the same server, check its migrations and its "
        "books there, and drop it. Exits 1 unless all is well. The database itself is not touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the backup."""
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore, check, drop."""
        place: Path = options["file"]
        copy = f"brightlend_check_{secrets.token_hex(4)}"
        try:
            refuse_damaged(place)
            with restored(place, database=connection.settings_dict, copy=copy) as url:
                for command, meaning in _CHECKS.items():
                    self._check(command, meaning=meaning, url=url)
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{place} can be restored, and its books verify."))

    def _check(self, command: tuple[str, ...], *, meaning: str, url: str) -> None:
        done = subprocess.run(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        self.stdout.write(done.stdout)
        if done.returncode != 0:
            raise CommandError(
                f"the copy fails {' '.join(command)}, {meaning}\n{done.stdout}{done.stderr}"
            )
