"""The vault's records of Aadhaar numbers."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from users.aadhaar_vault import FINGERPRINT_BYTES, SEALED_BYTES
from users.domain.identity import borrower_public_id
from users.models.people import Borrower


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
    pepper_id = models.CharField(
        max_length=16, db_default="", help_text="The pepper of the HMAC. Empty: not known."
    )

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
