"""Loading a bank-transaction file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from credit.models import TransactionFile
from credit.transactions_file.checking import check
from credit.transactions_file.layout import FileRefused
from credit.transactions_file.loading import (
    KnownBorrowers,
    Posted,
    Staging,
    Total,
    record_rejections,
)
from credit.transactions_file.manifest import Manifest, rejections
from credit.transactions_file.reading import read_blocks
from credit.transactions_file.source import Source, open_source

MAX_NAME_LENGTH = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProgress:
    """How far a load is: `bytes_total` is None for a stream that does not know its size."""

    rows: int
    bytes_done: int
    bytes_total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file's manifest, and the keys of the borrowers who got new transactions from it."""

    file: TransactionFile
    touched_borrower_ids: tuple[int, ...]


Progress = Callable[[LoadProgress], None]


def no_progress(progress: LoadProgress) -> None:
    """Report to nobody."""


def load_transaction_file(
    source: Path | BinaryIO, *, name: str, as_of: date, progress: Progress = no_progress
) -> LoadedFile:
    """Read a file, post the transactions that are new, and account for every row.

    The whole file is checked before a row is posted, and it is posted in one transaction. Rows that
    break a rule are set aside with their line number and the reason; a transaction dated after
    `as_of` is one of them. A file that cannot be taken as a whole is recorded as REFUSED with its
    reason, never raised.
    """
    file = TransactionFile.objects.create(name=_clean(name), as_of_date=as_of)
    max_bytes = settings.TRANSACTIONS_FILE_MAX_BYTES
    try:
        with transaction.atomic():
            if isinstance(source, Path):
                with open_source(source, max_bytes=max_bytes) as opened:
                    posted = _load(file, opened, as_of=as_of, progress=progress)
            else:
                opened = Source(source, max_bytes=max_bytes)
                posted = _load(file, opened, as_of=as_of, progress=progress)
    except FileRefused as refusal:
        return LoadedFile(file=_refused(file, refusal), touched_borrower_ids=())
    return LoadedFile(file=file, touched_borrower_ids=posted.borrower_ids)


def _load(file: TransactionFile, source: Source, *, as_of: date, progress: Progress) -> Posted:
    """Stage the good rows, set the others aside, and post what is new."""
    manifest = Manifest()
    with Staging() as staging:
        known = KnownBorrowers(before_asking=staging.settle)
        for block in read_blocks(source):
            checked = check(block.table, as_of=as_of, known_borrowers=known.among)
            manifest.count(block, checked)
            staging.add(block.encoded.bytes_of(checked.good))
            set_aside = rejections(block, checked)
            if set_aside:
                staging.settle()
                record_rejections(set_aside, file_id=file.pk)
            progress(
                LoadProgress(
                    rows=manifest.rows,
                    bytes_done=source.bytes_read,
                    bytes_total=source.size_bytes,
                )
            )
        warnings = manifest.warnings + source.require_unchanged()
        posted = staging.post(file_id=file.pk)
    duplicates = manifest.duplicates(posted)
    file.warnings = list(warnings)
    file.sha256 = source.sha256
    file.size_bytes = source.bytes_read
    _record(file, manifest, accepted=posted.total, duplicates=duplicates)
    return posted


def _record(
    file: TransactionFile, manifest: Manifest, *, accepted: Total, duplicates: Total
) -> None:
    """Write down what became of a file that was loaded."""
    file.status = TransactionFile.Status.LOADED
    file.rows = manifest.rows
    file.amount_paise = manifest.amount_paise
    file.accepted_rows = accepted.rows
    file.accepted_amount_paise = accepted.amount_paise
    file.duplicate_rows = duplicates.rows
    file.duplicate_amount_paise = duplicates.amount_paise
    file.rejected_rows = manifest.rejected_rows
    file.rejected_amount_paise = manifest.rejected_amount_paise
    file.unreadable_amounts = manifest.unreadable_amounts
    file.finished_at = timezone.now()
    file.save()


def _refused(file: TransactionFile, refusal: FileRefused) -> TransactionFile:
    file.status = TransactionFile.Status.REFUSED
    file.refusal_code = refusal.code
    file.refusal_text = refusal.message
    file.finished_at = timezone.now()
    file.save()
    return file


def _clean(name: str) -> str:
    """Return a file's name without its folders and without characters that do not print."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:MAX_NAME_LENGTH] or "unnamed"
