"""Write the chart of accounts into its table: after every migrate, and after a flush."""

from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS

from ledger.domain.chart import CHART


def load_chart(
    *, apps: Apps = installed_apps, using: str = DEFAULT_DB_ALIAS, **kwargs: Any
) -> None:
    """Insert the accounts that are missing and bring the names of the others up to date.

    `apps` is the state that the migrations have reached: before the table exists there is nothing
    to do.
    """
    try:
        account_model = apps.get_model("ledger", "Account")
    except LookupError:
        return
    account_model._default_manager.using(using).bulk_create(
        [
            account_model(
                code=spec.code,
                name=spec.name,
                type=spec.type,
                normal_side=spec.normal_side,
                is_control=spec.is_control,
            )
            for spec in CHART
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "type", "normal_side", "is_control"],
    )
