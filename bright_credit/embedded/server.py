"""What the two private servers share: found when they run, started when not, stopped on request.

A start is safe against another start at the same moment (a lock file), a process id left behind by
a crash or reused since, a port that somebody else took, and a server that is just starting or
stopping.
"""

import shutil
import signal
import time
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import (
    exclusive,
    last_lines,
    log_file,
    private_directory,
    write_private,
)
from bright_credit.embedded.ports import choose_port, is_free
from bright_credit.embedded.process import inspect, stop_process, wait_until
from bright_credit.embedded.server_folder import ServerFolder

_READY_SECONDS = 60.0
_LAUNCHES = 20
_LAUNCH_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """Whether a private server runs, and where."""

    title: str
    running: bool
    pid: int | None
    port: int | None


class PrivateServer(ServerFolder):
    """A server of this checkout alone, kept in its own folder under `var/`."""

    variable: ClassVar[str]
    stop_signals: ClassVar[tuple[signal.Signals, ...]]
    stop_seconds: ClassVar[float]
    passing_failures: ClassVar[tuple[str, ...]] = ()

    def start(self) -> str:
        """Make sure that the server runs and answers, and return its URL."""
        private_directory(self.var).chmod(0o700)
        with exclusive(self._lock):
            try:
                self._start()
            except EmbeddedServiceError:
                if self.durable:
                    raise
                self._remove()  # nothing in a server for tests is worth keeping
                self._start()
            return self._url()

    def stop(self) -> bool:
        """Stop the server if it runs; its data stay. Return whether there was one to stop."""
        if not self.folder.exists():
            return False
        with exclusive(self._lock):
            process = self.process()
            if process is not None:
                stop_process(process, ask=self.stop_signals, seconds=self.stop_seconds)
            return process is not None

    def status(self) -> ServerStatus:
        """Say whether the server runs now."""
        process = self.process()
        if process is None:
            return ServerStatus(self.title, running=False, pid=None, port=None)
        return ServerStatus(self.title, running=True, pid=process.pid, port=self._port())

    @abstractmethod
    def _prepare(self) -> None:
        """Make the folder with its data and password, whole or not at all."""

    @abstractmethod
    def _launch(self, port: int, *, log: Path) -> int:
        """Start the server process and return its id."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Return whether the server answers."""

    @abstractmethod
    def _url(self) -> str:
        """Return the address with the password."""

    def _start(self) -> None:
        if not self.folder.exists():
            self._prepare()
        process = self.process()
        if process is not None and self._is_up(process.pid):
            return
        if process is not None and self._await(process.pid):
            return
        self._launch_until_up()

    def _launch_until_up(self) -> None:
        output = ""
        for _ in range(_LAUNCHES):
            port = choose_port(self._port())
            write_private(self._port_file, f"{port}\n")
            log = log_file(self.var, self.name)
            before = log.stat().st_size if log.exists() else 0
            pid = self._launch(port, log=log)
            if self._await(pid):
                return
            output = log.read_bytes()[before:].decode(errors="replace")
            passing = any(words in output for words in self.passing_failures)
            if not passing and is_free(port):
                raise EmbeddedServiceError(
                    f"The private {self.title} did not start. The end of {log}:\n{last_lines(log)}"
                )
            time.sleep(_LAUNCH_PAUSE_SECONDS)
        raise EmbeddedServiceError(f"The private {self.title} did not start:\n{output.strip()}")

    def _await(self, pid: int) -> bool:
        """Wait until the process answers (True) or is gone (False)."""
        settled = wait_until(
            lambda: self._is_up(pid) or inspect(pid) is None, seconds=_READY_SECONDS
        )
        if not settled:
            raise EmbeddedServiceError(
                f"The private {self.title} (process {pid}) is running but does not answer after "
                f"{_READY_SECONDS:.0f} s; see {self.var / 'log' / self.name}.log."
            )
        return self._is_up(pid)

    def _is_up(self, pid: int) -> bool:
        return self._recorded_pid() == pid and inspect(pid) is not None and self._is_ready()

    def _remove(self) -> None:
        process = self.process()
        if process is not None:
            stop_process(process, ask=(), seconds=self.stop_seconds)
        shutil.rmtree(self.folder, ignore_errors=True)
