"""The vault's records: Aadhaar numbers, PANs and phone numbers as they are kept, sealed."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from users import vault
from users.domain.identity import borrower_public_id
from users.models.people import Borrower
from users.vault import FINGERPRINT_BYTES, Kind


def _sealed(
    kind: Kind, *, last_four: str = "[0-9]{4}", words: str = "digits"
) -> list[BaseConstraint]:
    """Return what holds of every record of a kind; `last_four` is a regular expression."""
    return [
        models.CheckConstraint(
            condition=Exact(Length("ciphertext"), kind.sealed_bytes),
            name=f"{kind.name}_ciphertext_is_{kind.sealed_bytes}_bytes",
        ),
        models.CheckConstraint(condition=~Q(key_id=""), name=f"{kind.name}_key_id_is_not_blank"),
        models.CheckConstraint(
            condition=Q(last_four__regex=f"^{last_four}$"),
            name=f"{kind.name}_last_four_are_{words}",
        ),
    ]


def _unique(kind: Kind) -> list[BaseConstraint]:
    """Return what holds of the fingerprints of a kind that one borrower alone may have."""
    return [
        models.UniqueConstraint(fields=["number_hmac"], name=f"{kind.name}_number_is_unique"),
        models.CheckConstraint(
            condition=Exact(Length("number_hmac"), FINGERPRINT_BYTES),
            name=f"{kind.name}_hmac_is_32_bytes",
        ),
    ]


class VaultRecord(models.Model):
    """One text of a borrower's as the vault keeps it. The text itself is nowhere.

    The key is a UUID made before the row is written, because the ciphertext is bound to it.
    """

    KIND: ClassVar[Kind]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ciphertext = models.BinaryField()
    key_id = models.CharField(max_length=64)
    last_four = models.CharField(max_length=4)

    class Meta:
        abstract = True


class FingerprintedRecord(VaultRecord):
    """A record of a text that one borrower alone may have."""

    number_hmac = models.BinaryField()
    pepper_id = models.CharField(
        max_length=16, db_default="", help_text="The pepper of the HMAC. Empty: not known."
    )

    class Meta:
        abstract = True


class AadhaarRecord(FingerprintedRecord):
    """A borrower's Aadhaar number. Somebody taken over or erased has none."""

    KIND = vault.AADHAAR

    borrower = models.OneToOneField(
        Borrower, on_delete=models.PROTECT, related_name="aadhaar_record"
    )

    class Meta:
        constraints = [*_unique(vault.AADHAAR), *_sealed(vault.AADHAAR)]

    def __str__(self) -> str:
        return f"Aadhaar record of {borrower_public_id(self.borrower_id)}"


class PanRecord(FingerprintedRecord):
    """A borrower's PAN, if they have given one."""

    KIND = vault.PAN

    borrower = models.OneToOneField(Borrower, on_delete=models.PROTECT, related_name="pan_record")

    class Meta:
        constraints = [
            *_unique(vault.PAN),
            *_sealed(vault.PAN, last_four="[0-9]{3}[A-Z]", words="its_end"),
        ]

    def __str__(self) -> str:
        return f"PAN record of {borrower_public_id(self.borrower_id)}"


class PhoneRecord(VaultRecord):
    """A borrower's phone number, if they have given one; others may have the same."""

    KIND = vault.PHONE

    borrower = models.OneToOneField(Borrower, on_delete=models.PROTECT, related_name="phone_record")

    class Meta:
        constraints = _sealed(vault.PHONE)

    def __str__(self) -> str:
        return f"Phone record of {borrower_public_id(self.borrower_id)}"
