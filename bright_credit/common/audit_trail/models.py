"""One row for each change, written by the database itself, and the chain that holds them."""

from django.db import models
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly


class AuditEntry(AppendOnly):
    """A row of another table as it was changed. Written by that table's trigger and nobody else.

    `before` and `after` hold what differs; of a new row all of it. What is personal or secret is
    masked: that it changed is told, and not what it was.
    """

    class Change(models.TextChoices):
        INSERT = "INSERT"
        UPDATE = "UPDATE"
        DELETE = "DELETE"

    at = models.DateTimeField(db_default=Now())
    table_name = models.CharField("table", max_length=63)
    row_key = models.CharField("row", max_length=64)
    change = models.CharField(max_length=6, choices=Change)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=10, help_text="API, ADMIN, or a process of the product.")
    actor = models.CharField(max_length=100, help_text="Such as staff:7; of a process, its name.")
    actor_name = models.CharField(max_length=150, blank=True)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=200, blank=True, help_text="The route that was called.")
    database_user = models.CharField(max_length=63)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["table_name", "row_key"], name="audit_entry_by_row"),
            models.Index(fields=["actor", "-id"], name="audit_entry_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.change} of {self.table_name} {self.row_key}"


class AuditLink(AppendOnly):
    """An entry's place in the chain: a digest over the entry and the digest before it."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="link")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"link {self.position}"
