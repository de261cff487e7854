"""A beat's entry: at 08:00 in India borrowers' notices of the day are written."""

from typing import Any

from django.db import migrations

NAME = "Write notices"


def schedule(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="0",
        hour="8",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "loan.tasks.write_notices",
            "crontab": crontab,
            "description": "Writes notices of EMIs that are due in three days, due today, overdue.",
        },
    )


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("loan", "0021_changes_are_audited"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, remove)]
