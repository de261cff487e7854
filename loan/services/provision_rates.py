"""The rates of provisions that a book begins with: written after every migrate, and after a flush.

Nothing here loads models: the app's configuration imports it before there are any.
"""

from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS

from loan.domain.provisioning import INITIAL_RATES


def load_rates(
    *, apps: Apps = installed_apps, using: str = DEFAULT_DB_ALIAS, **kwargs: Any
) -> None:
    """Insert the rates that are missing; those that are there are the lender's.

    `apps` is the state that the migrations have reached: before the table exists there is nothing
    to do.
    """
    try:
        rate_model = apps.get_model("loan", "ProvisionRate")
    except LookupError:
        return
    rate_model._default_manager.using(using).bulk_create(
        [
            rate_model(asset_class=asset_class.value, rate_bps=rate_bps)
            for asset_class, rate_bps in INITIAL_RATES.items()
        ],
        ignore_conflicts=True,
    )
