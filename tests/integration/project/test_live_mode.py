"""Live mode refuses to start without its secrets, with debugging, or open to any host."""

import base64
import os
import subprocess
import sys

import pytest

KEY = base64.b64encode(b"k" * 32).decode()
STAFF = "BRIGHTLEND_STAFF_SECOND_FACTOR"
LIVE = {
    "DATABASE_URL": "postgres://brightlend:secret@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "BRIGHTLEND_SECRET_KEY": "x7!q2-a-long-and-varied-secret-key-for-tests-Zp9w#Lm4v-0c8d-ab12",
    "BRIGHTLEND_ALLOWED_HOSTS": "loans.example.com",
    "BRIGHTLEND_AADHAAR_KEYS": f"2026-01:{KEY}",
    "BRIGHTLEND_AADHAAR_PEPPER": "pepper",
    "BRIGHTLEND_TOKEN_KEYS": f"2026-01:{KEY}",
    "BRIGHTLEND_WEBHOOK_KEYS": f"2026-01:{KEY}",
    "BRIGHTLEND_EMAIL_URL": "smtp+tls://mail:secret@mail.example.com:587",
}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run Django's own deployment check with these variables and no others of ours."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BRIGHTLEND_") and name not in ("DATABASE_URL", "REDIS_URL")
    }
    given = {name: value for name, value in {**LIVE, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**inherited, **given, "DJANGO_SETTINGS_MODULE": "bright_credit.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_database_of_ones_own_means_live_mode_and_its_deployment_check_is_clean() -> None:
    outcome = start()
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    "name",
    [
        "BRIGHTLEND_SECRET_KEY",
        "BRIGHTLEND_AADHAAR_KEYS",
        "BRIGHTLEND_AADHAAR_PEPPER",
        "BRIGHTLEND_TOKEN_KEYS",
        "BRIGHTLEND_WEBHOOK_KEYS",
        "BRIGHTLEND_EMAIL_URL",
    ],
)
def test_no_secret_has_a_default(name: str) -> None:
    outcome = start(**{name: None})
    assert outcome.returncode != 0
    assert f"{name} must be set in live mode" in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRIGHTLEND_ALLOWED_HOSTS", "*"),
        ("BRIGHTLEND_ALLOWED_HOSTS", None),
        ("BRIGHTLEND_DEBUG", "true"),
    ],
)
def test_open_hosts_and_debugging_are_refused(name: str, value: str | None) -> None:
    outcome = start(**{name: value})
    assert outcome.returncode != 0
    assert "BRIGHTLEND_ALLOWED_HOSTS" in outcome.stderr


def test_hashes_that_can_be_foretold_are_refused() -> None:
    outcome = start(PYTHONHASHSEED="0")
    assert outcome.returncode != 0
    assert "PYTHONHASHSEED" in outcome.stderr


@pytest.mark.parametrize("ring", ["2026-01", "2026-01:short", f":{KEY}", "a:%%%"])
def test_a_key_ring_that_is_no_ring_of_keys_is_refused(ring: str) -> None:
    outcome = start(BRIGHTLEND_AADHAAR_KEYS=ring)
    assert outcome.returncode != 0
    assert "BRIGHTLEND_AADHAAR_KEYS must be" in outcome.stderr
    assert "short" not in outcome.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRIGHTLEND_OPEN_TO_LOOPBACK", "true"),
        ("BRIGHTLEND_STAFF_SECOND_FACTOR", "false"),
    ],
)
def test_open_access_and_passwords_alone_are_refused(name: str, value: str) -> None:
    outcome = start(**{name: value})
    assert outcome.returncode != 0
    assert f"live mode needs BRIGHTLEND_OPEN_TO_LOOPBACK and {STAFF}" in outcome.stderr


def test_codes_on_a_console_are_refused() -> None:
    outcome = start(BRIGHTLEND_EMAIL_URL="consolemail://")
    assert outcome.returncode != 0
    assert "BRIGHTLEND_EMAIL_URL must name a mail server" in outcome.stderr


def test_another_database_engine_is_refused() -> None:
    outcome = start(DATABASE_URL="sqlite:///db.sqlite3")
    assert outcome.returncode != 0
    assert "DATABASE_URL must name a PostgreSQL database" in outcome.stderr


def test_an_unknown_mode_is_refused() -> None:
    outcome = start(BRIGHTLEND_MODE="demo")
    assert outcome.returncode != 0
    assert "BRIGHTLEND_MODE must be 'sandbox' or 'live'" in outcome.stderr
