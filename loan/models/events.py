"""The events of loans: what happened, when it counts, when we knew, who said so and why."""

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from loan.models.loans import Loan
from loan.models.servicing import Payment


class Event(AppendOnly):
    """One thing that happened to a loan. A loan is its terms plus these, and nothing else.

    `value_date` says when it counts and orders the events, `sequence` orders those of one date;
    `booked_at` is when we knew, `booked_on` the business date that was open then. What the kind
    needs beyond that is in `payload`; a payment has a row of its own. A reversal names the event
    that it takes back: the fold leaves both out. A mistake is never edited away.
    """

    class Kind(models.TextChoices):
        PAYMENT = "PAYMENT"
        REVERSAL = "REVERSAL"
        CHARGE = "CHARGE"
        WAIVER = "WAIVER"
        REFUND = "REFUND"
        RATE_CHANGE = "RATE_CHANGE"
        RESCHEDULE = "RESCHEDULE"
        WRITE_OFF = "WRITE_OFF"
        CLASS_MARK = "CLASS_MARK"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="events", db_index=False)
    sequence = models.PositiveIntegerField(help_text="Counts a loan's events from 1, as booked.")
    kind = models.CharField(max_length=30, choices=Kind)
    value_date = models.DateField()
    booked_on = models.DateField(help_text="The business date that was open when it was booked.")
    booked_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80, default="system")
    reason = models.CharField(max_length=200, blank=True, default="")
    payload = models.JSONField(default=dict)
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, null=True, related_name="event"
    )
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "sequence"], name="events_of_a_loan_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="event_is_reversed_once",
            ),
            models.UniqueConstraint(
                KT("payload__reference_id"),
                condition=Q(kind="REFUND"),
                name="refund_reference_is_used_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="PAYMENT", payment__isnull=False)
                | (~Q(kind="PAYMENT") & Q(payment__isnull=True)),
                name="event_of_a_payment_names_it",
            ),
            models.CheckConstraint(
                condition=Q(kind="REVERSAL", reverses__isnull=False)
                | (~Q(kind="REVERSAL") & Q(reverses__isnull=True)),
                name="event_that_reverses_names_what",
            ),
            models.CheckConstraint(
                condition=Q(value_date__lte=F("booked_on")), name="event_is_not_of_the_future"
            ),
        ]
        indexes = [
            # What became known on a business date: its manifest, and whose scores it touches.
            models.Index(fields=["booked_on"], name="event_by_day_booked"),
        ]

    def __str__(self) -> str:
        return f"event {self.sequence} of loan {self.loan_id}"


class PaymentRevision(AppendOnly):
    """What a payment pays, once an event has moved it; the last one holds.

    The payment's own row keeps what was answered when it was posted. All parts are zero when the
    payment was reversed, else they add up to its amount.
    """

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="revisions", db_index=False
    )
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="revisions", db_index=False
    )
    interest_paise = models.BigIntegerField()
    principal_paise = models.BigIntegerField()
    charges_paise = models.BigIntegerField()
    penal_paise = models.BigIntegerField()
    advance_paise = models.BigIntegerField()
    excess_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "event"], name="payment_is_revised_once_an_event"
            ),
        ]

    def __str__(self) -> str:
        return f"revision of payment {self.payment_id} by event {self.event_id}"


class ScheduleVersion(AppendOnly):
    """Another schedule in the place of the one before; the loan's row says which is in force.

    Version 1, of the disbursement, has no row. Each version is whole: all its instalments are kept,
    also when a later one takes its place.
    """

    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, related_name="schedule_versions", db_index=False
    )
    version = models.PositiveSmallIntegerField()
    holidays = models.JSONField(
        default=list,
        db_default=[],
        help_text="Those whose interest becomes principal: since when, until when, on how much, "
        "how much.",
    )
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, related_name="schedule_versions", db_index=False
    )
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "version"], name="schedule_versions_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(version__gte=2), name="schedule_version_follows_one"
            ),
        ]
        indexes = [
            # The few loans of which a holiday's interest becomes principal: a day's manifest.
            models.Index(
                fields=["loan", "version"],
                name="schedule_with_holidays",
                condition=~Q(holidays=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"schedule {self.version} of loan {self.loan_id}"
