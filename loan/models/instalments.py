"""The instalments of loans: every schedule that a loan has had."""

from django.db import models
from django.db.models import F, Q

from bright_credit.common.append_only import AppendOnly
from loan.models.loans import Loan


class Instalment(AppendOnly):
    """One row of a schedule of a loan, written once.

    A loan whose terms change gets another schedule beside the one it has: a new `version`, whole.
    `revision` is the version that brought the row as it stands: rows that a new version leaves
    alone keep it, and so does their bill.
    """

    pk = models.CompositePrimaryKey("loan_id", "version", "number")
    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, related_name="instalments", db_index=False
    )
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    opening_principal_paise = models.BigIntegerField()
    principal_paise = models.BigIntegerField()
    interest_paise = models.BigIntegerField()
    version = models.PositiveSmallIntegerField(db_default=1)
    revision = models.PositiveSmallIntegerField(db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(principal_paise__gte=0)
                & Q(interest_paise__gte=0)
                & Q(opening_principal_paise__gte=F("principal_paise")),
                name="instalment_components_are_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date", "loan"],
                include=["number", "principal_paise", "interest_paise", "version", "revision"],
                name="instalment_by_due_date",
            ),
        ]

    def __str__(self) -> str:
        return f"instalment {self.number} of loan {self.loan_id}"

    @property
    def total_paise(self) -> int:
        """Principal and interest together, in paise."""
        return self.principal_paise + self.interest_paise
