"""The private Valkey keeps accepted tasks through stops, kills and taken ports."""

import os
import signal
import socket
import subprocess
from urllib.parse import urlsplit

import pytest
import redis

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.ports import LOOPBACK
from bright_credit.embedded.process import inspect, wait_until
from bright_credit.embedded.valkey import EmbeddedValkey


def client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, decode_responses=True)


def push(url: str, *tasks: str) -> None:
    with client(url) as connection:
        connection.rpush("tasks", *tasks)


def tasks(url: str) -> list[str]:
    with client(url) as connection:
        return [str(task) for task in connection.lrange("tasks", 0, -1)]


def test_a_stop_and_a_start_keep_the_queue(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    push(url, "one", "two")
    assert valkey.start() == url
    assert valkey.stop()
    assert not valkey.stop()
    assert valkey.start() == url
    assert tasks(url) == ["one", "two"]


def test_the_queue_survives_a_kill(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    push(url, "one")
    with client(url) as connection:
        connection.execute_command("WAITAOF", 1, 0, 5000)
    process = valkey.process()
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: inspect(process.pid) is None, seconds=10)
    assert tasks(valkey.start()) == ["one"]


def test_it_refuses_clients_without_its_password(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    with (
        client(f"redis://{LOOPBACK}:{urlsplit(url).port}/0") as connection,
        pytest.raises(redis.AuthenticationError),
    ):
        connection.ping()


def test_it_never_throws_tasks_away_to_make_room(valkey: EmbeddedValkey) -> None:
    with client(valkey.start()) as connection:
        answer = connection.config_get("maxmemory-policy")
    assert answer == {"maxmemory-policy": "noeviction"}


def test_a_port_taken_meanwhile_is_left_to_its_taker(valkey: EmbeddedValkey) -> None:
    url = valkey.start()
    push(url, "kept")
    port = urlsplit(url).port
    valkey.stop()
    with socket.create_server((LOOPBACK, port or 0)):
        elsewhere = valkey.start()
        assert urlsplit(elsewhere).port != port
        assert tasks(elsewhere) == ["kept"]


def test_a_process_id_now_used_by_another_program_is_not_taken_for_the_server(
    valkey: EmbeddedValkey,
) -> None:
    valkey.start()
    valkey.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (valkey.folder / "valkey.pid").write_text(f"{stranger.pid}\n")
        assert not valkey.stop()
        push(valkey.start(), "one")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_damaged_queue_file_is_reported_with_the_end_of_the_log(valkey: EmbeddedValkey) -> None:
    push(valkey.start(), "one")
    valkey.stop()
    manifest = valkey.data / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("damaged")
    with pytest.raises(EmbeddedServiceError, match=r"private Valkey did not start.*(?s:.*)AOF"):
        valkey.start()
