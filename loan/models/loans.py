"""Loans: the terms as agreed, and the position that events have led to."""

from datetime import date
from typing import ClassVar

from django.db import models

from loan.domain.asset_class import AssetClass
from loan.models.applications import LoanApplication
from loan.models.loan_constraints import LOAN_CONSTRAINTS
from loan.models.loan_indexes import LOAN_INDEXES
from loan.models.products import LoanProduct
from users.models import Borrower


class Loan(models.Model):
    """One loan: its terms, written once, and its position, moved only by events.

    The position's columns are a projection: folding the loan's events gives the same figures, and
    `verify_books` proves it. `oldest_unpaid_due_date` is the due date of the first instalment not
    fully paid even while it lies in the future, so that no date has to be written when it passes.
    """

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE"
        CLOSED = "CLOSED"
        WRITTEN_OFF = "WRITTEN_OFF"

    # No index of their own: `loan_by_borrower` serves the one, and there are a handful of products.
    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="loans", db_index=False
    )
    product = models.ForeignKey(
        LoanProduct, on_delete=models.PROTECT, related_name="loans", db_index=False
    )
    application = models.OneToOneField(
        LoanApplication, on_delete=models.PROTECT, null=True, related_name="loan"
    )

    # The terms, copied from the product at disbursement.
    principal_paise = models.BigIntegerField()
    annual_rate_bps = models.PositiveIntegerField()
    tenure_months = models.PositiveSmallIntegerField()
    interest_method = models.CharField(max_length=20, choices=LoanProduct.InterestMethods)
    instalment_rounding = models.CharField(max_length=10, choices=LoanProduct.InstalmentRoundings)
    split_rounding = models.CharField(max_length=10, choices=LoanProduct.SplitRoundings)
    disbursed_on = models.DateField()
    first_due_date = models.DateField()
    due_day = models.PositiveSmallIntegerField(null=True)  # none when repaid by weeks
    frequency = models.CharField(
        max_length=12,
        choices=LoanProduct.Frequencies,
        default=LoanProduct.Frequencies.MONTHLY,
        db_default=LoanProduct.Frequencies.MONTHLY,
    )
    day_count = models.CharField(
        max_length=15,
        choices=LoanProduct.DayCounts,
        default=LoanProduct.DayCounts.EQUAL_PERIODS,
        db_default=LoanProduct.DayCounts.EQUAL_PERIODS,
    )
    broken_period_interest = models.CharField(
        max_length=21,
        choices=LoanProduct.BrokenPeriodInterests,
        default=LoanProduct.BrokenPeriodInterests.NONE,
        db_default=LoanProduct.BrokenPeriodInterests.NONE,
    )
    principal_moratorium_periods = models.PositiveSmallIntegerField(default=0, db_default=0)
    interest_moratorium_periods = models.PositiveSmallIntegerField(default=0, db_default=0)
    moratorium_interest = models.CharField(
        max_length=21,
        choices=LoanProduct.MoratoriumInterests,
        default=LoanProduct.MoratoriumInterests.WITH_FIRST_INSTALMENT,
        db_default=LoanProduct.MoratoriumInterests.WITH_FIRST_INSTALMENT,
    )
    broken_interest_paise = models.BigIntegerField(default=0, db_default=0)
    moratorium_interest_paise = models.BigIntegerField(default=0, db_default=0)
    capitalises_on = models.DateField(null=True)
    penal_grace_days = models.PositiveSmallIntegerField()
    penal_charge_paise = models.BigIntegerField()
    penal_rate_bps = models.PositiveIntegerField(default=0, db_default=0)
    penal_slabs = models.JSONField(default=list, db_default=[])
    penal_by_rule = models.BooleanField(
        default=False, db_default=False, help_text="By rate or slab, in place of the flat charge."
    )
    bounce_charge_paise = models.BigIntegerField(db_default=0)
    allocation_order = models.CharField(
        max_length=30,
        choices=LoanProduct.AllocationOrders,
        db_default=LoanProduct.AllocationOrders.OLDEST_INSTALMENT_FIRST.value,
    )
    npa_allocation_order = models.CharField(
        max_length=30,
        choices=LoanProduct.AllocationOrders,
        blank=True,
        default="",
        db_default="",
    )
    foreclosure_charge_bps = models.PositiveIntegerField(db_default=0, default=0)
    cooling_off_days = models.PositiveSmallIntegerField(
        null=True, help_text="From disbursement; empty: the lender's own."
    )
    cooling_off_returns_fee = models.BooleanField(default=False, db_default=False)
    instalment_paise = models.BigIntegerField()
    apr_bps = models.PositiveIntegerField()
    processing_fee_paise = models.BigIntegerField(default=0)
    fee_gst_paise = models.BigIntegerField(default=0)
    fee_collection = models.CharField(
        max_length=10,
        choices=LoanProduct.FeeCollections,
        default=LoanProduct.FeeCollections.NETTED,
        db_default=LoanProduct.FeeCollections.NETTED,
    )
    disbursed_at = models.DateTimeField(auto_now_add=True)

    # The position.
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    position_date = models.DateField()
    next_number = models.PositiveSmallIntegerField(default=1)
    next_interest_paid_paise = models.BigIntegerField(default=0)
    next_principal_paid_paise = models.BigIntegerField(default=0)
    capitalised_paise = models.BigIntegerField(default=0, db_default=0)
    principal_paid_paise = models.BigIntegerField(default=0)
    interest_paid_paise = models.BigIntegerField(default=0)
    charges_paid_paise = models.BigIntegerField(default=0)
    penal_paid_paise = models.BigIntegerField(default=0)
    advance_paise = models.BigIntegerField(default=0)
    excess_paise = models.BigIntegerField(default=0)
    penal_levied_through = models.PositiveSmallIntegerField(default=0)
    oldest_unpaid_due_date = models.DateField(null=True)
    npa_since = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    restructured_on = models.DateField(
        null=True, help_text="When its terms were last changed for the borrower's difficulty."
    )
    written_off_on = models.DateField(null=True, help_text="When it was taken off the books.")
    written_off_principal_paise = models.BigIntegerField(default=0, db_default=0)
    written_off_interest_paise = models.BigIntegerField(default=0, db_default=0)
    written_off_charges_paise = models.BigIntegerField(default=0, db_default=0)
    written_off_other_paise = models.BigIntegerField(default=0, db_default=0)
    written_off_penal_paise = models.BigIntegerField(default=0, db_default=0)
    written_off_fees_paise = models.BigIntegerField(default=0, db_default=0)
    given_up_paise = models.BigIntegerField(
        default=0, db_default=0, help_text="Of the claim, when it was given up."
    )
    holiday_ends_on = models.DateField(
        null=True, help_text="When the interest of an agreed holiday becomes principal."
    )
    holiday_interest_paise = models.BigIntegerField(
        default=0, db_default=0, help_text="What becomes principal then."
    )

    # What the borrower's class makes of the loan. No part of its own history: other loans count.
    borrower_npa_since = models.DateField(
        null=True, help_text="The day-end since which the borrower, with all loans, is an NPA."
    )
    borrower_marked_class = models.CharField(
        max_length=12, null=True, help_text="The borrower is of no better class: a person says so."
    )
    suspended_interest_paise = models.BigIntegerField(default=0, db_default=0)
    suspended_charges_paise = models.BigIntegerField(default=0, db_default=0)
    suspended_penal_paise = models.BigIntegerField(default=0, db_default=0)
    suspended_fees_paise = models.BigIntegerField(default=0, db_default=0)

    schedule_version = models.PositiveSmallIntegerField(
        db_default=1, help_text="Which of the loan's schedules is in force."
    )

    class Meta:
        constraints = LOAN_CONSTRAINTS
        indexes = LOAN_INDEXES

    def __str__(self) -> str:
        return self.public_id

    #: Whether its borrower's partner has an endpoint for webhooks: asked with the lock of the row,
    #: so None of a loan that was not locked to let something happen. A history that is taken over
    #: is told to nobody.
    listened_to: ClassVar[bool | None] = None

    @property
    def public_id(self) -> str:
        """The loan's number as people see it: `LN-2025-0456`."""
        return f"LN-{self.disbursed_on.year}-{self.pk:04d}"

    @property
    def principal_outstanding_paise(self) -> int:
        """What is still owed of the principal, capitalised interest among it, in paise."""
        return self.principal_paise + self.capitalised_paise - self.principal_paid_paise

    @property
    def non_performing_since(self) -> date | None:
        """Since when the borrower is an NPA: as classified, or by this loan's own arrears."""
        if self.status == self.Status.CLOSED:
            return None
        return self.borrower_npa_since or self.npa_since

    @property
    def marked_class(self) -> AssetClass | None:
        """What a person has the borrower marked as."""
        return AssetClass(self.borrower_marked_class) if self.borrower_marked_class else None

    @property
    def is_npa(self) -> bool:
        """Whether the borrower, and with it the loan, is non-performing."""
        return self.non_performing_since is not None

    @property
    def written_off_paise(self) -> int:
        """What was owed when the loan was taken off the books, in paise."""
        return (
            self.written_off_principal_paise
            + self.written_off_interest_paise
            + self.written_off_charges_paise
            + self.written_off_other_paise
            + self.written_off_penal_paise
            + self.written_off_fees_paise
        )

    @property
    def suspended_paise(self) -> int:
        """Income that was booked and not received, held in suspense, in paise."""
        return (
            self.suspended_interest_paise
            + self.suspended_charges_paise
            + self.suspended_penal_paise
            + self.suspended_fees_paise
        )

    @property
    def upfront_interest_paise(self) -> int:
        """The interest of the broken period that was kept back from the disbursement, in paise."""
        upfront = LoanProduct.BrokenPeriodInterests.UPFRONT
        return self.broken_interest_paise if self.broken_period_interest == upfront else 0

    @property
    def is_to_capitalise(self) -> bool:
        """Whether interest of a moratorium has yet to become principal."""
        pending = self.capitalises_on is not None and self.capitalised_paise == 0
        return pending and self.status == self.Status.ACTIVE

    def capitalises_by(self, day: date) -> bool:
        """Return whether interest that is not principal yet becomes it by a day."""
        moratorium = self.is_to_capitalise and self.capitalises_on is not None
        on = self.capitalises_on if moratorium else self.holiday_ends_on
        return on is not None and on <= day and self.status == self.Status.ACTIVE

    @property
    def net_disbursed_paise(self) -> int:
        """What reached the borrower, in paise: the principal less what was kept back from it."""
        netted = self.fee_collection == LoanProduct.FeeCollections.NETTED
        fee_paise = self.processing_fee_paise + self.fee_gst_paise if netted else 0
        return self.principal_paise - fee_paise - self.upfront_interest_paise
