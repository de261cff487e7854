"""`erase_personal_data`: take from a borrower what tells who they are."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from bright_credit.common import business_day
from bright_credit.common.errors import DomainError
from loan.services.erasure import erase_personal_data


class Command(BaseCommand):
    """Erase a borrower's data."""

    help = (
        "Erase who a borrower is: name, e-mail address, birth date, income, Aadhaar number, PAN "
        "and phone number. Loans and ledger stay. Refused while a loan is open or the law asks for "
        "the identity."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("user_id", help="the borrower, such as BC-USER-009")
        parser.add_argument("--reason", required=True, help="why, for the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, or say why not and exit 1."""
        try:
            with transaction.atomic():
                _tell(options["reason"])
                erase_personal_data(
                    options["user_id"], as_of=business_day.today(), now=timezone.now()
                )
        except DomainError as refusal:
            raise CommandError(f"{refusal.code}: {refusal.message}") from refusal
        self.stdout.write(f"{options['user_id']} was erased.")


def _tell(reason: str) -> None:
    """Tell the audit trail why, for this transaction; who it is it knows of the connection."""
    with connection.cursor() as cursor:
        context = json.dumps({"reason": reason})
        cursor.execute("SELECT set_config('brightlend.context', %s, true)", [context])
