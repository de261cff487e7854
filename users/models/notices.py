"""Notices to borrowers: what each is told, and whether it went out. The list is the log."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from users.domain.notices import MAX_ATTEMPTS, REMINDERS, NoticeKind
from users.models.people import Borrower


class Notice(models.Model):
    """One notice, once: its key names what it tells, and is unique.

    A claim moves `next_attempt_at` and `claimed_until` ahead. Where a mail goes is asked when it is
    sent and kept nowhere here.
    """

    class Kind(models.TextChoices):
        DUE_SOON = NoticeKind.DUE_SOON.value, "Due soon"
        DUE = NoticeKind.DUE.value, "Due"
        PAID = NoticeKind.PAID.value, "Payment receipt"
        OVERDUE = NoticeKind.OVERDUE.value, "Overdue"
        CLOSED = NoticeKind.CLOSED.value, "Closed"

    class Status(models.TextChoices):
        PENDING = "PENDING", "Pending"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Given up"
        UNCERTAIN = "UNCERTAIN", "May have gone out"
        NOT_WANTED = "NOT_WANTED", "Reminders refused"
        STALE = "STALE", "No longer news"

    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    loan_id = models.CharField("loan", max_length=30)
    key = models.CharField(max_length=100)
    data = models.JSONField(help_text="Amounts in paise.")
    written_at = models.DateTimeField(db_default=Now())
    status = models.CharField(
        max_length=10, choices=Status, default=Status.PENDING, db_default=Status.PENDING
    )
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    attempts_left = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS, db_default=MAX_ATTEMPTS)
    next_attempt_at = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="notice_is_written_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["DUE_SOON", "DUE", "PAID", "OVERDUE", "CLOSED"]),
                name="notice_kind_is_known",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "-id"], name="notice_by_borrower"),
            models.Index(fields=["written_at"], name="notice_by_age"),
            models.Index(
                fields=["next_attempt_at", "id"],
                name="notice_to_do",
                condition=Q(status="PENDING"),
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.get_kind_display()}"

    @property
    def is_reminder(self) -> bool:
        """Whether a borrower may refuse it."""
        return NoticeKind(self.kind) in REMINDERS
