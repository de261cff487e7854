"""The servers that an entry point needs: those of the environment, else private ones.

Called before the settings are read. `DATABASE_URL` and `REDIS_URL` each name a server to use; what
is not named is started here, or found running, and its address is put into the environment.
"""

import os
import sys
from pathlib import Path

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.paths import Purpose, var_directory
from bright_credit.embedded.postgres import EmbeddedPostgres
from bright_credit.embedded.server import PrivateServer, ServerStatus
from bright_credit.embedded.valkey import EmbeddedValkey

#: Set to 1 in the environment of every process that uses the private PostgreSQL.
EMBEDDED_VARIABLE = "BRIGHTLEND_EMBEDDED"

# The discard port of this machine: whoever connects after all is refused at once.
_NOWHERE = {
    "DATABASE_URL": "postgres://none:none@127.0.0.1:9/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
}


def ensure_services(*, purpose: str = Purpose.DEV) -> None:
    """Have a database and a broker in the environment, started if need be.

    Prints nothing, but for one line on stderr when the servers are made. Ends the program with a
    sentence when a server cannot be had.
    """
    try:
        start_services(Purpose(purpose))
    except EmbeddedServiceError as refusal:
        raise SystemExit(str(refusal)) from None
    except PermissionError as refusal:
        raise SystemExit(
            f"{refusal.filename} cannot be used: {refusal.strerror}. Another user made it; run "
            "this as that user, or have that user run `make clean`."
        ) from None


def start_services(purpose: Purpose) -> None:
    """Start what the environment does not name. Raise EmbeddedServiceError when that fails."""
    missing = [server for server in servers(purpose) if not is_named(server.variable)]
    if not missing:
        return
    if sys.platform == "win32":
        raise EmbeddedServiceError(
            "The private servers do not run on Windows: use WSL2, or set DATABASE_URL and "
            "REDIS_URL."
        )
    if purpose is Purpose.DEV and any(not server.folder.exists() for server in missing):
        titles = " and ".join(server.title for server in missing)
        print(f"BrightLend: making its private {titles} under {missing[0].var}", file=sys.stderr)
    for server in missing:
        os.environ[server.variable] = server.start()
        if isinstance(server, EmbeddedPostgres):
            os.environ[EMBEDDED_VARIABLE] = "1"


def is_named(variable: str) -> bool:
    """Return whether the environment names a server in this variable."""
    return bool(os.environ.get(variable))


def name_no_services() -> None:
    """Let the settings be read without any server, for commands that use none."""
    if not is_named("DATABASE_URL"):
        os.environ[EMBEDDED_VARIABLE] = "1"
    for variable, nowhere in _NOWHERE.items():
        if not is_named(variable):
            os.environ[variable] = nowhere


def forget_no_services() -> None:
    """Undo `name_no_services`, for a command that has read its settings and starts servers now."""
    for variable, nowhere in _NOWHERE.items():
        if os.environ.get(variable) == nowhere:
            del os.environ[variable]


def stop_services(purpose: Purpose = Purpose.DEV) -> tuple[str, ...]:
    """Stop the private servers; their data stay. Return the titles of those that were running."""
    return tuple(server.title for server in reversed(servers(purpose)) if server.stop())


def services_status(purpose: Purpose = Purpose.DEV) -> tuple[ServerStatus, ...]:
    """Say of each private server whether it runs, without starting it."""
    return tuple(server.status() for server in servers(purpose))


def servers(purpose: Purpose, *, var: Path | None = None) -> tuple[PrivateServer, ...]:
    """Return the private servers of a purpose, running or not, in the order of their start."""
    folder = var or var_directory(purpose)
    durable = purpose is Purpose.DEV
    return (EmbeddedPostgres(folder, durable=durable), EmbeddedValkey(folder, durable=durable))
