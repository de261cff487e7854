"""Backups: whole, private, restored, and refused when they are damaged or their books differ."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bright_credit.operations.backups import BackupFailed, back_up, refuse_damaged, remove_old
from loan.models import Loan
from tests.builders import DISBURSED, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def a_backup(folder: Path) -> Path:
    return back_up(folder, database=connection.settings_dict, at=NOW)


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def a_book() -> Loan:
    """A loan with a payment."""
    loan = a_disbursed_loan()
    pay(loan, 100_00, on=DISBURSED)
    return loan


def test_a_restored_copy_verifies_and_is_dropped(
    a_book: Loan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = databases()
    call_command("back_up", str(tmp_path))
    (place,) = tmp_path.glob("*.dump")
    call_command("check_backup", str(place))
    said = capsys.readouterr().out
    assert "The books verify." in said
    assert "can be restored" in said
    assert databases() == before


def test_a_copy_whose_books_differ_is_refused_and_dropped(a_book: Loan, tmp_path: Path) -> None:
    before = databases()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE loan_loan SET principal_paid_paise = principal_paid_paise + 1")
        cursor.execute("SET session_replication_role = origin")
    place = a_backup(tmp_path)
    with pytest.raises(CommandError, match="fails verify_books"):
        call_command("check_backup", str(place))
    assert databases() == before


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_else(tmp_path: Path) -> None:
    place = a_backup(tmp_path / "made")
    assert place.name == "brightlend-20261125T030000Z.dump"
    assert place.stat().st_mode & 0o077 == 0
    assert {found.name for found in place.parent.iterdir()} == {
        place.name,
        f"{place.name}.sha256",
    }
    assert all(
        found.stat().st_mode & 0o077 == 0 for found in (place.parent, *place.parent.iterdir())
    )
    refuse_damaged(place)


@pytest.mark.parametrize("damage", ["cut short", "one bit", "no digest"])
def test_a_damaged_backup_is_refused_before_it_is_restored(tmp_path: Path, damage: str) -> None:
    place = a_backup(tmp_path)
    content = bytearray(place.read_bytes())
    if damage == "no digest":
        place.with_name(f"{place.name}.sha256").unlink()
    elif damage == "cut short":
        place.write_bytes(content[:-1])
    else:
        content[len(content) // 2] ^= 1
        place.write_bytes(content)
    before = databases()
    with pytest.raises(CommandError, match="digest"):
        call_command("check_backup", str(place))
    assert databases() == before


def test_a_backup_that_fails_leaves_nothing_and_tells_no_password(tmp_path: Path) -> None:
    nowhere = {**connection.settings_dict, "PORT": 9, "PASSWORD": "hunter2-hunter2"}
    with pytest.raises(BackupFailed, match="pg_dump failed") as failed:
        back_up(tmp_path, database=nowhere, at=NOW)
    assert "hunter2" not in str(failed.value)
    assert list(tmp_path.iterdir()) == []


def test_old_backups_are_removed_but_never_the_last(tmp_path: Path) -> None:
    places = [
        back_up(tmp_path, database=connection.settings_dict, at=NOW + timedelta(days=day))
        for day in range(2)
    ]
    old = (NOW - timedelta(days=100)).timestamp()
    for place in places:
        os.utime(place, (old, old))
    assert remove_old(tmp_path, before=NOW) == places[:1]
    assert sorted(tmp_path.glob("*.dump")) == places[1:]
    assert len(list(tmp_path.iterdir())) == 2


def test_the_password_is_on_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = connection.settings_dict["PASSWORD"]
    run, seen = subprocess.run, []

    def noting(argv: list[str], **options: Any) -> Any:
        seen.extend(argv)
        return run(argv, **options)

    monkeypatch.setattr(subprocess, "run", noting)
    a_backup(tmp_path)
    assert any("pg_dump" in word for word in seen)
    assert all(password not in word for word in seen)
