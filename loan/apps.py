"""The loan app: products, origination, servicing, the billing run."""

from django.apps import AppConfig


class LoanConfig(AppConfig):
    """Products, origination, servicing, the billing run."""

    name = "loan"
    default_auto_field = "django.db.models.BigAutoField"
