"""Processes of this machine: who is behind a process id, starting apart from us, and stopping.

A process id alone proves nothing: ids are reused after a crash or a restart of the machine. What a
process is, and when it started, is asked of the system each time.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# `&` in a shell that then exits leaves the server without a parent of ours: no zombie stays behind
# in a long-lived caller, and none of its signals or open files reach the server.
_DETACH = '"$@" </dev/null >&2 & echo $!'


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A running process: its id, its start as the system words it, its command line."""

    pid: int
    started: str
    command: str

    @property
    def fingerprint(self) -> str:
        """Text that no later process with the same id can have."""
        return f"{self.pid} {self.started}"


def inspect(pid: int) -> ProcessInfo | None:
    """Return the running process with this id, or None. A zombie no longer runs."""
    if pid <= 0:
        return None
    return _from_proc(pid) if (_PROC / "self" / "stat").exists() else _from_ps(pid)


def _from_proc(pid: int) -> ProcessInfo | None:
    try:
        # The name in parentheses may itself hold spaces and parentheses: split after the last one.
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        command = (_PROC / str(pid) / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    if fields[0] in "ZX":
        return None
    return ProcessInfo(pid, fields[19], command.decode(errors="replace").replace("\0", " ").strip())


def _from_ps(pid: int) -> ProcessInfo | None:
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "stat=,lstart=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "TZ": "UTC"},
    ).stdout.split(maxsplit=6)
    if len(listed) < 7 or listed[0].startswith("Z"):
        return None
    return ProcessInfo(pid, " ".join(listed[1:6]), listed[6].strip())


def works_in(process: ProcessInfo, folder: Path) -> bool:
    """Return whether a process has `folder` as its working directory, where the system tells."""
    try:
        return (_PROC / str(process.pid) / "cwd").samefile(folder)
    except OSError:
        return False


def spawn_detached(
    argv: Sequence[str], *, log: Path, before_exec: Callable[[], None] | None = None
) -> int:
    """Start a server in its own session, its output appended to `log`, and return its process id.

    Its environment is bare: a PGPORT or a locale of the terminal cannot change what it does.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    with log.open("ab") as output:
        started = subprocess.run(
            ["/bin/sh", "-c", _DETACH, "sh", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            check=True,
            cwd="/",
            env=environment,
            start_new_session=True,
            preexec_fn=before_exec,
        )
    return int(started.stdout)


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask `condition` until it holds; False when it still does not after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return True


def stop_process(process: ProcessInfo, *, ask: Sequence[signal.Signals], seconds: float) -> None:
    """Ask a process to end, ever more firmly, `seconds` for each; by force when all that failed."""

    def gone() -> bool:
        current = inspect(process.pid)
        return current is None or current.fingerprint != process.fingerprint

    for request in (*ask, signal.SIGKILL):
        if gone():
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, request)
        if wait_until(gone, seconds=seconds):
            return
