"""Taking in a bank-transaction file that a person hands over, outside the daily run."""

from datetime import date
from typing import BinaryIO

from credit.models import TransactionFile
from credit.services.transactions import load_transaction_file
from loan.services.billing.rescoring import refresh_scores


def take_in(stream: BinaryIO, *, name: str, as_of: date) -> TransactionFile:
    """Load a file and refresh the scores of those who got new transactions from it.

    A file that is refused is recorded with its reason, never raised.
    """
    loaded = load_transaction_file(stream, name=name, as_of=as_of)
    refresh_scores(as_of=as_of)
    return loaded.file
