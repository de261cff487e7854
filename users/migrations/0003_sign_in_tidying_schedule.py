"""A beat's entry: what sign-in leaves behind is removed at 03:20 in India."""

from typing import Any

from django.db import migrations

NAME = "Remove old sign-ins"


def schedule_tidying(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="20",
        hour="3",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "users.tasks.remove_old_sign_ins",
            "crontab": crontab,
            "description": "Removes codes, counts and sessions of sign-in that are over.",
        },
    )


def remove_tidying(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_sign_in_and_partners"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_tidying, remove_tidying)]
