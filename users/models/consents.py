"""What people have agreed to, and what they have taken back."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from users.domain import consents
from users.models.people import Borrower


class Consent(AppendOnly):
    """A consent given, or withdrawn: another row. The newest of a purpose says how it stands."""

    class Purpose(models.TextChoices):
        LOAN_PROCESSING = consents.Purpose.LOAN_PROCESSING.value, "Loan processing"
        CREDIT_BUREAU_ENQUIRY = (
            consents.Purpose.CREDIT_BUREAU_ENQUIRY.value,
            "Credit bureau enquiry",
        )
        MARKETING = consents.Purpose.MARKETING.value, "Marketing"

    class Action(models.TextChoices):
        GIVEN = consents.Action.GIVEN.value, "Given"
        WITHDRAWN = consents.Action.WITHDRAWN.value, "Withdrawn"

    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="consents", db_index=False
    )
    purpose = models.CharField(max_length=21, choices=Purpose)
    action = models.CharField(max_length=9, choices=Action)
    text_version = models.CharField(
        max_length=consents.MAX_VERSION_LENGTH, help_text="Of the text that the person was shown."
    )
    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=100, help_text="Who told us: borrower:9, partner:3.")
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["LOAN_PROCESSING", "CREDIT_BUREAU_ENQUIRY", "MARKETING"]),
                name="consent_purpose_is_known",
            ),
            models.CheckConstraint(
                condition=Q(action__in=["GIVEN", "WITHDRAWN"]), name="consent_action_is_known"
            ),
            models.CheckConstraint(
                condition=Q(text_version__regex=f"^{consents.VERSION_PATTERN}$"),
                name="consent_names_the_text_that_was_shown",
            ),
        ]
        indexes = [models.Index(fields=["borrower", "purpose", "-id"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.action}"
