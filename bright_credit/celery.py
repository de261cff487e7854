"""The Celery application: `celery -A bright_credit worker` and `celery -A bright_credit beat`.

Loaded by `bright_credit.apps` in every Django process, never by the package's initialiser: an
import there would make the pure core load Celery and Django.
"""

import os

from bright_credit.embedded.services import ensure_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bright_credit.settings")
ensure_services()

# The servers' addresses must be known before settings load.
from celery import Celery  # noqa: E402
from celery.signals import task_postrun  # noqa: E402

from bright_credit.operations.broker import mark_task_done  # noqa: E402

app = Celery("bright_credit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

task_postrun.connect(mark_task_done, dispatch_uid="brightlend.last_task")
