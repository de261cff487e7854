"""What every test that uses the database rests on."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db.models import Model
from django.db.models.signals import post_migrate
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Write the schedule of beat again whenever the database was emptied.

    Migrations wrote it. A test that commits empties all tables at its end, and Django writes again
    only what follows each migrate: accounts, roles, rates. So no test depends on those before it.
    """
    beat = apps.get_app_config("django_celery_beat")
    models = [beat.get_model(name) for name in ("IntervalSchedule", "CrontabSchedule")]
    models += [beat.get_model("PeriodicTask")]
    with django_db_blocker.unblock():
        schedule: Sequence[Model] = [
            row for model in models for row in model._default_manager.all()
        ]
        written = serializers.serialize("json", schedule)

    def write_again(**kwargs: Any) -> None:
        if not models[-1]._default_manager.exists():
            for row in serializers.deserialize("json", written):
                row.save()

    post_migrate.connect(write_again, sender=beat, weak=False)
