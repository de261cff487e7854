"""The container file, the units and their example of an environment: they name what is there."""

import base64
import configparser
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.architecture.source_tree import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
TIMERS = sorted((ROOT / "deploy" / "systemd").glob("*.timer"))
EXAMPLE = ROOT / "deploy" / "systemd" / "brightlend.env.example"
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")

HARDENED = {
    "NoNewPrivileges": "true",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "true",
    "PrivateTmp": "true",
    "PrivateDevices": "true",
    "ProtectKernelModules": "true",
    "RestrictSUIDSGID": "true",
    "SystemCallArchitectures": "native",
    "UMask": "0077",
}


def unit(path: Path) -> configparser.SectionProxy:
    """Return the section of a unit that says how it runs; of repeated lines the last."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    parser.read_string(text)
    return parser["Service"]


def environment_of_the_example() -> dict[str, str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    key = base64.b64encode(b"k" * 32).decode()
    for name, value in given.items():
        secret = key if name.endswith("_KEYS") else secrets.token_urlsafe(64)
        given[name] = value.replace("CHANGE-ME", secret)
    return given


def run(folder: Path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BRIGHTLEND_") and name not in {"DATABASE_URL", "REDIS_URL"}
    }
    environment = {**inherited, **environment_of_the_example(), **changes, "PYTHONPATH": ""}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=folder,
        env={**environment, "DJANGO_SETTINGS_MODULE": "bright_credit.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_are_hardened_and_run_as_nobody_in_particular(path: Path) -> None:
    service = unit(path)
    assert {name: service.get(name) for name in HARDENED} == HARDENED
    assert service["User"] == "brightlend"
    assert service["EnvironmentFile"] == "/etc/brightlend/brightlend.env"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_give_commands_that_there_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    commands = set(re.findall(r"manage\.py (\w+)", text))
    assert commands <= set(get_commands())
    assert commands or "bright_credit" in text


def test_each_timer_starts_a_unit_that_there_is() -> None:
    assert TIMERS
    assert {path.stem for path in TIMERS} <= {path.stem for path in UNITS}


def test_the_web_server_has_time_to_end_what_it_does() -> None:
    service = unit(next(path for path in UNITS if path.stem == "brightlend-web"))
    assert int(service["TimeoutStopSec"]) > 30, "gunicorn's own grace"
    assert service["KillMode"] == "mixed"


def test_the_container_runs_as_no_root_from_a_named_version_and_is_asked_for_its_health() -> None:
    base = re.search(r"^ARG PYTHON=\S+:(\S+)$", CONTAINER, re.MULTILINE)
    assert base is not None
    assert re.match(r"\d+\.\d+\.\d+-", base[1])
    assert re.findall(r"^USER (\S+)$", CONTAINER, re.MULTILINE) == ["10001:10001"]
    assert "--require-hashes" in CONTAINER
    assert "/healthz" in CONTAINER.partition("HEALTHCHECK")[2]


def test_what_the_container_copies_is_enough_and_no_secret_is_among_it(tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (\S+) \S+$", CONTAINER.partition("WORKDIR /app")[2], re.MULTILINE)
    assert "manage.py" in copied
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for name in copied:
        assert f"!{name}" in allowed
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    checked = run(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr
    static = tmp_path / "static"
    gathered = run(tmp_path, "collectstatic", "--no-input", BRIGHTLEND_STATIC_ROOT=str(static))
    assert gathered.returncode == 0, gathered.stderr
    assert (static / "admin").is_dir()


def test_the_example_of_an_environment_starts_live_mode() -> None:
    checked = run(ROOT, "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr
    assert "CHANGE-ME" in EXAMPLE.read_text(encoding="utf-8")
