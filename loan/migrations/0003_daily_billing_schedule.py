"""The beat's first entry: the daily billing at 00:30 in India. Operations may change it in admin."""

from typing import Any

from django.db import migrations

NAME = "Daily billing"


def schedule_daily_billing(apps: Any, schema_editor: Any) -> None:
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="30",
        hour="0",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "loan.tasks.process_daily_billing",
            "crontab": crontab,
            "description": "Closes every day that has ended and was not closed yet.",
        },
    )


def remove_daily_billing(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("loan", "0002_servicing_rows_only_grow"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule_daily_billing, remove_daily_billing)]
