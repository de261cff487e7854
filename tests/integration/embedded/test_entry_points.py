"""The command line, the servers for tests, and what `serve` does to a new database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from pytest_django.fixtures import Settings

from bright_credit.embedded.paths import PROJECT_ROOT, Purpose
from bright_credit.embedded.services import services_status, stop_services
from bright_credit.embedded.stop import stop_everything
from bright_credit.embedded.testing import TestSession, session_is_running
from users.models import Borrower

SAMPLE = """[{"model": "users.borrower", "pk": 1, "fields": {
  "name": "Asha Rao", "email": "asha@brightlend.example",
  "annual_income_paise": 90000000, "employment_type": "SALARIED"}}]"""

CONNECT = (
    "shell",
    "--no-imports",
    "-c",
    "from django.db import connection; connection.ensure_connection(); print('connected')",
)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own in place of the checkout's, with no server named."""
    monkeypatch.setenv("BRIGHTLEND_VAR", str(tmp_path / "var"))
    for variable in ("DATABASE_URL", "REDIS_URL", "BRIGHTLEND_EMBEDDED"):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    return tmp_path / "var"


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, str(PROJECT_ROOT / "manage.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )


@pytest.mark.parametrize("arguments", [["--version"], ["migrate", "--help"], ["stop_services"]])
def test_a_command_that_needs_no_server_starts_none(var: Path, arguments: list[str]) -> None:
    done = manage(*arguments)
    assert done.returncode == 0, done.stderr
    assert not any(server.running for server in services_status())
    assert not (var / "postgres").exists()


def test_a_command_starts_the_servers_which_stay_until_they_are_stopped(var: Path) -> None:
    try:
        first = manage(*CONNECT)
        assert first.returncode == 0, first.stderr
        assert first.stdout == "connected\n"
        pids = [server.pid for server in services_status()]
        assert None not in pids
        assert manage(*CONNECT).stderr == ""
        assert [server.pid for server in services_status()] == pids
        assert manage("stop_services").stdout == "Stopped: PostgreSQL, Valkey.\n"
        assert not any(server.running for server in services_status())
        assert manage("stop_services").stdout == "Nothing was running.\n"
    finally:
        stop_services()


def test_test_sessions_at_once_share_the_servers_and_nothing_else(var: Path) -> None:
    first = TestSession.begin()
    first_database, first_broker = os.environ.pop("DATABASE_URL"), os.environ.pop("REDIS_URL")
    second = TestSession.begin()
    assert first is not None
    assert second is not None
    try:
        assert first_database.endswith("/brightlend_0")
        assert os.environ["DATABASE_URL"] == first_database.removesuffix("_0") + "_1"
        assert os.environ["REDIS_URL"] == first_broker.removesuffix("/0") + "/1"
        first.end()
        assert session_is_running()
        assert stop_everything() == "Nothing was running."
        assert all(server.running for server in services_status(Purpose.TEST))
    finally:
        second.end()
    assert not session_is_running()
    assert not any(server.running for server in services_status(Purpose.TEST))


def test_a_test_session_uses_the_servers_named_in_the_environment(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://theirs")
    monkeypatch.setenv("REDIS_URL", "redis://theirs")
    assert TestSession.begin() is None
    assert not var.exists()


@pytest.mark.django_db
def test_a_new_database_gets_the_sample_data_and_an_operations_login_once(
    var: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.BASE_DIR = tmp_path
    settings.LIVE = False
    (tmp_path / "initial_data.json").write_text(SAMPLE)
    call_command("prepare_sandbox", verbosity=0)
    login = get_user_model()._default_manager.get(username="ops")
    password = (var / "secrets" / "ops_password").read_text()
    assert login.is_superuser
    assert login.check_password(password)

    Borrower.objects.update(name="Asha R. Rao")
    login.set_password("their own choice")
    login.save()
    call_command("prepare_sandbox", verbosity=0)
    login.refresh_from_db()
    assert login.check_password("their own choice")
    assert Borrower.objects.get().name == "Asha R. Rao"

    (var / "secrets" / "ops_password").unlink()
    call_command("prepare_sandbox", verbosity=0)
    login.refresh_from_db()
    assert login.check_password((var / "secrets" / "ops_password").read_text())


@pytest.mark.django_db
def test_a_live_database_gets_neither_sample_data_nor_a_generated_login(
    var: Path, settings: Settings
) -> None:
    settings.LIVE = True
    call_command("prepare_sandbox", verbosity=0)
    assert not Borrower.objects.exists()
    assert not get_user_model()._default_manager.filter(username="ops").exists()
    assert not var.exists()
