"""The first step of a billing run: reading the bank-transaction file."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from credit.models import TransactionFile
from credit.services.transactions import LoadProgress, load_transaction_file
from credit.transactions_file.layout import RejectCode


def read_transactions(
    path: Path | None, *, as_of: date, progress: Callable[[str, int, int], None]
) -> TransactionFile | None:
    """Load the file if there is one and it can add anything to what was loaded last.

    A file that is refused is recorded with its reason and does not stop the billing: dues do not
    depend on it.
    """
    if path is None or not path.is_file() or _is_known(path):
        return None

    def advance(loaded: LoadProgress) -> None:
        progress("transactions", loaded.bytes_done, loaded.bytes_total or loaded.bytes_done)

    return load_transaction_file(path, name=path.name, as_of=as_of, progress=advance).file


def _is_known(path: Path) -> bool:
    """Return whether this very file was loaded last, with no row that waits for its borrower."""
    last = TransactionFile.objects.filter(name=path.name).order_by("-id").first()
    if last is None or last.status != TransactionFile.Status.LOADED:
        return False
    if last.size_bytes != path.stat().st_size:
        return False
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != last.sha256:
            return False
    return not last.rejections.filter(code=RejectCode.UNKNOWN_USER).exists()
