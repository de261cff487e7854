"""Building the sample data: always the same files, in an empty database that stays empty."""

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ledger.models import Entry
from loan.models import Loan, LoanProduct
from loan.services.demo.fixture import BookNotEmpty, sample_fixture
from tests.builders import a_borrower
from users.models import Borrower

pytestmark = pytest.mark.django_db

AGAIN = "build the file again: python manage.py build_initial_data"
INITIAL_DATA = settings.BASE_DIR / "initial_data.json"
TRANSACTIONS = settings.BASE_DIR / "user_transactions.csv"


def test_the_sample_data_are_what_the_code_builds_and_nothing_is_left_behind() -> None:
    built = sample_fixture()
    assert built == INITIAL_DATA.read_text(encoding="utf-8"), AGAIN
    for model in (Borrower, Loan, LoanProduct, Entry):
        assert not model._default_manager.exists()
    assert sample_fixture() == built


def test_the_transaction_file_is_what_the_code_builds(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    call_command("build_initial_data", "--transactions", "--output", path)
    assert path.read_bytes() == TRANSACTIONS.read_bytes(), f"{AGAIN} --transactions"


def test_the_transaction_file_begins_with_the_lines_of_the_contract() -> None:
    assert TRANSACTIONS.read_bytes().startswith(
        b"user_id,transaction_date,amount,type,description\n"
        b"BC-USER-001,2025-03-15,250000,CREDIT,SALARY\n"
        b"BC-USER-001,2025-03-18,50000,DEBIT,LOAN_EMI\n"
    )


def test_another_seed_draws_other_rows_with_the_same_instalments(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    call_command("build_initial_data", "--transactions", "--seed", 2, "--output", path)
    other, shipped = path.read_text().splitlines(), TRANSACTIONS.read_text().splitlines()
    assert other != shipped
    paid_to_us = [line for line in shipped if "/BRIGHTLEND/EMI/" in line]
    assert paid_to_us
    assert [line for line in other if "/BRIGHTLEND/EMI/" in line] == paid_to_us


def test_a_book_with_a_borrower_is_left_alone() -> None:
    a_borrower(as_of=date(2026, 1, 10))
    with pytest.raises(BookNotEmpty):
        sample_fixture()


def test_live_mode_refuses(settings: Settings, tmp_path: Path) -> None:
    settings.LIVE = True
    path = tmp_path / "never.json"
    with pytest.raises(CommandError, match="sandbox only"):
        call_command("build_initial_data", "--output", path)
    assert not path.exists()
