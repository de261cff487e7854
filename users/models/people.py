"""Staff logins and borrowers."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from users.domain import employment
from users.domain.emails import MAX_EMAIL_LENGTH
from users.domain.identity import borrower_public_id
from users.domain.names import MAX_NAME_LENGTH
from users.models.partners import Partner


class User(AbstractUser):
    """A login of staff. Borrowers are no users: they are `Borrower` rows."""


class Borrower(models.Model):
    """A person who may borrow, as they declared it. Made by `services.register_borrower`."""

    class EmploymentType(models.TextChoices):
        SALARIED = employment.EmploymentType.SALARIED.value, "Salaried"
        SELF_EMPLOYED = employment.EmploymentType.SELF_EMPLOYED.value, "Self-employed"
        PENSIONER = employment.EmploymentType.PENSIONER.value, "Pensioner"
        STUDENT = employment.EmploymentType.STUDENT.value, "Student"
        UNEMPLOYED = employment.EmploymentType.UNEMPLOYED.value, "Unemployed"
        OTHER = employment.EmploymentType.OTHER.value, "Other"

    class KycStatus(models.TextChoices):
        DECLARED = "DECLARED", "Declared"
        VERIFIED = "VERIFIED", "Verified"
        FAILED = "FAILED", "Failed"

    name = models.CharField(max_length=MAX_NAME_LENGTH)
    email = models.EmailField("e-mail", max_length=MAX_EMAIL_LENGTH)
    date_of_birth = models.DateField(null=True, blank=True)
    annual_income_paise = models.BigIntegerField()
    employment_type = models.CharField(max_length=13, choices=EmploymentType)
    kyc_status = models.CharField(
        "KYC status", max_length=8, choices=KycStatus, default=KycStatus.DECLARED
    )
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="borrowers",
        help_text="Who registered the borrower, and may see them. Empty: the lender itself.",
    )
    may_sign_in = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Without it no code is sent, and every session is closed at once.",
    )

    wants_reminders = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Without it no mail tells of EMIs that come due. Receipts, overdue EMIs and "
        "closings are told in any case.",
    )

    erased_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Since then nothing here tells who it was; the loans stay.",
    )

    class Meta:
        permissions = [
            ("export_borrower", "Can export everything held on a borrower"),
            ("erase_borrower", "Can erase who a borrower is"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["email"], name="borrower_email_is_unique"),
            models.CheckConstraint(
                condition=Q(email=Lower("email")) & Q(email__contains="@"),
                name="borrower_email_is_a_lower_case_address",
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"^\S") & Q(name__regex=r"\S$"),
                name="borrower_name_is_trimmed_and_not_blank",
            ),
            models.CheckConstraint(
                condition=Q(
                    employment_type__in=[
                        "SALARIED",
                        "SELF_EMPLOYED",
                        "PENSIONER",
                        "STUDENT",
                        "UNEMPLOYED",
                        "OTHER",
                    ]
                ),
                name="borrower_employment_type_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kyc_status__in=["DECLARED", "VERIFIED", "FAILED"]),
                name="borrower_kyc_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(annual_income_paise__gte=0)
                & Q(annual_income_paise__lte=employment.MAX_ANNUAL_INCOME_PAISE),
                name="borrower_income_is_at_most_100_crore_rupees",
            ),
            models.CheckConstraint(
                condition=~Q(employment_type__in=["SALARIED", "PENSIONER"])
                | Q(annual_income_paise__gt=0),
                name="borrower_with_salary_or_pension_has_income",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.name}"

    @property
    def public_id(self) -> str:
        """The borrower's id as people see it: `BC-USER-009`."""
        return borrower_public_id(self.pk)
