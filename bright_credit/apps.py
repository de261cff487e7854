"""The project as a Django app: its commands, its templates, and the configured Celery app."""

from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate


class BrightCreditConfig(AppConfig):
    """Make every Django process know the configured Celery app, so that `.delay()` finds it."""

    name = "bright_credit"
    verbose_name = "BrightLend"

    def ready(self) -> None:
        import_module("bright_credit.celery")
        if settings.OTLP_ENDPOINT:
            _begin_tracing(settings.OTLP_ENDPOINT)
        # The last app with tables: the permissions of all of them are there by then.
        post_migrate.connect(
            import_module("bright_credit.roles").keep_roles,
            sender=apps.get_app_config("loan"),
            dispatch_uid="roles",
        )


def _begin_tracing(endpoint: str) -> None:
    """Send traces, with the packages that only who sends them installs."""
    try:
        tracing = import_module("bright_credit.operations.tracing")
    except ModuleNotFoundError as missing:
        raise ImproperlyConfigured(
            f"BRIGHTLEND_OTLP_ENDPOINT needs `pip install -r requirements/tracing.txt`: {missing}"
        ) from missing
    tracing.begin_tracing(endpoint)


class StaffAdminConfig(AdminConfig):
    """Django's admin, on our own site: staff sign in with their second factor."""

    default = False
    default_site = "users.staff_site.site.StaffAdminSite"
