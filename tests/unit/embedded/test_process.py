"""Who is behind a process id."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bright_credit.embedded import process
from bright_credit.embedded.process import (
    inspect,
    spawn_detached,
    stop_process,
    wait_until,
    works_in,
)

DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print('deaf', flush=True); time.sleep(60)"
)


@pytest.fixture(params=["proc", "ps"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both sources of facts: the system's /proc, and `ps` where there is none."""
    chosen: str = request.param
    if chosen == "ps":
        monkeypatch.setattr(process, "_PROC", Path("/nonexistent"))
    return chosen


def test_a_running_process_is_described(source: str) -> None:
    own = inspect(os.getpid())
    again = inspect(os.getpid())
    assert own is not None
    assert again is not None
    assert own.pid == os.getpid()
    assert "python" in own.command or "pytest" in own.command
    assert own.fingerprint == again.fingerprint


def test_an_ended_process_is_not_running_even_before_its_parent_noticed(source: str) -> None:
    child = subprocess.Popen(["true"])
    assert wait_until(lambda: inspect(child.pid) is None, seconds=5)
    child.wait()
    assert inspect(child.pid) is None


@pytest.mark.parametrize("pid", [0, -1])
def test_what_is_no_process_id_names_no_process(pid: int) -> None:
    assert inspect(pid) is None


def test_a_process_works_in_its_folder(tmp_path: Path) -> None:
    child = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    try:
        described = inspect(child.pid)
        assert described is not None
        assert works_in(described, tmp_path) == Path("/proc/self/cwd").exists()
        assert not works_in(described, tmp_path.parent)
    finally:
        child.kill()
        child.wait()


def test_a_detached_process_is_in_its_own_session_and_writes_to_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    pid = spawn_detached(["sh", "-c", "echo out; echo err >&2; pwd; exec sleep 60"], log=log)
    started = inspect(pid)
    assert started is not None
    try:
        assert os.getsid(pid) != os.getsid(0)
        assert wait_until(lambda: log.read_text() == "out\nerr\n/\n", seconds=5)
    finally:
        stop_process(started, ask=(signal.SIGTERM,), seconds=5)
    assert inspect(pid) is None


def test_a_detached_process_does_not_see_the_settings_of_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    log = tmp_path / "log"
    spawn_detached(["env"], log=log)
    assert wait_until(lambda: "LC_ALL=C" in log.read_text(), seconds=5)
    assert "PGPORT" not in log.read_text()


def test_a_process_that_does_not_listen_is_ended_by_force() -> None:
    child = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    described = inspect(child.pid)
    assert described is not None
    stop_process(described, ask=(signal.SIGTERM,), seconds=0.2)
    assert child.wait(5) == -signal.SIGKILL


def test_waiting_ends_with_the_condition_or_with_the_time() -> None:
    started = time.monotonic()
    assert wait_until(lambda: time.monotonic() > started + 0.05, seconds=5)
    assert not wait_until(lambda: False, seconds=0.05)
    assert time.monotonic() < started + 2
