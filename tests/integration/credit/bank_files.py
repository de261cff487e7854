"""Bank-transaction files for tests, and what became of them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from credit.models import BankTransaction, TransactionFile
from credit.services.transactions import LoadedFile, load_transaction_file
from users.models import Borrower

AS_OF = date(2026, 1, 15)
HEADER = b"user_id,transaction_date,amount,type,description\n"


def borrowers(count: int) -> list[Borrower]:
    """Return so many borrowers, written as rows: registering thousands would take minutes."""
    return Borrower.objects.bulk_create(
        Borrower(
            name=f"Borrower {number}",
            email=f"borrower{number}@example.com",
            annual_income_paise=60_000_000,
            employment_type="SALARIED",
        )
        for number in range(count)
    )


def row(
    borrower: Borrower,
    *,
    day: str = "2025-03-15",
    amount: str = "250000",
    kind: str = "CREDIT",
    description: str = "SALARY",
) -> bytes:
    """Return one row of a file, quoted where it must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(
        [borrower.public_id, day, amount, kind, description]
    )
    return text.getvalue().encode()


def load(
    content: bytes | Iterable[bytes], *, as_of: date = AS_OF, header: bytes = HEADER
) -> LoadedFile:
    """Load a file with this content below the header."""
    body = content if isinstance(content, bytes) else b"".join(content)
    return load_transaction_file(io.BytesIO(header + body), name="test.csv", as_of=as_of)


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a manifest."""

    accepted: int
    duplicate: int
    rejected: int


def counts(file: TransactionFile) -> Counts:
    """Return the counts of a loaded file, having checked that it lost nothing."""
    file.refresh_from_db()
    assert file.status == TransactionFile.Status.LOADED, file.refusal_text
    assert file.rows == file.accepted_rows + file.duplicate_rows + file.rejected_rows
    assert file.amount_paise == (
        file.accepted_amount_paise + file.duplicate_amount_paise + file.rejected_amount_paise
    )
    assert file.rejections.count() == file.rejected_rows
    assert BankTransaction.objects.filter(file=file).count() == file.accepted_rows
    return Counts(file.accepted_rows, file.duplicate_rows, file.rejected_rows)


def rejected(file: TransactionFile) -> list[tuple[int, str]]:
    """Return line and code of every rejected row."""
    return list(file.rejections.order_by("line_number").values_list("line_number", "code"))
