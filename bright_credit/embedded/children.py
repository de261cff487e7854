"""A program of `serve`: started, its lines shown under its name, stopped with its group."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from bright_credit.embedded.files import LOG_LIMIT_BYTES, log_file
from bright_credit.embedded.paths import PROJECT_ROOT
from bright_credit.embedded.process import ProcessInfo, inspect, wait_until

_PR_SET_PDEATHSIG = 1
_KILL_SECONDS = 5.0


class Console:
    """The terminal, written to a whole line at a time by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print a line; when the terminal is gone, there is nobody to tell."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            print(text, flush=True)


class Child:
    """One program, in its own process group, so that a Ctrl-C reaches it through us alone."""

    def __init__(self, name: str, argv: Sequence[str], *, var: Path, console: Console) -> None:
        self.name = name
        self.log = log_file(var, name)
        self.log.touch()
        self._var = var
        self._console = console
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=PROJECT_ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )
        self._reader = threading.Thread(target=self._copy_lines, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id, which is also that of the group."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code (negative: the signal that ended it), or None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Ask for an orderly end."""
        if self.exit_code() is None:
            self._process.terminate()

    def end(self) -> None:
        """End whatever is left of the group, by force, and read the last lines."""
        kill_group(self.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        self._reader.join(_KILL_SECONDS)

    def _copy_lines(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        kept = self.log.open("ab")
        try:
            with stream:
                for line in stream:
                    if kept.tell() > LOG_LIMIT_BYTES:
                        kept.close()
                        kept = log_file(self._var, self.name).open("ab")
                    kept.write(line)
                    kept.flush()
                    text = line.decode("utf-8", errors="replace").rstrip()
                    self._console.say(f"{self.name:<6} | {text}")
        finally:
            kept.close()


def end_left_over(process: ProcessInfo, *, seconds: float) -> None:
    """End a child that outlived the `serve` that started it, with its group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGTERM)
    wait_until(lambda: inspect(process.pid) is None, seconds=seconds)
    kill_group(process.pid)
    wait_until(lambda: inspect(process.pid) is None, seconds=_KILL_SECONDS)


def kill_group(group: int) -> None:
    """End every process of a group by force; an empty group is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end_with_parent() -> Callable[[], None] | None:
    """Return what makes a child end when we are killed, where the system offers it."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)

    return ask
