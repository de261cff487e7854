"""Generated secrets: made once, the same for everybody, for the owner alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from bright_credit.embedded.paths import PROJECT_ROOT
from bright_credit.embedded.secrets import sandbox_secret

ASK = "from bright_credit.embedded.secrets import sandbox_secret; print(sandbox_secret('shared'))"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIGHTLEND_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


def test_a_secret_is_made_once_and_long(var: Path) -> None:
    secret = sandbox_secret("key")
    assert len(secret) == 64
    assert sandbox_secret("key") == secret
    assert sandbox_secret("other") != secret
    assert (var / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert (var / "secrets").stat().st_mode & 0o777 == 0o700


def test_a_secret_to_be_typed_may_be_shorter(var: Path) -> None:
    assert len(sandbox_secret("password", size_bytes=12)) == 16


def test_processes_that_ask_at_once_get_the_same_secret(var: Path) -> None:
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT
        )
        for _ in range(8)
    ]
    answers = {process.communicate()[0].strip() for process in asked}
    assert answers == {sandbox_secret("shared")}


@pytest.mark.parametrize("name", ["", "../key", "a/b", "Key", "1key", "k\n", "k" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(var: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a secret"):
        sandbox_secret(name)
    assert not var.exists()
