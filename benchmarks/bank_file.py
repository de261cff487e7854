"""Bank-transaction files of any length: drawn from a seed, written block by block.

Like real ones: in order of date, about two hundred rows a borrower over half a year, a salary and a
loan's instalment each month, and most narrations with a reference number that occurs once.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from credit.transactions_file.layout import COLUMNS
from users.domain.identity import borrower_public_id

ROWS_A_BORROWER = 200
DAYS = 180

_BLOCK_ROWS = 250_000
_MERCHANTS = ("SWIGGY", "BIGBASKET", "IRCTC", "AIRTEL", "AMAZON", "DMART", "APOLLO", "UBER")
_REFERENCE = 10**12


def write_bank_file(path: Path, *, rows: int, ends_on: date, seed: int) -> None:
    """Write a file of so many rows whose last day is `ends_on`."""
    random = np.random.default_rng(seed)
    borrowers = max(1, rows // ROWS_A_BORROWER)
    first_day = ends_on - timedelta(days=DAYS - 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for start in range(0, rows, _BLOCK_ROWS):
            count = min(_BLOCK_ROWS, rows - start)
            days = (np.arange(start, start + count) * DAYS) // rows
            block = _block(random, days, borrowers=borrowers, first_day=first_day)
            block.to_csv(file, index=False, header=False, lineterminator="\n")


def _block(
    random: np.random.Generator,
    days: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    *,
    borrowers: int,
    first_day: date,
) -> pd.DataFrame:
    count = len(days)
    dates = np.array([(first_day + timedelta(days=day)).isoformat() for day in range(DAYS)])
    ids = np.array([borrower_public_id(key) for key in range(1, borrowers + 1)])
    kind = random.integers(0, 100, count)
    rupees = random.integers(1, 20_000, count)
    paise = np.where(random.integers(0, 3, count) == 0, random.integers(0, 100, count), 0)
    amounts = pd.Series(rupees).astype(str)
    with_paise = amounts + "." + pd.Series(paise).astype(str).str.zfill(2)
    references = pd.Series(random.integers(_REFERENCE // 10, _REFERENCE, count)).astype(str)
    merchants = pd.Series(np.array(_MERCHANTS)[random.integers(0, len(_MERCHANTS), count)])
    description = "UPI/" + references + "/" + merchants
    description = description.mask(kind < 4, "SALARY").mask((kind >= 4) & (kind < 8), "LOAN_EMI")
    return pd.DataFrame(
        {
            "user_id": ids[random.integers(0, borrowers, count)],
            "transaction_date": dates[days],
            "amount": amounts.where(pd.Series(paise == 0), with_paise),
            "type": np.where((kind < 4) | (kind > 90), "CREDIT", "DEBIT"),
            "description": description,
        }
    )
