"""Applications and the decisions taken on them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from bright_credit.common.append_only import AppendOnly
from credit.models import CreditScore
from loan.models.products import LoanProduct
from users.models import Borrower


class LoanApplication(models.Model):
    """A borrower's request for a loan, with what was decided and every reason."""

    class Status(models.TextChoices):
        APPROVED = "APPROVED"
        REFERRED = "REFERRED"
        REJECTED = "REJECTED"

    class Purpose(models.TextChoices):
        HOME_RENOVATION = "HOME_RENOVATION"
        MEDICAL = "MEDICAL"
        EDUCATION = "EDUCATION"
        WEDDING = "WEDDING"
        TRAVEL = "TRAVEL"
        DEBT_CONSOLIDATION = "DEBT_CONSOLIDATION"
        VEHICLE = "VEHICLE"
        BUSINESS = "BUSINESS"
        OTHER = "OTHER"

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="applications")
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT)
    amount_paise = models.BigIntegerField()
    tenure_months = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=30, choices=Purpose)
    status = models.CharField(max_length=10, choices=Status)
    submitted_on = models.DateField()
    submitted_at = models.DateTimeField(auto_now_add=True)

    credit_score = models.ForeignKey(CreditScore, on_delete=models.PROTECT, null=True)
    annual_rate_bps = models.PositiveIntegerField(null=True)
    instalment_paise = models.BigIntegerField(null=True)
    foir_bps = models.PositiveIntegerField(null=True)
    reasons = models.JSONField(default=list)
    counter_offer = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["APPROVED", "REFERRED", "REJECTED"]),
                name="application_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_paise__gt=0), name="application_amount_is_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "-id"], name="application_by_borrower"),
            # Operations' queue: the applications that wait for a person.
            models.Index(
                fields=["id"], name="application_referred", condition=Q(status="REFERRED")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        """The application's number as people see it: `AP-2026-0001`."""
        return f"AP-{self.submitted_on.year}-{self.pk:04d}"


class ApplicationDecision(AppendOnly):
    """One decision on an application: by the policy if `decided_by` is empty, else by a person."""

    application = models.ForeignKey(
        LoanApplication, on_delete=models.PROTECT, related_name="decisions"
    )
    outcome = models.CharField(max_length=10, choices=LoanApplication.Status)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    decided_at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(note=""),
                name="decision_by_a_person_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk} of application {self.application_id}"
