"""A beat's entry: every night, forget the keys whose time is over."""

from typing import Any

from django.db import migrations

NAME = "Idempotency keys: prune"


def schedule_pruning(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="45",
        hour="3",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "idempotency.prune_keys",
            "crontab": crontab,
            "description": "Forgets idempotency keys that are older than their retention.",
        },
    )


def remove_pruning(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("idempotency", "0001_answers_kept_by_key"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_pruning, remove_pruning)]
