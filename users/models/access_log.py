"""Who looked at whose data."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from users.models.people import Borrower


class AccessLogEntry(AppendOnly):
    """One look of staff or of a partner at a person's data, or at a list of people.

    The Digital Personal Data Protection Rules, 2025, ask for visibility on who accesses personal
    data (rule 6(1)(c)) and for keeping that for a year (rule 6(1)(e)). No row says what was seen.
    PostgreSQL refuses to change a row, and to remove one that is younger than a year.
    """

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=100, help_text="Such as staff:7 or partner:3.")
    actor_name = models.CharField(max_length=150, blank=True, help_text="The login of staff.")
    borrower = models.ForeignKey(
        Borrower,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="looks",
        help_text="Whose data was looked at. Empty: a list of many people.",
    )
    record = models.CharField(
        max_length=80, blank=True, help_text="What was looked at: a loan, a payment, the person."
    )
    filter = models.CharField(
        max_length=200, blank=True, help_text="Of a list: what was asked for, without the words."
    )
    origin = models.CharField(max_length=10, help_text="API or ADMIN.")
    action = models.CharField(max_length=200, help_text="The route that was called.")
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "access log entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(borrower=None) | Q(filter=""),
                name="access_log_filter_is_of_a_list_of_people",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "-id"], name="access_log_by_borrower"),
            models.Index(fields=["actor", "-id"], name="access_log_by_actor"),
            BrinIndex(fields=["at"], name="access_log_by_age"),
        ]

    def __str__(self) -> str:
        return f"look {self.pk} of {self.actor}"
