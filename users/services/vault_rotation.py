"""Moving the vault's records to the active key and pepper, batch by batch.

A record that is moved says so itself (its key's and its pepper's id), so a rotation that was
stopped goes on where it stood, and two at once share the work. Each batch is a transaction; a
record is locked while it is moved, and readable all the time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from users import aadhaar_vault
from users.aadhaar_vault import SealedNumber, VaultFault
from users.models import AadhaarRecord

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How many records were moved, and which ones do not open and were left as they are."""

    moved: int
    faulty: tuple[UUID, ...]


def waiting_records() -> QuerySet[AadhaarRecord]:
    """Return the records that are not under the active key and pepper."""
    return AadhaarRecord.objects.exclude(
        key_id=settings.AADHAAR_ACTIVE_KEY, pepper_id=aadhaar_vault.pepper_id()
    )


def rotate_vault(progress: Callable[[int], None], *, batch: int = BATCH) -> Rotation:
    """Encrypt every record anew that is not under the active key, and fingerprint it anew.

    `progress` is told how many records each batch has dealt with, after it has committed.
    """
    moved, after = 0, None
    faulty: list[UUID] = []
    while True:
        waiting = waiting_records() if after is None else waiting_records().filter(pk__gt=after)
        with transaction.atomic():
            locked = waiting.select_for_update(skip_locked=True).order_by("pk")
            records = list(locked[:batch])
            faults = [record.pk for record in records if not _move(record)]
        if not records:
            return Rotation(moved=moved, faulty=tuple(faulty))
        after = records[-1].pk
        moved += len(records) - len(faults)
        faulty += faults
        progress(len(records))


@sensitive_variables()
def _move(record: AadhaarRecord) -> bool:
    """Move a locked record; return False for one that does not open."""
    sealed = SealedNumber(key_id=record.key_id, ciphertext=bytes(record.ciphertext))
    try:
        number = aadhaar_vault.unseal(sealed, record_id=record.pk)
    except VaultFault:
        return False
    anew = aadhaar_vault.seal(number, record_id=record.pk)
    record.key_id, record.ciphertext = anew.key_id, anew.ciphertext
    record.number_hmac = aadhaar_vault.fingerprint(number)
    record.pepper_id = aadhaar_vault.pepper_id()
    record.save(update_fields=["key_id", "ciphertext", "number_hmac", "pepper_id"])
    return True
