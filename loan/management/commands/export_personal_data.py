"""`export_personal_data`: everything that is held on a borrower, as JSON in a file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bright_credit.common.api.renderers import to_json
from bright_credit.common.errors import DomainError
from loan.selectors.personal_data import personal_data
from users.domain.identity import parse_borrower_public_id
from users.looks import Looks
from users.services.access_log import Look, record_looks


class Command(BaseCommand):
    """Export a borrower's data."""

    help = (
        "Write everything that is held on a borrower as JSON into a new file, for its owner only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("user_id", help="the borrower, such as BC-USER-009")
        parser.add_argument("--to", type=Path, required=True, help="the file, which must be new")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file, after the access log."""
        user_id, path = options["user_id"], options["to"]
        try:
            told = personal_data(user_id)
        except DomainError as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        try:
            # Others of this machine never see it, not even for a moment.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path} cannot be written anew: {error.strerror}") from error
        with os.fdopen(handle, "wb") as file:
            _log(user_id)
            file.write(to_json(told))
        self.stdout.write(f"{path}: everything held on {user_id}")


def _log(user_id: str) -> None:
    process = settings.DATABASES["default"]["OPTIONS"]["application_name"]
    look = Look(
        actor=process,
        actor_name="",
        origin="PROCESS",
        action="export_personal_data",
        address="",
        request_id="",
    )
    record_looks(Looks(people={parse_borrower_public_id(user_id): user_id}), by=look)
