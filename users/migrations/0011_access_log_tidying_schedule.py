"""A beat's entry: what the access log need not keep any more is removed at 03:25 in India."""

from typing import Any

from django.db import migrations

NAME = "Remove old access log"


def schedule_tidying(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="25",
        hour="3",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "users.tasks.remove_old_looks",
            "crontab": crontab,
            "description": "Removes who looked at whom when it was kept long enough.",
        },
    )


def remove_tidying(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0010_access_log"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_tidying, remove_tidying)]
