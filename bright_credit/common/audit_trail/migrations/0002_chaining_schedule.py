"""A beat's entry: every minute, chain what was written to the trail."""

from typing import Any

from django.db import migrations

NAME = "Audit trail: chain new entries"


def schedule_chaining(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="*",
        hour="*",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "audit_trail.chain_entries",
            "crontab": crontab,
            "description": "Links new entries of the audit trail to those before them.",
        },
    )


def remove_chaining(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("audit_trail", "0001_entries_and_their_chain"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_chaining, remove_chaining)]
