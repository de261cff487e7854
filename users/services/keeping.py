"""Keeping in the vault what tells who a borrower is, and finding who has it already."""

from typing import Any, Final

from django.db import IntegrityError
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables
from psycopg.errors import UniqueViolation

from bright_credit.common.errors import Conflict
from users import vault
from users.models import AadhaarRecord, Borrower, PanRecord, VaultRecord
from users.models.vault import FingerprintedRecord

#: The unique keys that decide who was first when two writers race.
_IDENTITY_CONSTRAINTS: Final = frozenset(
    {"borrower_email_is_unique", "aadhaar_number_is_unique", "pan_number_is_unique"}
)


class AlreadyRegistered(Conflict):
    """An account exists with a detail given; which one, and whose, is not told."""

    code = "already_registered"


def already_registered() -> AlreadyRegistered:
    """Return the refusal of a detail that is somebody's already, the same for every detail."""
    return AlreadyRegistered(
        "An account with these details already exists. If it is yours, sign in or ask support."
    )


def is_taken_identity(error: IntegrityError) -> bool:
    """Tell whether it was an e-mail address, an Aadhaar number or a PAN that is taken."""
    cause = error.__cause__
    return (
        isinstance(cause, UniqueViolation) and cause.diag.constraint_name in _IDENTITY_CONSTRAINTS
    )


@sensitive_variables()
def known_by_email(email: str) -> QuerySet[Any, int]:
    """Return the key of the borrower with a normalised address."""
    return Borrower.objects.filter(email=email).values_list("pk", flat=True)


@sensitive_variables()
def known_by(
    text: str, *, records: type[AadhaarRecord | PanRecord], besides: Borrower | None = None
) -> QuerySet[Any, int]:
    """Return the keys of borrowers of whom a text is kept, under whichever pepper."""
    known = vault.known_fingerprints(text, kind=records.KIND)
    found = records._default_manager.filter(number_hmac__in=known)
    others = found if besides is None else found.exclude(borrower=besides)
    return others.values_list("borrower_id", flat=True)


@sensitive_variables()
def keep(text: str, record: VaultRecord) -> None:
    """Write a record, new or not, with a checked text under the active key and present pepper."""
    sealed = vault.seal(text, kind=record.KIND, record_id=record.pk)
    record.key_id, record.ciphertext = sealed.key_id, sealed.ciphertext
    record.last_four = text[-4:]
    if isinstance(record, FingerprintedRecord):
        record.number_hmac = vault.fingerprint(text, kind=record.KIND)
        record.pepper_id = vault.pepper_id()
    record.save()
