"""The users app: staff logins, borrowers, the vault."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Staff logins, borrowers, the vault."""

    name = "users"
    default_auto_field = "django.db.models.BigAutoField"
