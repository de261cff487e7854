"""`manage.py back_up FOLDER`: a dump of the database, whole or not at all, beside its digest."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from bright_credit.operations.backups import BackupFailed, back_up, remove_old


class Command(BaseCommand):
    """Back the database up."""

    help = "Write a dump of the database and its digest into a folder; remove old ones if asked."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and how long backups are kept."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep-days", type=int, help="remove backups older than that")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the backup, then remove old ones, and say so."""
        folder, days, now = options["folder"], options["keep_days"], timezone.now()
        try:
            place = back_up(folder, database=connection.settings_dict, at=now)
        except (BackupFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"wrote {place}, {place.stat().st_size} bytes")
        if days is not None:
            for gone in remove_old(folder, before=now - timedelta(days=days)):
                self.stdout.write(f"removed {gone}")
