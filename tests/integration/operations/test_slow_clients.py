"""Clients that send a byte now and then, and inputs that are made to be slow to read.

The server has two workers. Each test holds one or both of them; without the time limits of
`bright_credit.operations.web_worker` they would be held until gunicorn kills them.
"""

import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from bright_credit.operations.web_worker import TIME_TO_SEND
from tests.integration.operations.http import a_payment, call
from tests.served import Served, served

BOUND = TIME_TO_SEND.total_seconds() + 10.0
#: Seconds of one request that is made to be slow, on a machine that is busy with other tests.
SLOW = 10.0
MIB = 1024 * 1024
QUOTE = "/api/v1/loans/quote"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("slow")) as running:
        yield running
        assert "WORKER TIMEOUT" not in running.said()
        assert "Traceback" not in running.said()


def connected(server: Served) -> socket.socket:
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname or "", address.port or 0), timeout=BOUND)


def dripped(line: socket.socket) -> bytes:
    """Send a byte every half second until the server has had enough; return what it says."""
    line.settimeout(0.5)
    began = time.monotonic()
    said = b""
    while time.monotonic() - began < BOUND:
        try:
            piece = line.recv(65_536)
        except TimeoutError:
            line.sendall(b"a")
            continue
        except ConnectionError:
            return said
        if not piece:
            return said
        said += piece
    raise AssertionError("the server still waits")


def test_heads_that_never_end_are_given_up_and_others_are_served(server: Served) -> None:
    lines = [connected(server) for _ in range(2)]
    for line in lines:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
    assert dripped(lines[0]) == b""
    for line in lines:
        line.close()
    answer = call(server, "/healthz")
    assert (answer.status, answer.seconds < BOUND) == (200, True)


def test_a_body_that_never_ends_is_refused(server: Served) -> None:
    with connected(server) as line:
        line.sendall(
            f"POST {QUOTE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: 100000\r\n\r\n".encode()
        )
        head, _, body = dripped(line).partition(b"\r\n\r\n")
    assert b" 400 " in head.splitlines()[0]
    assert json.loads(body)["code"] == "body_unreadable"


def test_a_chunked_body_is_refused_without_waiting_for_its_end(server: Served) -> None:
    with connected(server) as line:
        line.sendall(
            f"POST {QUOTE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Transfer-Encoding: chunked\r\n\r\nffff\r\n".encode()
        )
        head = dripped(line)
    assert b" 400 " in head.splitlines()[0]


def test_an_upload_that_takes_its_time_and_goes_on_is_taken(server: Served) -> None:
    body = json.dumps(a_payment("UNHURRIED")).encode()
    body += b" " * (512 * 1024 - len(body))
    pieces = [body[n : n + 32 * 1024] for n in range(0, len(body), 32 * 1024)]
    with connected(server) as line:
        line.sendall(
            b"POST /api/v1/loans/payments HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\n" + f"Content-Length: {len(body)}\r\n\r\n".encode()
        )
        for piece in pieces:
            line.sendall(piece)
            time.sleep((TIME_TO_SEND.total_seconds() + 1) / len(pieces))
        assert b" 201 " in line.recv(65_536).splitlines()[0]


#: Bodies of the largest size that is taken, each made to keep a reader busy.
HOSTILE = {
    "many keys": "{" + ",".join(f'"k{n}":0' for n in range(90_000)) + "}",
    "many lists": '{"user_id":' + "[" * 500_000 + "]" * 500_000 + "}",
    "one long text": json.dumps({"user_id": "BC-USER-" + "0" * (MIB - 100)}),
    "many escapes": '{"user_id":"' + "\\u0041" * 170_000 + '"}',
    "a long number": '{"amount":' + "9" * (MIB - 100) + "}",
    "a long fraction": '{"amount":0.' + "9" * (MIB - 100) + "}",
    "a large exponent": '{"amount":1e999999999}',
    "almost an address": json.dumps({"email": "a." * 500_000 + "@"}),
    "almost a date": json.dumps({"disbursement_date": "2026-" * 200_000}),
    "spaces": '{"user_id":' + " " * (MIB - 100) + "}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("path", ["/api/v1/users/register", QUOTE, "/api/v1/loans/payments"])
def test_bodies_made_to_be_slow_are_refused_soon(server: Served, path: str, body: str) -> None:
    assert len(body) < MIB
    with connected(server) as line:
        began = time.monotonic()
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        head = line.recv(65_536)
        assert time.monotonic() - began < SLOW
    assert b" 400 " in head.splitlines()[0]


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"k{n}=" for n in range(900)),
        "user_id=" + "%00" * 1_000,
        "user_id=" + "BC-USER-" * 400,
        "cursor=" + "A" * 3_500,
    ],
    ids=["many names", "many escapes", "almost an id", "almost a cursor"],
)
def test_queries_made_to_be_slow_are_refused_soon(server: Served, query: str) -> None:
    answer = call(server, f"/api/v1/loans?{query}")
    assert answer.status in {400, 404, 414}
    assert answer.seconds < SLOW
