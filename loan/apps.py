"""The loan app: products, origination, servicing, the billing run."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from loan.services.provision_rates import load_rates


class LoanConfig(AppConfig):
    """Products, origination, servicing, the billing run."""

    name = "loan"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(load_rates, sender=self, dispatch_uid="loan.load_rates")
