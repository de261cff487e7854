"""Counting attempts: in PostgreSQL, in one statement, before what is attempted is looked at.

A count that is taken first and committed by itself cannot be outrun: ten guesses at once are ten
counts, and only as many are looked at as the limit allows. Nothing of it lives in the cache.
"""

import logging
from datetime import datetime

from django.db import connection

from bright_credit.common.errors import TooMany
from users.domain.codes import Limit
from users.models import AttemptCount
from users.tokens import subject_digest

log = logging.getLogger(__name__)


class TooManyAttempts(TooMany):
    """There were too many attempts. Wait as long as the header `Retry-After` says."""

    code = "too_many_attempts"


_TAKE = """
INSERT INTO users_attemptcount AS counted (limit_name, subject, taken, window_ends_at)
VALUES (%(limit)s, %(subject)s, 1, %(ends)s)
ON CONFLICT (limit_name, subject) DO UPDATE
   SET taken = CASE WHEN counted.window_ends_at <= %(now)s THEN 1
                    ELSE least(counted.taken, %(most)s) + 1 END,
       window_ends_at = CASE WHEN counted.window_ends_at <= %(now)s THEN %(ends)s
                             ELSE counted.window_ends_at END
RETURNING taken, window_ends_at
"""

_GIVE_BACK = """
UPDATE users_attemptcount SET taken = taken - 1
 WHERE limit_name = %(limit)s AND subject = %(subject)s AND taken > 0
"""


def take_attempt(limit: Limit, subject: str, *, now: datetime) -> None:
    """Count an attempt. Raises `TooManyAttempts` when the window has had as many as it allows.

    Outside a transaction of the caller's, whose undoing would undo the count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "limit": limit.name,
                "subject": subject_digest(subject),
                "now": now,
                "ends": now + limit.window,
                "most": limit.attempts,
            },
        )
        taken, ends_at = cursor.fetchone()
    if taken > limit.attempts:
        log.warning("too many attempts: %s", limit.name)
        wait = max(1, int((ends_at - now).total_seconds()) + 1)
        raise TooManyAttempts(
            "There were too many attempts; wait before the next.", retry_after_seconds=wait
        )


def give_back(limit: Limit, subject: str) -> None:
    """Take back one attempt that turned out to be right."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"limit": limit.name, "subject": subject_digest(subject)})


def forget_attempts(limit: Limit, subject: str) -> None:
    """Begin anew, once the subject has proven who it is."""
    AttemptCount.objects.filter(limit_name=limit.name, subject=subject_digest(subject)).delete()
