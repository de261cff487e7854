"""`serve`: what it refuses, what it finds of an earlier run, and how it handles its children."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bright_credit.embedded.banner import banner
from bright_credit.embedded.children import Child, Console, kill_group
from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import HeldLock
from bright_credit.embedded.ports import LOOPBACK
from bright_credit.embedded.process import inspect, wait_until
from bright_credit.embedded.serve_record import (
    RecordedProcess,
    ServeRecord,
    read_record,
    record_path,
    write_record,
)
from bright_credit.embedded.supervisor import Supervisor, end_left_overs, stop_running_serve

FAMILY = "sleep 60 & echo $!; echo line two; wait"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, as a child of an earlier `serve` would be."""
    process = subprocess.Popen(["sleep", "60"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def recorded(name: str, pid: int) -> RecordedProcess:
    found = RecordedProcess.of(name, pid)
    assert found is not None
    return found


def child_running(argv: list[str], var: Path) -> Child:
    return Child("web", argv, var=var, console=Console())


def test_a_port_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(EmbeddedServiceError, match=f"Port {port} is in use .*PORT={port + 1}"):
            Supervisor(port=port, var=tmp_path).run()
    assert [path.name for path in tmp_path.iterdir()] == ["serve.lock"]


def test_a_second_serve_in_one_checkout_is_refused(tmp_path: Path) -> None:
    lock = HeldLock.try_take(tmp_path / "serve.lock")
    assert lock is not None
    itself = recorded("serve", os.getpid())
    write_record(tmp_path, ServeRecord(itself, 8001, ()))
    with pytest.raises(
        EmbeddedServiceError, match=rf"already runs here on http://127.0.0.1:8001/ .*{os.getpid()}"
    ):
        Supervisor(port=8002, var=tmp_path).run()
    lock.release()


def test_what_a_killed_serve_left_running_is_ended(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    gone = RecordedProcess("serve", 2**22 - 1, "never")
    write_record(tmp_path, ServeRecord(gone, 8001, (recorded("web", sleeper.pid),)))
    end_left_overs(tmp_path)
    assert sleeper.wait(5) == -signal.SIGTERM
    assert read_record(tmp_path) is None


def test_a_process_that_merely_got_the_same_id_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    stranger = RecordedProcess("web", sleeper.pid, "another start")
    write_record(tmp_path, ServeRecord(stranger, 8001, (stranger,)))
    assert not stop_running_serve(tmp_path)
    assert sleeper.poll() is None
    assert read_record(tmp_path) is None


def test_a_running_serve_is_asked_to_stop(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    write_record(tmp_path, ServeRecord(recorded("serve", sleeper.pid), 8001, ()))
    assert stop_running_serve(tmp_path)
    assert sleeper.wait(5) == -signal.SIGTERM


@pytest.mark.parametrize("text", ["", "{", "[]", '{"supervisor": {}}', '{"supervisor": 1}'])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    record_path(tmp_path).write_text(text)
    assert read_record(tmp_path) is None
    end_left_overs(tmp_path)


def test_the_lines_of_a_child_are_shown_under_its_name_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = child_running(["sh", "-c", "echo one; printf 'tw\\377o'; exit 3"], tmp_path)
    assert wait_until(lambda: child.exit_code() == 3, seconds=5)
    child.end()
    assert capsys.readouterr().out == "web    | one\nweb    | tw\N{REPLACEMENT CHARACTER}o\n"
    assert (tmp_path / "log" / "web.log").read_bytes() == b"one\ntw\xffo"


def test_the_end_of_a_child_is_the_end_of_its_whole_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = child_running(["sh", "-c", FAMILY], tmp_path)
    assert wait_until(lambda: b"line two" in child.log.read_bytes(), seconds=5)
    grandchild = int(child.log.read_text().split()[0])
    assert inspect(grandchild) is not None
    child.end()
    assert child.exit_code() == -signal.SIGKILL
    assert wait_until(lambda: inspect(grandchild) is None, seconds=5)


def test_a_child_asked_to_end_may_do_so_in_order(tmp_path: Path) -> None:
    child = child_running(["sleep", "60"], tmp_path)
    child.ask_to_end()
    assert wait_until(lambda: child.exit_code() is not None, seconds=5)
    child.end()
    assert child.exit_code() == -signal.SIGTERM


def test_a_child_ends_when_its_serve_is_killed_where_the_system_offers_it(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path;"
            "from bright_credit.embedded.children import Child, Console;"
            "c = Child('web', ['sleep', '60'], var=Path(sys.argv[1]), console=Console());"
            "print(c.pid, flush=True); time.sleep(60)",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.1)
    parent.kill()
    parent.communicate()
    ended = wait_until(lambda: inspect(pid) is None, seconds=5)
    kill_group(pid)
    assert ended == sys.platform.startswith("linux")


def test_the_banner_names_the_places_and_the_login(tmp_path: Path) -> None:
    assert "password" not in banner(port=8001, var=tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "ops_password").write_text("s3cret")
    text = banner(port=8123, var=tmp_path)
    for expected in (
        "http://127.0.0.1:8123/api/docs",
        "http://127.0.0.1:8123/api/schema",
        "http://127.0.0.1:8123/admin/   user ops, password s3cret",
        "curl -s http://127.0.0.1:8123/api/v1/users/register",
    ):
        assert expected in text
