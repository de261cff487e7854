"""`manage.py prepare_sandbox`: what `serve` does to the database before the web starts."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from bright_credit.embedded.banner import OPS_SECRET, OPS_USER
from bright_credit.embedded.paths import var_directory
from bright_credit.embedded.secrets import sandbox_secret


class Command(BaseCommand):
    """Migrate and, in a new sandbox, load the sample data and make the operations login."""

    help = "Migrates; in a new sandbox also loads initial_data.json and makes the `ops` login."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Bring the database to where a newcomer can use it; running it again changes nothing."""
        self.stdout.write("Bringing the database up to date ...")
        call_command("migrate", interactive=False, verbosity=0)
        if settings.LIVE:
            self.stdout.write("Live mode: no sample data, no generated login.")
            return
        if not apps.get_model("users", "Borrower").objects.exists():
            self.stdout.write("Loading the sample data ...")
            call_command("loaddata", settings.BASE_DIR / "initial_data.json", verbosity=0)
        self._make_ops_login()

    def _make_ops_login(self) -> None:
        """Make the login, or give it a new password when the file with its password is gone."""
        users = get_user_model()._default_manager
        password_is_known = (var_directory() / "secrets" / OPS_SECRET).exists()
        login = users.filter(username=OPS_USER).first()
        if login is not None and password_is_known:
            return
        if login is None:
            login = users.model(username=OPS_USER, is_staff=True, is_superuser=True)
        login.set_password(sandbox_secret(OPS_SECRET, size_bytes=12))
        login.save()
        self.stdout.write(f"The admin login is {OPS_USER}; its password is in var/secrets.")
