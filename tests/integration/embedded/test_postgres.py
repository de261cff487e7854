"""The private PostgreSQL keeps its data through every fault that a newcomer's machine knows."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.paths import PROJECT_ROOT
from bright_credit.embedded.ports import LOOPBACK
from bright_credit.embedded.postgres import EmbeddedPostgres
from bright_credit.embedded.process import inspect, wait_until

START = """
import sys
from pathlib import Path
from bright_credit.embedded.postgres import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start())
"""


def remember(url: str, word: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY word")]


def pid_of(server: EmbeddedPostgres) -> int:
    process = server.process()
    assert process is not None
    return process.pid


def kill_hard(server: EmbeddedPostgres) -> None:
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: inspect(pid) is None, seconds=10)


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_a_second_start_finds_the_running_server(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    pid = pid_of(postgres)
    assert postgres.start() == url
    assert pid_of(postgres) == pid


def test_a_stop_and_a_start_keep_data_port_and_password(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    remember(url, "kept")
    assert postgres.stop()
    assert not postgres.status().running
    assert not postgres.stop()
    assert postgres.start() == url
    assert words(url) == ["kept"]


def test_the_database_is_utf8_with_code_point_order_on_every_system(
    postgres: EmbeddedPostgres,
) -> None:
    with psycopg.connect(postgres.start()) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("UTF8", "b", "C.UTF-8")


def test_it_listens_on_the_loopback_address_alone_and_asks_for_a_password(
    postgres: EmbeddedPostgres,
) -> None:
    url = postgres.start()
    assert setting(url, "listen_addresses") == LOOPBACK
    assert setting(url, "unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(str(urlsplit(url).password), "wrong"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(f":{urlsplit(url).password}", ""))


def test_what_it_keeps_is_closed_to_other_users(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    assert postgres.var.stat().st_mode & 0o077 == 0
    assert (postgres.folder / "password").stat().st_mode & 0o777 == 0o600


def test_everyday_servers_are_durable_and_servers_for_tests_are_not(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    for_tests = EmbeddedPostgres(tmp_path / "for-tests", durable=False)
    try:
        assert setting(postgres.start(), "fsync") == "on"
        assert setting(for_tests.start(), "fsync") == "off"
    finally:
        for_tests.stop()


def test_processes_that_start_it_at_once_share_one_server(postgres: EmbeddedPostgres) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(postgres.var)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
        )
        for _ in range(4)
    ]
    urls = {start.communicate(timeout=120)[0].strip() for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0, 0]
    assert urls == {postgres.start()}
    remember(urls.pop(), "shared")


def test_it_recovers_what_was_committed_before_a_kill(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    remember(url, "committed")
    kill_hard(postgres)
    assert not postgres.status().running
    assert postgres.start() == url
    assert words(url) == ["committed"]


def test_a_process_id_now_used_by_another_program_is_not_taken_for_the_server(
    postgres: EmbeddedPostgres,
) -> None:
    url = postgres.start()
    remember(url, "kept")
    kill_hard(postgres)
    pid_file = postgres.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert not postgres.status().running
        assert not postgres.stop()
        assert postgres.start() == url
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert words(url) == ["kept"]


def test_a_port_taken_meanwhile_is_left_to_its_taker(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    remember(url, "kept")
    port = urlsplit(url).port
    postgres.stop()
    with socket.create_server((LOOPBACK, port or 0)):
        elsewhere = postgres.start()
        assert urlsplit(elsewhere).port != port
        assert words(elsewhere) == ["kept"]
    assert postgres.start() == elsewhere
    postgres.stop()
    assert postgres.start() == elsewhere


def test_a_half_made_cluster_never_counts(postgres: EmbeddedPostgres) -> None:
    half_made = postgres.var / ".postgres-new-interrupted" / "data"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    remember(postgres.start(), "whole")
    assert not half_made.exists()


def test_a_making_that_is_killed_is_made_again(postgres: EmbeddedPostgres) -> None:
    making = subprocess.Popen(
        [sys.executable, "-c", START, str(postgres.var)],
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
    )
    assert wait_until(lambda: any(postgres.var.glob(".postgres-new-*/data/*")), seconds=30)
    making.kill()
    making.communicate()
    remember(postgres.start(), "whole")
    assert words(postgres.start()) == ["whole"]


def test_a_start_while_it_shuts_down_waits_and_starts_it_again(postgres: EmbeddedPostgres) -> None:
    url = postgres.start()
    remember(url, "kept")
    before = pid_of(postgres)
    os.kill(before, signal.SIGINT)
    assert words(postgres.start()) == ["kept"]
    assert wait_until(lambda: inspect(before) is None, seconds=10)
    assert words(postgres.start()) == ["kept"]


def test_a_checkout_moved_while_the_server_runs_still_owns_it(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = postgres.start()
    moved = EmbeddedPostgres(tmp_path / "moved")
    postgres.var.rename(moved.var)
    try:
        assert moved.status().running == Path("/proc/self/cwd").exists()
        if moved.status().running:
            assert moved.start() == url
    finally:
        moved.var.rename(postgres.var)


def test_a_damaged_cluster_is_reported_with_the_end_of_the_log(
    postgres: EmbeddedPostgres,
) -> None:
    postgres.start()
    postgres.stop()
    (postgres.data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(
        EmbeddedServiceError, match=r"did not start.*(?s:.*)incompatible with server"
    ):
        postgres.start()


def test_a_damaged_cluster_for_tests_is_made_anew(var: Path) -> None:
    server = EmbeddedPostgres(var, durable=False)
    server.start()
    server.stop()
    shutil.rmtree(server.data / "global")
    remember(server.start(), "anew")


def test_a_lost_password_is_named_in_the_refusal(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    (postgres.folder / "password").unlink()
    with pytest.raises(EmbeddedServiceError, match="password of the private PostgreSQL is missing"):
        postgres.start()


def test_two_checkouts_have_two_servers(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    neighbour = EmbeddedPostgres(tmp_path / "neighbour")
    try:
        remember(neighbour.start(), "theirs")
        remember(postgres.start(), "ours")
        assert words(postgres.start()) == ["ours"]
        assert neighbour.stop()
        assert postgres.status().running
    finally:
        neighbour.stop()
