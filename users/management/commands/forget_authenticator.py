"""`manage.py forget_authenticator`: for a superuser who has lost the phone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from users.models import User
from users.services.staff import forget_authenticators


class Command(BaseCommand):
    """Remove a login's authenticators, so that its next sign-in sets up a new one."""

    help = "Removes the authenticator of a login of staff; its next sign-in sets up a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the login."""
        parser.add_argument("username")

    def handle(self, *_args: Any, username: str, **_options: Any) -> None:
        """Remove them, and say how many there were."""
        login = User.objects.filter(username=username, is_staff=True).first()
        if login is None:
            raise CommandError("There is no login of staff with this name.")
        removed = forget_authenticators(login)
        self.stdout.write(f"{removed} removed; the next sign-in of {username} sets up a new one.")
