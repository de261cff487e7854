"""`python manage.py load_transactions`."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import Settings

from credit.models import TransactionFile
from tests.integration.credit.bank_files import HEADER, borrowers, row

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("load_transactions", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with a good row and two bad ones."""
    person = borrowers(1)[0]
    file = tmp_path / "bank.csv"
    file.write_bytes(HEADER + row(person) + b"nonsense\n" + row(person, day="2026-01-15"))
    return file


def test_it_prints_what_became_of_the_file(path: Path) -> None:
    printed = run(str(path), "--date", "2026-01-14")
    assert "accepted" in printed
    assert "₹2,50,000.00" in printed
    assert "line 3: too_few_fields: The row has fewer than 5 fields." in printed
    assert "line 4: date_in_future: transaction_date is in the future." in printed
    assert "amounts that cannot be read, all rejected: 1" in printed
    assert TransactionFile.objects.get().accepted_rows == 1


@time_machine.travel("2026-01-14T18:30:00Z", tick=False)
def test_without_a_date_it_is_today_in_india(path: Path) -> None:
    run(str(path))
    file = TransactionFile.objects.get()
    assert (file.accepted_rows, file.rejected_rows) == (2, 1)
    assert file.as_of_date.isoformat() == "2026-01-15"


def test_without_a_path_it_loads_the_file_of_the_settings(path: Path, settings: Settings) -> None:
    settings.TRANSACTIONS_FILE = path
    run("--date", "2026-01-15")
    assert TransactionFile.objects.get().name == "bank.csv"


def test_a_refused_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such file"):
        run(str(tmp_path / "missing.csv"))
    assert TransactionFile.objects.get().status == "REFUSED"


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", ""])
def test_a_date_that_is_none_is_an_error(path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="date"):
        run(str(path), "--date", text)
    assert not TransactionFile.objects.exists()


def test_a_long_list_of_rejections_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(HEADER + b"nonsense\n" * 25)
    printed = run(str(file))
    assert "line 21:" in printed
    assert "line 22:" not in printed
    assert "and 5 more" in printed
