"""The PostgreSQL that is measured: the benchmark's own, durable, and the databases on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.figures import MEGABYTE
from benchmarks.machine import memory_bytes
from bright_credit.embedded.paths import var_directory
from bright_credit.embedded.postgres import EmbeddedPostgres

_MEMORY_MB = memory_bytes() // MEGABYTE

#: What a lender's server of this size would be given. Nothing that durability rests on is changed.
#: A quarter of the memory for PostgreSQL's own buffers and half or more of it as what the system
#: can hold beside them are where PostgreSQL's documentation says to begin (Resource Consumption).
SIZED = {
    "shared_buffers": f"{_MEMORY_MB // 4}MB",
    "max_wal_size": "16GB",
    "min_wal_size": "1GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
    "work_mem": "32MB",
    "effective_cache_size": f"{_MEMORY_MB // 2}MB",
    "random_page_cost": "1.1",
    "autovacuum": "off",
}

#: Settings that the report states.
STATED = (
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "data_checksums",
    *SIZED,
    "wal_compression",
    "jit",
)


class BenchPostgres(EmbeddedPostgres):
    """A private server of the benchmark alone, in a folder of its own."""

    settings = {**EmbeddedPostgres.settings, **SIZED}


@contextmanager
def running_server() -> Iterator[str]:
    """Give the address of a server that runs for as long as this lasts.

    `BENCH_DATABASE_URL` names another one; its role must be a superuser.
    """
    named = os.environ.get("BENCH_DATABASE_URL")
    if named:
        yield named
        return
    server = BenchPostgres(var_directory() / "bench", durable=True)
    try:
        yield server.start()
    finally:
        server.stop()


def database_url(server_url: str, name: str) -> str:
    """Return the address of a database on the server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


@contextmanager
def database(server_url: str, name: str, *, template: str = "template1") -> Iterator[str]:
    """Give the address of a database that is made here and dropped at the end."""
    create_database(server_url, name, template=template)
    try:
        yield database_url(server_url, name)
    finally:
        drop_database(server_url, name)


def create_database(server_url: str, name: str, *, template: str) -> None:
    """Make a database, in place of one that an interrupted run has left."""
    drop_database(server_url, name)
    _run(
        server_url,
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        ),
    )


def drop_database(server_url: str, name: str) -> None:
    """Drop a database, if it is there, whoever is connected to it."""
    _run(
        server_url,
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)),
    )


def stated_settings(server_url: str) -> dict[str, str]:
    """Return the server's version and the settings that its speed and durability depend on."""
    with psycopg.connect(server_url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        rows = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
            [list(STATED)],
        ).fetchall()
    found: dict[str, str] = dict(rows)
    return {"PostgreSQL": version[0] if version else "?"} | {
        name: found[name] for name in STATED if name in found
    }


def _run(server_url: str, statement: sql.Composed) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)
