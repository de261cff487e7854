"""The business calendar and the billing run's record of itself."""

from django.db import models
from django.db.models import Q

from credit.models import TransactionFile


class BusinessDay(models.Model):
    """The one row that says which day was closed last. Nothing is posted into a closed day."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    closed_through_date = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_business_day"),
        ]

    def __str__(self) -> str:
        return f"closed through {self.closed_through_date}"


class BillingRun(models.Model):
    """The close of one business date: its control totals, and its link in the chain of seals."""

    class Status(models.TextChoices):
        RUNNING = "RUNNING"
        CLOSED = "CLOSED"

    business_date = models.DateField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    rescored_at = models.DateTimeField(null=True)
    transaction_file = models.ForeignKey(
        TransactionFile, on_delete=models.PROTECT, null=True, related_name="billing_runs"
    )
    manifest = models.JSONField(default=dict)
    sealed_through_entry = models.BigIntegerField(
        default=0, help_text="The last journal entry under this run's digest."
    )
    digest = models.CharField(max_length=64, blank=True)
    previous_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="RUNNING", closed_at__isnull=True)
                | Q(status="CLOSED", closed_at__isnull=False),
                name="billing_run_is_closed_at_an_instant",
            ),
        ]
        indexes = [
            # Runs whose scores are still to be refreshed, after a process died in between.
            models.Index(
                fields=["business_date"],
                name="billing_run_to_rescore",
                condition=Q(status="CLOSED", rescored_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"billing run of {self.business_date}"
