"""Files that are missing, are no files, or change while they are read; and kills in mid-load."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from credit.models import BankTransaction, RejectedRow, TransactionFile
from credit.services.transactions import LoadedFile, LoadProgress, load_transaction_file
from credit.transactions_file import loading, manifest
from tests.integration.credit.bank_files import (
    AS_OF,
    HEADER,
    Counts,
    borrowers,
    counts,
    row,
)

pytestmark = pytest.mark.django_db

BLOCK_BYTES = 1_024


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in so small blocks that there is a middle in which something can happen."""
    monkeypatch.setattr("credit.transactions_file.source.BLOCK_BYTES", BLOCK_BYTES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file of many blocks."""
    person = borrowers(1)[0]
    rows = [row(person, amount=str(number)) for number in range(1, 201)]
    file = tmp_path / "bank.csv"
    file.write_bytes(HEADER + b"".join(rows) + b"nonsense\n")
    return file


def load_while(path: Path, happens: Callable[[], object]) -> LoadedFile:
    """Load the file while this happens after the first block."""
    blocks = 0

    def progress(_: LoadProgress) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 1:
            happens()

    loaded = load_transaction_file(path, name=path.name, as_of=AS_OF, progress=progress)
    assert blocks >= 1
    return loaded


def assert_refused(loaded: LoadedFile, code: str) -> None:
    """Check that a file was refused for this reason and left nothing behind."""
    loaded.file.refresh_from_db()
    assert (loaded.file.status, loaded.file.refusal_code) == ("REFUSED", code)
    assert loaded.touched_borrower_ids == ()
    assert not BankTransaction.objects.exists()
    assert not RejectedRow.objects.exists()


def test_a_file_is_loaded_from_its_path(path: Path) -> None:
    loaded = load_transaction_file(path, name="bank.csv", as_of=AS_OF)
    assert counts(loaded.file) == Counts(accepted=200, duplicate=0, rejected=1)


def test_progress_ends_at_the_files_size(path: Path) -> None:
    seen: list[LoadProgress] = []
    load_transaction_file(path, name="bank.csv", as_of=AS_OF, progress=seen.append)
    assert len(seen) > 3
    done = [progress.bytes_done for progress in seen]
    assert done == sorted(done)
    assert seen[-1] == LoadProgress(
        rows=201, bytes_done=path.stat().st_size, bytes_total=path.stat().st_size
    )


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "file_missing"),
        (lambda path: path.mkdir(), "file_unreadable"),
        (os.mkfifo, "file_unreadable"),
        (lambda path: path.symlink_to(path), "file_unreadable"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    thing = tmp_path / "thing.csv"
    make(thing)
    assert_refused(load_transaction_file(thing, name=thing.name, as_of=AS_OF), code)


def test_a_file_above_the_limit_is_refused_before_it_is_read(
    path: Path, settings: Settings
) -> None:
    settings.TRANSACTIONS_FILE_MAX_BYTES = path.stat().st_size - 1
    seen: list[LoadProgress] = []
    loaded = load_transaction_file(path, name=path.name, as_of=AS_OF, progress=seen.append)
    assert_refused(loaded, "file_too_large")
    assert seen == []
    assert loaded.file.refusal_text.startswith("The file is larger than")


def test_a_file_that_grows_while_it_is_read_is_refused(path: Path) -> None:
    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"half a row")

    assert_refused(load_while(path, grow), "file_changed")


def test_a_file_that_shrinks_while_it_is_read_is_refused(path: Path) -> None:
    assert_refused(load_while(path, lambda: os.truncate(path, 2 * BLOCK_BYTES)), "file_changed")


def test_a_file_that_is_rewritten_while_it_is_read_is_refused(path: Path) -> None:
    def rewrite() -> None:
        before = path.stat()
        path.write_bytes(path.read_bytes().replace(b"SALARY", b"REFUND"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        assert path.stat().st_size == before.st_size

    assert_refused(load_while(path, rewrite), "file_changed")


def test_a_file_replaced_while_it_is_read_is_loaded_as_it_was_opened(
    path: Path, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_bytes(HEADER)
    loaded = load_while(path, lambda: newer.replace(path))
    assert path.read_bytes() == HEADER
    assert counts(loaded.file) == Counts(accepted=200, duplicate=0, rejected=1)
    assert loaded.file.warnings == ["replaced_while_read"]


def test_a_file_removed_while_it_is_read_is_loaded_as_it_was_opened(path: Path) -> None:
    loaded = load_while(path, path.unlink)
    assert not path.exists()
    assert counts(loaded.file).accepted == 200
    assert loaded.file.warnings == ["replaced_while_read"]


class Killed(BaseException):
    """What ends a load from outside."""


def test_a_load_that_is_killed_posts_nothing_and_can_be_repeated(path: Path) -> None:
    def die() -> None:
        raise Killed

    with pytest.raises(Killed):
        load_while(path, die)
    file = TransactionFile.objects.get()
    assert (file.status, file.rows) == ("RECEIVED", 0)
    assert not BankTransaction.objects.exists()
    assert not RejectedRow.objects.exists()
    again = load_transaction_file(path, name=path.name, as_of=AS_OF)
    assert counts(again.file) == Counts(accepted=200, duplicate=0, rejected=1)


def test_nothing_is_posted_when_a_row_gets_lost_on_the_way(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = loading.Staging.add

    def losing_the_first_row(staging: loading.Staging, encoded: bytes) -> None:
        whole(staging, encoded.partition(b"\n")[2])

    monkeypatch.setattr(loading.Staging, "add", losing_the_first_row)
    with pytest.raises(manifest.FileDoesNotAddUp):
        load_transaction_file(path, name=path.name, as_of=AS_OF)
    assert not BankTransaction.objects.exists()
