"""Notices to borrowers: written with what they tell, sent later, each once.

A mail cannot be taken back, and a mail server that falls silent does not say whether it took one.
So a notice is tried again only when it certainly did not go out: the server refused it, or was not
reached. One whose sender died, or whose server fell silent, may have gone out, and is left to
staff.
"""

import logging
import secrets
import smtplib
import socket
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from psycopg.types.json import Jsonb

from bright_credit.common.errors import Conflict, RuleViolated
from users.delivery import Messenger, messenger
from users.domain.callers import Caller, CallerKind
from users.domain.notices import (
    MAX_ATTEMPTS,
    News,
    NoticeKind,
    delay_after,
    in_words,
    stale_after,
    subject_of,
)
from users.models import Borrower, Notice
from users.selectors import borrowers_within

log = logging.getLogger(__name__)

LEASE_SECONDS: Final = 300
AT_ONCE: Final = 20

# `told` has the columns (borrower_id, kind, loan_id, key, data).
_WRITE: Final = """
INSERT INTO users_notice (borrower_id, kind, loan_id, key, data)
SELECT t.borrower_id, t.kind, t.loan_id, t.key, t.data
FROM ({told}) t JOIN users_borrower b ON b.id = t.borrower_id
WHERE b.wants_reminders OR t.kind NOT IN ('DUE_SOON', 'DUE')
ON CONFLICT DO NOTHING
"""

_NEWS: Final = """
    SELECT %(borrower)s::bigint AS borrower_id, news.*
    FROM unnest(%(kinds)s::text[], %(loans)s::text[], %(keys)s::text[], %(datas)s::jsonb[])
         AS news (kind, loan_id, key, data)
"""

# A claim that ran out says that its worker died in the middle: it is nobody's to claim again.
_LOST: Final = """
UPDATE users_notice SET status = 'UNCERTAIN', outcome = 'sender_died', claimed_until = NULL
WHERE status = 'PENDING' AND claimed_until < statement_timestamp()
"""
_CLAIM: Final = """
UPDATE users_notice
SET attempts = attempts + 1, attempts_left = greatest(attempts_left - 1, 0),
    next_attempt_at = statement_timestamp() + make_interval(secs => %(lease)s),
    claimed_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE id IN (
    SELECT id FROM users_notice
    WHERE status = 'PENDING' AND next_attempt_at <= statement_timestamp() AND claimed_until IS NULL
    ORDER BY next_attempt_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

#: What a mail server says, or does not get to say, before it has taken a mail.
_NOT_SENT: Final = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ConnectionRefusedError,
    socket.gaierror,
)


class OnlyBorrowers(RuleViolated):
    """The choice is a borrower's own: call as a borrower who has signed in."""

    code = "only_borrowers"


class NotToBeSentAgain(Conflict):
    """Only a notice that was given up, or may not have gone out, is sent again."""

    code = "notice_not_to_be_sent_again"


def write_news(borrower_key: int, news: Sequence[News]) -> None:
    """Write notices to a borrower, inside the transaction of what they tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE.format(told=_NEWS),
            {
                "borrower": borrower_key,
                "kinds": [each.kind.value for each in news],
                "loans": [each.loan_id for each in news],
                "keys": [each.key for each in news],
                "datas": [Jsonb(each.data) for each in news],
            },
        )


def write_set(told: str, values: Mapping[str, Any]) -> int:
    """Write the notices that a SELECT tells, set-based; return how many are new.

    `told` is trusted SQL that gives (borrower_id, kind, loan_id, key, data), by these names.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITE.format(told=told), values)
        return int(cursor.rowcount)


def send_batch(*, today: date, now: datetime) -> int:
    """Claim notices that are due, send them, and write down what came of it; return how many."""
    keys = _claim()
    rows = Notice.objects.filter(pk__in=keys).select_related("borrower").order_by("pk")
    by = messenger("EMAIL")
    for notice in rows:
        _settle(notice, _outcome(notice, by, today=today), now=now)
    return len(keys)


def _claim() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_LOST)
        cursor.execute(_CLAIM, {"most": AT_ONCE, "lease": LEASE_SECONDS})
        return [key for (key,) in cursor.fetchall()]


def _outcome(notice: Notice, by: Messenger, *, today: date) -> tuple[Notice.Status, str]:
    """Send a claimed notice, unless it is not wanted or no longer news; return what came of it."""
    last_day = stale_after(NoticeKind(notice.kind), notice.data)
    if last_day is not None and today > last_day:
        return Notice.Status.STALE, ""
    if notice.is_reminder and not notice.borrower.wants_reminders:
        return Notice.Status.NOT_WANTED, ""
    subject, text, html = mail_of(notice)
    try:
        by.send(to=notice.borrower.email, subject=subject, text=text, html=html)
    except _NOT_SENT as error:
        # The error's own words may quote the address, so only its kind is told.
        log.warning("Notice %s was not sent: %s", notice.pk, type(error).__name__)
        left = notice.attempts_left > 0
        return (Notice.Status.PENDING if left else Notice.Status.FAILED), type(error).__name__
    except Exception as error:
        log.error("Notice %s may not have gone out: %s", notice.pk, type(error).__name__)
        return Notice.Status.UNCERTAIN, type(error).__name__
    return Notice.Status.SENT, ""


def _settle(notice: Notice, came: tuple[Notice.Status, str], *, now: datetime) -> None:
    status, outcome = came
    row = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts)
    changes: dict[str, Any] = {"status": status, "outcome": outcome[:40], "claimed_until": None}
    if status == Notice.Status.SENT:
        changes["sent_at"] = now
    if status == Notice.Status.PENDING:
        changes["next_attempt_at"] = now + delay_after(
            MAX_ATTEMPTS - notice.attempts_left, jitter_permille=secrets.randbelow(1000)
        )
    row.update(**changes)


def mail_of(notice: Notice) -> tuple[str, str, str]:
    """Return a notice's mail: its subject, its text, and the same as HTML."""
    words = {"loan_id": notice.loan_id} | in_words(notice.data)
    context = words | {
        "name": notice.borrower.name,
        "lender": settings.LENDER["BRIGHTLEND_LENDER_NAME"] or "BrightLend",
        "care_email": settings.LENDER["BRIGHTLEND_LENDER_EMAIL"],
        "care_phone": settings.LENDER["BRIGHTLEND_LENDER_PHONE"],
        "is_reminder": notice.is_reminder,
    }
    name = f"users/notices/{notice.kind.lower()}"
    subject = subject_of(NoticeKind(notice.kind), words)
    return (
        subject,
        render_to_string(f"{name}.txt", context),
        render_to_string(f"{name}.html", context | {"subject": subject}),
    )


@transaction.atomic
def choose_reminders(caller: Caller, *, wanted: bool) -> Borrower:
    """Keep whether the borrower who calls wants reminders; return the borrower.

    Raises `OnlyBorrowers` for anybody else.
    """
    if caller.kind is not CallerKind.BORROWER:
        raise OnlyBorrowers("Sign in as the borrower whose choice it is.")
    borrower = Borrower.objects.select_for_update(no_key=True).get(borrowers_within(caller))
    borrower.wants_reminders = wanted
    borrower.save(update_fields=["wants_reminders"])
    return borrower


@transaction.atomic
def send_again(notice_id: int, *, now: datetime) -> Notice:
    """Let a notice that was given up, or may not have gone out, be sent. A person decides that.

    Raises `NotToBeSentAgain`.
    """
    notice = Notice.objects.select_for_update().get(pk=notice_id)
    if notice.status not in {Notice.Status.FAILED, Notice.Status.UNCERTAIN}:
        raise NotToBeSentAgain("Only what was given up or may not have gone out is sent again.")
    notice.status, notice.attempts_left = Notice.Status.PENDING, MAX_ATTEMPTS
    notice.next_attempt_at = now
    notice.save(update_fields=["status", "attempts_left", "next_attempt_at"])
    return notice
