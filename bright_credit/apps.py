"""The project as a Django app: its commands, its templates, and the configured Celery app."""

from importlib import import_module

from django.apps import AppConfig


class BrightCreditConfig(AppConfig):
    """Make every Django process know the configured Celery app, so that `.delay()` finds it."""

    name = "bright_credit"
    verbose_name = "BrightLend"

    def ready(self) -> None:
        import_module("bright_credit.celery")
