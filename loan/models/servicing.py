"""What happens to a loan: dues billed, charges levied, payments taken and allocated."""

from django.db import models
from django.db.models import F, Q

from bright_credit.common.append_only import AppendOnly
from loan.models.loans import Loan


class Due(AppendOnly):
    """The bill for one instalment: from its due date on, its interest is owed.

    The key is (loan, number, revision), so that whoever bills first (the billing run, or a payment
    that arrives before it) bills alone. A bill whose instalment was replaced since, so that the
    schedule in force has another revision of it, does not count any more.
    """

    pk = models.CompositePrimaryKey("loan_id", "number", "revision")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="dues", db_index=False)
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    principal_paise = models.BigIntegerField()
    interest_paise = models.BigIntegerField()
    billed_at = models.DateTimeField(db_default=models.functions.Now())
    revision = models.PositiveSmallIntegerField(db_default=1)

    class Meta:
        indexes = [models.Index(fields=["due_date", "loan"], name="due_by_date")]

    def __str__(self) -> str:
        return f"due {self.number} of loan {self.loan_id}"


class Charge(models.Model):
    """A charge levied on a loan. `key` is unique within the loan, so that none is levied twice.

    A charge that an event of the past makes void (the payment that was missed has come after all)
    is cancelled and counts no more; it may be levied again if that event is reversed.
    """

    class Kind(models.TextChoices):
        PENAL = "PENAL"
        BOUNCE = "BOUNCE"
        FORECLOSURE = "FORECLOSURE"
        PROCESSING_FEE = "PROCESSING_FEE", "Processing fee"
        OTHER = "OTHER"
        REFUND = "REFUND", "Refund owed again"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="charges")
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind)
    instalment_number = models.PositiveSmallIntegerField(null=True)
    levied_on = models.DateField()
    levied_at = models.DateTimeField(auto_now_add=True)
    amount_paise = models.BigIntegerField()
    gst_paise = models.BigIntegerField(db_default=0, help_text="The tax in the amount.")
    paid_paise = models.BigIntegerField(default=0, help_text="Paid or waived.")
    cancelled_by = models.ForeignKey(
        "Event",
        on_delete=models.PROTECT,
        null=True,
        related_name="cancelled_charges",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "key"],
                condition=Q(cancelled_by__isnull=True),
                name="charge_is_levied_once",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by__isnull=True) | Q(paid_paise=0),
                name="charge_cancelled_is_not_paid",
            ),
            models.CheckConstraint(
                condition=Q(amount_paise__gt=0)
                & Q(paid_paise__gte=0)
                & Q(paid_paise__lte=F("amount_paise")),
                name="charge_paid_is_within_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(gst_paise__gte=0)
                & Q(gst_paise__lt=F("amount_paise"))
                & (Q(gst_paise=0) | ~Q(kind__in=["PENAL", "REFUND"])),
                name="charge_gst_is_a_part_and_never_of_a_penal_charge",
            ),
        ]
        indexes = [models.Index(fields=["levied_on"], name="charge_by_day")]

    def __str__(self) -> str:
        return f"{self.key} of loan {self.loan_id}"


class Payment(AppendOnly):
    """Money received from a borrower, and what it paid. Never changed, never removed.

    The reference is the payer's proof and is unique for ever, so that no message, repeated however
    often and by whatever way, takes money twice. The six parts add up to the amount.
    """

    class Method(models.TextChoices):
        UPI = "UPI"
        NEFT = "NEFT"
        IMPS = "IMPS"
        RTGS = "RTGS"
        NACH = "NACH"
        CARD = "CARD"
        CASH = "CASH"
        CHEQUE = "CHEQUE"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payments")
    amount_paise = models.BigIntegerField()
    payment_method = models.CharField(max_length=10, choices=Method)
    reference_id = models.CharField(max_length=64, unique=True)
    value_date = models.DateField()
    received_at = models.DateTimeField(auto_now_add=True)

    interest_paise = models.BigIntegerField()
    principal_paise = models.BigIntegerField()
    charges_paise = models.BigIntegerField()
    penal_paise = models.BigIntegerField()
    advance_paise = models.BigIntegerField()
    excess_paise = models.BigIntegerField()
    principal_outstanding_after_paise = models.BigIntegerField()
    loan_status_after = models.CharField(max_length=12, choices=Loan.Status)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="payment_is_positive"),
            models.CheckConstraint(
                condition=Q(
                    amount_paise=F("interest_paise")
                    + F("principal_paise")
                    + F("charges_paise")
                    + F("penal_paise")
                    + F("advance_paise")
                    + F("excess_paise")
                ),
                name="payment_is_allocated_in_full",
            ),
        ]

    def __str__(self) -> str:
        return f"payment {self.reference_id}"


class Allocation(AppendOnly):
    """Money that met one instalment or one charge, from a payment or from what was held.

    A waiver meets a charge without money, and what is returned with a cancellation principal;
    `waiver_key` is that of the event.

    When an event moves money, the row it no longer meets is undone by one that names it and has the
    opposite amounts, and new rows say what it meets instead; `event` is the one that did so. The
    sum over the rows is what is met.
    """

    class Source(models.TextChoices):
        PAYMENT = "PAYMENT"
        ADVANCE = "ADVANCE"
        EXCESS = "EXCESS"
        WAIVER = "WAIVER"
        FEE_BACK = "FEE_BACK"
        INTEREST_BACK = "INT_BACK"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="allocations")
    source = models.CharField(max_length=10, choices=Source)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    value_date = models.DateField()
    booked_at = models.DateTimeField(auto_now_add=True)
    instalment_number = models.PositiveSmallIntegerField(null=True)
    charge = models.ForeignKey(
        Charge, on_delete=models.PROTECT, null=True, related_name="allocations"
    )
    interest_paise = models.BigIntegerField(default=0)
    principal_paise = models.BigIntegerField(default=0)
    charge_paise = models.BigIntegerField(default=0)
    waiver_key = models.CharField(max_length=40, null=True)
    gst_paise = models.BigIntegerField(
        db_default=0, help_text="The tax in what was let go, or returned."
    )
    is_recovery = models.BooleanField(
        db_default=False, default=False, help_text="Paid of a loan that was off the books."
    )
    event = models.ForeignKey(
        "Event",
        on_delete=models.PROTECT,
        null=True,
        related_name="allocations",
        db_index=False,
        help_text="What moved the money; empty when it met at once what it meets.",
    )
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["undoes"],
                condition=Q(undoes__isnull=False),
                name="allocation_is_undone_once",
            ),
            models.CheckConstraint(
                condition=Q(undoes__isnull=True) | Q(event__isnull=False),
                name="allocation_is_undone_by_an_event",
            ),
            models.CheckConstraint(
                condition=Q(source="PAYMENT", payment__isnull=False)
                | (~Q(source="PAYMENT") & Q(payment__isnull=True)),
                name="allocation_names_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(source="WAIVER", waiver_key__isnull=False, charge__isnull=False)
                | Q(
                    source__in=["FEE_BACK", "INT_BACK"],
                    waiver_key__isnull=False,
                    charge__isnull=True,
                )
                | (
                    ~Q(source__in=["WAIVER", "FEE_BACK", "INT_BACK"])
                    & Q(waiver_key__isnull=True, gst_paise=0)
                ),
                name="allocation_of_what_is_given_names_its_event",
            ),
            models.CheckConstraint(
                condition=Q(instalment_number__isnull=False, charge__isnull=True, charge_paise=0)
                | Q(
                    instalment_number__isnull=True,
                    charge__isnull=False,
                    interest_paise=0,
                    principal_paise=0,
                ),
                name="allocation_meets_an_instalment_or_a_charge",
            ),
            models.CheckConstraint(
                condition=Q(
                    undoes__isnull=True,
                    interest_paise__gte=0,
                    principal_paise__gte=0,
                    charge_paise__gte=0,
                )
                | Q(
                    undoes__isnull=False,
                    interest_paise__lte=0,
                    principal_paise__lte=0,
                    charge_paise__lte=0,
                ),
                name="allocation_parts_are_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["value_date"], name="allocation_by_day")]

    def __str__(self) -> str:
        return f"allocation {self.pk} of loan {self.loan_id}"

    @property
    def charge_key(self) -> str | None:
        """The key of the charge it met, if it met one. Fetch `charge` with the rows."""
        return self.charge.key if self.charge else None
