"""The settings with what makes tests quick, and nothing that changes behaviour."""

from bright_credit.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # finds a static file when it is asked for, not all of them at start
CELERY_TASK_ALWAYS_EAGER = False
LOGGING = {"version": 1, "disable_existing_loggers": False}

# A test database is emptied between tests; nothing else may truncate the tables that only grow.
DATABASES["default"]["OPTIONS"]["options"] += " -c brightlend.allow_truncate=on"  # noqa: F405
