"""Beat's entries: webhooks are sent every ten seconds, old ones removed at 03:50 in India."""

from typing import Any

from django.db import migrations

SENDING = "Send webhooks"
TIDYING = "Remove old webhooks"


def schedule(apps: Any, schema_editor: Any) -> None:
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=10, period="seconds"
    )
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="50",
        hour="3",
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="Asia/Kolkata",
    )
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    tasks.get_or_create(
        name=SENDING,
        defaults={
            "task": "users.tasks.deliver_webhooks",
            "interval": interval,
            "expire_seconds": 10,
            "description": "Sends partners the webhooks that are due.",
        },
    )
    tasks.get_or_create(
        name=TIDYING,
        defaults={
            "task": "users.tasks.remove_old_webhooks",
            "crontab": crontab,
            "description": "Removes webhook messages older than the retention, and their log.",
        },
    )


def remove(apps: Any, schema_editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(
        name__in=[SENDING, TIDYING]
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_webhooks"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, remove)]
