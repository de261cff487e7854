"""Staff logins, borrowers, and the vault's records of their Aadhaar numbers."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from users.aadhaar_vault import FINGERPRINT_BYTES, SEALED_BYTES
from users.domain import employment
from users.domain.emails import MAX_EMAIL_LENGTH
from users.domain.identity import borrower_public_id
from users.domain.names import MAX_NAME_LENGTH


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

    class Meta:
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


class AadhaarRecord(models.Model):
    """A borrower's Aadhaar number as the vault keeps it. The number itself is nowhere.

    The key is a UUID made before the row is written, because the ciphertext is bound to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    borrower = models.OneToOneField(
        Borrower, on_delete=models.PROTECT, related_name="aadhaar_record"
    )
    number_hmac = models.BinaryField()
    ciphertext = models.BinaryField()
    key_id = models.CharField(max_length=64)
    last_four = models.CharField(max_length=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number_hmac"], name="aadhaar_number_is_unique"),
            models.CheckConstraint(
                condition=Exact(Length("number_hmac"), FINGERPRINT_BYTES),
                name="aadhaar_hmac_is_32_bytes",
            ),
            models.CheckConstraint(
                condition=Exact(Length("ciphertext"), SEALED_BYTES),
                name="aadhaar_ciphertext_is_41_bytes",
            ),
            models.CheckConstraint(condition=~Q(key_id=""), name="aadhaar_key_id_is_not_blank"),
            models.CheckConstraint(
                condition=Q(last_four__regex=r"^[0-9]{4}$"),
                name="aadhaar_last_four_are_digits",
            ),
        ]

    def __str__(self) -> str:
        return f"Aadhaar record of {borrower_public_id(self.borrower_id)}"
