"""Files under `var/`: private, whole, and locked across processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bright_credit.embedded.files import (
    LOG_LIMIT_BYTES,
    HeldLock,
    create_private,
    exclusive,
    last_lines,
    log_file,
    private_directory,
    read_text,
    write_private,
)
from bright_credit.embedded.paths import PROJECT_ROOT

TRY_LOCK = """
import sys
from pathlib import Path
from bright_credit.embedded.files import HeldLock
print(HeldLock.try_take(Path(sys.argv[1])) is not None)
"""


def another_process_gets(lock: Path) -> bool:
    asked = subprocess.run(
        [sys.executable, "-c", TRY_LOCK, str(lock)],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT_ROOT,
    )
    return asked.stdout.strip() == "True"


def test_a_private_directory_and_its_new_parents_are_closed_to_others(tmp_path: Path) -> None:
    inner = private_directory(tmp_path / "outer" / "inner")
    assert inner.stat().st_mode & 0o777 == 0o700
    assert inner.parent.stat().st_mode & 0o777 == 0o700


def test_a_private_file_is_replaced_whole_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "port"
    write_private(path, "1\n")
    write_private(path, "22\n")
    assert read_text(path) == "22"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["port"]


def test_the_first_writer_of_a_private_file_wins(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert create_private(path, "first") == "first"
    assert create_private(path, "second") == "first"
    assert os.listdir(tmp_path) == ["secret"]


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_missing_or_empty_file_reads_as_nothing(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_text(content)
    assert read_text(path) is None


def test_a_held_lock_keeps_other_processes_out_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "lock"
    lock = HeldLock.try_take(path)
    assert lock is not None
    assert not another_process_gets(path)
    lock.release()
    assert another_process_gets(path)


def test_an_exclusive_block_keeps_other_processes_out(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with exclusive(path):
        assert not another_process_gets(path)
    assert another_process_gets(path)


def test_a_log_that_grew_large_is_set_aside(tmp_path: Path) -> None:
    log = log_file(tmp_path, "web")
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
    assert log_file(tmp_path, "web") == log
    assert not log.exists()
    assert (tmp_path / "log" / "web.log.1").stat().st_size == LOG_LIMIT_BYTES + 1


def test_the_last_lines_of_a_log_are_found_whatever_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 10_000 + b"\none\n\xfftwo\nthree\n")
    assert last_lines(path, count=2) == "\N{REPLACEMENT CHARACTER}two\nthree"
    assert last_lines(tmp_path / "missing") == ""
