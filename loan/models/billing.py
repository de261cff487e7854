"""The business calendar and the billing run's record of itself."""

from django.db import models
from django.db.models import F, Q

from credit.models import TransactionFile
from loan.models.loans import Loan


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
    """The close of one business date: its control totals, and its link in the chain of seals.

    PARTIAL is a closed day on which quarantined loans were left out.
    """

    class Status(models.TextChoices):
        RUNNING = "RUNNING"
        CLOSED = "CLOSED"
        PARTIAL = "PARTIAL"

    business_date = models.DateField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    asked_through_date = models.DateField(
        null=True, help_text="Whoever closes this day goes on with the next, up to this one."
    )
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
                | Q(status__in=["CLOSED", "PARTIAL"], closed_at__isnull=False),
                name="billing_run_is_closed_at_an_instant",
            ),
        ]
        indexes = [
            # Runs whose scores are still to be refreshed, after a process died in between.
            models.Index(
                fields=["business_date"],
                name="billing_run_to_rescore",
                condition=Q(closed_at__isnull=False, rescored_at__isnull=True),
            ),
            # What the sweeper asks for, twice a minute.
            models.Index(
                fields=["business_date"],
                name="billing_run_under_way",
                condition=Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"billing run of {self.business_date}"

    @property
    def is_closed(self) -> bool:
        """Whether the day is closed, with all its loans or without those in quarantine."""
        return self.status != self.Status.RUNNING


class BillingChunk(models.Model):
    """A piece of a run's work: loans by range of key, done once, by whoever claims it.

    `token` grows with every claim, and only the last claim may finish the chunk: a worker that
    stood still while its chunk was taken over finds its own token outdated and leaves no trace.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        DONE = "DONE"

    run = models.ForeignKey(
        BillingRun, on_delete=models.PROTECT, related_name="chunks", db_index=False
    )
    low = models.BigIntegerField(help_text="The first loan key of the range.")
    high = models.BigIntegerField(help_text="The last loan key of the range.")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    token = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, blank=True)
    finished_at = models.DateTimeField(null=True)
    loans_seen = models.PositiveIntegerField(
        default=0, help_text="Loans that fell due on the day, or that the clock moved otherwise."
    )
    dues = models.PositiveIntegerField(default=0)
    advances_applied = models.PositiveIntegerField(default=0)
    penal_charges = models.PositiveIntegerField(default=0)
    became_npa = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "low"], name="billing_chunk_begins_once"),
            models.CheckConstraint(
                condition=Q(low__lte=F("high")), name="billing_chunk_range_is_ordered"
            ),
            models.CheckConstraint(
                condition=Q(status="PENDING", finished_at__isnull=True)
                | Q(status="DONE", finished_at__isnull=False),
                name="billing_chunk_is_done_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"loans {self.low} to {self.high} of run {self.run_id}"


class QuarantinedLoan(models.Model):
    """A loan that could not be billed and was set aside, so that the rest of the book was."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="quarantines")
    run = models.ForeignKey(BillingRun, on_delete=models.PROTECT, related_name="quarantines")
    business_date = models.DateField(help_text="The first day it was left out of.")
    reason = models.CharField(max_length=500)
    since = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(released_at__isnull=True),
                name="loan_is_in_quarantine_once",
            ),
        ]

    def __str__(self) -> str:
        return f"quarantine of loan {self.loan_id}"
