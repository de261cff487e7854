"""The ledger as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from ledger.chart_loading import load_chart


class LedgerConfig(AppConfig):
    """Keep the table of accounts equal to the chart, whenever the database is (re)made."""

    name = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        post_migrate.connect(load_chart, sender=self, dispatch_uid="ledger.load_chart")
