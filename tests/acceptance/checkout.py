"""A newcomer's copy of the repository: its own folder, its own servers, nothing named for it.

Commands are given as they are typed. `python` and `celery` are those of the environment that runs
the tests, as if it had been activated.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bright_credit.embedded.paths import Purpose
from bright_credit.embedded.services import servers
from tests.architecture.source_tree import ROOT, ignored_names

COMMAND_SECONDS = 120.0
STOP_SECONDS = 20.0

#: What a newcomer's terminal does not have set.
_OURS = ("BRIGHTLEND_", "DJANGO_", "DATABASE_", "REDIS_", "CELERY_", "PYTEST_", "PYTHON")


class Checkout:
    """A copy of the repository in `folder`. Leaving it stops whatever was started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        shutil.copytree(ROOT, self.folder, ignore=shutil.ignore_patterns(*ignored_names()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            for server in servers(Purpose.DEV, var=self.folder / "var"):
                server.stop()

    def run(self, line: str, *, keys: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a line of the terminal to its end; `keys` is what is typed into it."""
        return subprocess.run(
            shlex.split(line),
            cwd=self.folder,
            env=_environment(),
            input=keys or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def must(self, line: str, *, keys: str | None = None) -> str:
        """Run a line that has to succeed; return what it prints."""
        done = self.run(line, keys=keys)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def leave_running(self, line: str) -> str:
        """Start a line that runs until it is stopped, as in a terminal of its own."""
        with self.log(line).open("wb") as log:
            self._running[line] = subprocess.Popen(
                shlex.split(line),
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return line

    def log(self, line: str) -> Path:
        """Return the file with what a line left running has said."""
        return self.folder.parent / f"{'-'.join(shlex.split(line)).replace('/', '-')}.log"

    def wait_for(self, what: str, condition: Callable[[], bool], *, line: str) -> None:
        """Wait until a line left running has brought something about."""
        deadline = time.monotonic() + COMMAND_SECONDS
        while not condition():
            said = self.log(line).read_text(errors="replace")
            assert self._running[line].poll() is None, f"{line} ended before {what}:\n{said}"
            assert time.monotonic() < deadline, f"{line}: no {what}:\n{said[-4000:]}"
            time.sleep(0.1)

    def still_running(self) -> list[str]:
        """Return the lines left running that have not ended, in the order of their start."""
        return [line for line, process in self._running.items() if process.poll() is None]

    def stop(self) -> None:
        """Press Ctrl-C in every terminal, and see that everything ends."""
        for process in self._running.values():
            _signal(process, signal.SIGINT)
        for process in self._running.values():
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def running_servers(self) -> list[str]:
        """Return the private servers that run for this copy."""
        every = servers(Purpose.DEV, var=self.folder / "var")
        return [server.title for server in every if server.status().running]


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal a terminal's whole group: runserver and the worker have children."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    programs = sysconfig.get_path("scripts")
    return kept | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
