"""Moving the vault's records to the active key and pepper, kind by kind and batch by batch.

A record that is moved says so itself (its key's and its pepper's id), so a rotation that was
stopped goes on where it stood, and two at once share the work. Each batch is a transaction; a
record is locked while it is moved, and readable all the time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from users import vault
from users.models import AadhaarRecord, PanRecord, PhoneRecord, VaultRecord
from users.models.vault import FingerprintedRecord
from users.services.keeping import keep
from users.vault import Sealed, VaultFault

BATCH = 500

KINDS: Final[tuple[type[VaultRecord], ...]] = (AadhaarRecord, PanRecord, PhoneRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How many records were moved, and which ones do not open and were left as they are.

    A record that does not open is named by its table and key.
    """

    moved: int
    faulty: tuple[str, ...]


def waiting_records(kind: type[VaultRecord]) -> QuerySet[VaultRecord]:
    """Return the records of a kind that are not under the active key and, if any, pepper."""
    now = {"key_id": settings.AADHAAR_ACTIVE_KEY}
    if issubclass(kind, FingerprintedRecord):
        now["pepper_id"] = vault.pepper_id()
    waiting: QuerySet[VaultRecord] = kind._default_manager.exclude(**now)
    return waiting


def waiting_count() -> int:
    """Return how many records of all kinds wait to be moved."""
    return sum(waiting_records(kind).count() for kind in KINDS)


def rotate_vault(progress: Callable[[int], None], *, batch: int = BATCH) -> Rotation:
    """Encrypt every record anew that is not under the active key, and fingerprint it anew.

    `progress` is told how many records each batch has dealt with, after it has committed.
    """
    moved = 0
    faulty: list[str] = []
    for kind in KINDS:
        for count, faults in _batches(kind, batch=batch):
            moved += count - len(faults)
            faulty += faults
            progress(count)
    return Rotation(moved=moved, faulty=tuple(faulty))


def _batches(kind: type[VaultRecord], *, batch: int) -> Iterator[tuple[int, list[str]]]:
    """Deal with the records of a kind; yield of each batch how many, and which do not open."""
    after = None
    while True:
        waiting = waiting_records(kind)
        rest = waiting if after is None else waiting.filter(pk__gt=after)
        with transaction.atomic():
            records = list(rest.select_for_update(skip_locked=True).order_by("pk")[:batch])
            faults = [
                f"{kind._meta.db_table} {record.pk}" for record in records if not _move(record)
            ]
        if not records:
            return
        after = records[-1].pk
        yield len(records), faults


@sensitive_variables()
def _move(record: VaultRecord) -> bool:
    """Move a locked record; return False for one that does not open."""
    sealed = Sealed(key_id=record.key_id, ciphertext=bytes(record.ciphertext))
    try:
        text = vault.unseal(sealed, kind=record.KIND, record_id=record.pk)
    except VaultFault:
        return False
    keep(text, record)
    return True
