"""The beat's second entry: every half minute, go on with a billing run that others left."""

from typing import Any

from django.db import migrations

NAME = "Billing sweeper"


def schedule_sweeper(apps: Any, schema_editor: Any) -> None:
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=30, period="seconds"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "loan.tasks.sweep_billing",
            "interval": interval,
            "expire_seconds": 60,
            "description": "Finishes what dead workers left of a billing run.",
        },
    )


def remove_sweeper(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("loan", "0005_billing_in_chunks"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_sweeper, remove_sweeper)]
