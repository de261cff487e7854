"""A load that is killed leaves nothing behind; loading again gives what an undisturbed one gives.

The load runs in a process of its own, on the database of the test, and is killed without notice at
different points of its work.
"""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from benchmarks.bank_file import write_bank_file
from bright_credit.common.money import parse_rupees
from credit.models import BankTransaction, TransactionFile
from credit.services.transactions import load_transaction_file
from users.domain.identity import parse_borrower_public_id
from users.models import Borrower

ROWS = 60_000
DAY = date(2026, 6, 16)
PATIENCE_SECONDS = 60.0

#: Loads the file of the command line, and stops for good at a point of the work that it is told.
_LOADER = """
import sys, time
import django
django.setup()
from datetime import date
from pathlib import Path
from credit.services import transactions
from credit.transactions_file import loading

path, point = Path(sys.argv[1]), sys.argv[2]

def stay():
    print("here", flush=True)
    time.sleep(600)

def report(progress):
    if point == "reading" and progress.rows > 0:
        stay()

post = loading.Staging.post
def post_and_stay(self, *, file_id):
    if point == "before-posting":
        stay()
    posted = post(self, file_id=file_id)
    if point == "posted-not-committed":
        stay()
    return posted
loading.Staging.post = post_and_stay
transactions.load_transaction_file(path, name=path.name, as_of=date(2026, 6, 16), progress=report)
"""

Row = tuple[int, date, int, str, str]


@pytest.fixture
def bank_file(tmp_path: Path) -> Path:
    path = tmp_path / "bank.csv"
    write_bank_file(path, rows=ROWS, ends_on=DAY, seed=7)
    return path


@pytest.fixture
def borrowers(transactional_db: None) -> None:
    Borrower.objects.bulk_create(
        Borrower(
            pk=key,
            name=f"Borrower {key}",
            email=f"borrower-{key}@example.com",
            annual_income_paise=100_000_00,
            employment_type=Borrower.EmploymentType.SALARIED,
        )
        for key in range(1, ROWS // 200 + 1)
    )


def _loader(path: Path, point: str) -> subprocess.Popen[str]:
    url = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
        "DJANGO_SETTINGS_MODULE": "bright_credit.settings_test",
    }
    return subprocess.Popen(
        [sys.executable, "-c", _LOADER, str(path), point],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def killed(bank_file: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """Start a load, wait until it is at the point, and kill it there."""
    process = _loader(bank_file, request.param)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().strip() == "here"
        assert TransactionFile.objects.get().status == TransactionFile.Status.RECEIVED
        process.kill()
        assert process.wait() == -9
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _posted() -> list[Row]:
    rows = BankTransaction.objects.values_list(
        "borrower_id", "transaction_date", "amount_paise", "type", "description"
    )
    return sorted(rows)


def _in_the_file(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(
            (
                parse_borrower_public_id(row["user_id"]),
                date.fromisoformat(row["transaction_date"]),
                parse_rupees(row["amount"]),
                row["type"],
                row["description"],
            )
            for row in csv.DictReader(file)
        )


def _wait_until_its_session_has_ended() -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise AssertionError("the session of a killed load goes on")


@pytest.mark.parametrize(
    "killed", ["reading", "before-posting", "posted-not-committed"], indirect=True
)
@pytest.mark.usefixtures("borrowers", "killed")
def test_a_killed_load_leaves_nothing_and_loading_again_gives_every_row_once(
    bank_file: Path,
) -> None:
    _wait_until_its_session_has_ended()
    assert not BankTransaction.objects.exists()

    again = load_transaction_file(bank_file, name=bank_file.name, as_of=DAY).file

    assert (again.accepted_rows, again.duplicate_rows, again.rejected_rows) == (ROWS, 0, 0)
    assert _posted() == _in_the_file(bank_file)
    once_more = load_transaction_file(bank_file, name=bank_file.name, as_of=DAY).file
    assert (once_more.accepted_rows, once_more.duplicate_rows) == (0, ROWS)
