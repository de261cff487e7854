"""The statements app: reads only, no tables."""

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    """Statements and documents drawn from what the other apps keep."""

    name = "statements"
