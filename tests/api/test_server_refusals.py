"""What gunicorn refuses by itself, before Django is asked, is a problem as well."""

import json
import socket
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.served import Served, served

HOST = b"Host: 127.0.0.1\r\n"
REFUSED: dict[str, tuple[bytes, int, str]] = {
    "a control character": (
        b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x01b\r\n\r\n",
        400,
        "bad_request",
    ),
    "a folded header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", 400, "bad_request"),
    "no method": (b"\x00 / HTTP/1.1\r\n" + HOST + b"\r\n", 400, "bad_request"),
    "no version": (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", 400, "bad_request"),
    "an address too long": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n", 414, "uri_too_long"),
    "a header too long": (
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 99_000 + b"\r\n\r\n",
        431,
        "headers_too_large",
    ),
    "two lengths": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        400,
        "bad_request",
    ),
    "an unknown coding": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, rot13\r\n\r\n",
        400,
        "bad_request",
    ),
}


def test_what_the_web_server_refuses_is_a_problem_too(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for words, (request, status, code) in REFUSED.items():
            head, body = _answer_to(server, request)
            assert f"HTTP/1.1 {status} " in head, (words, head)
            assert "Content-Type: application/problem+json" in head
            assert "X-Request-ID: " in head
            problem: dict[str, Any] = json.loads(body)
            assert (problem["status"], problem["code"]) == (status, code), words
        _a_body_above_the_limit_is_refused(server)
        assert "Traceback" not in server.said()
        _what_is_refused_is_not_in_the_log(server)


def _answer_to(server: Served, request: bytes) -> tuple[str, bytes]:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as line:
        line.sendall(request)
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode("latin-1"), body


def _what_is_refused_is_not_in_the_log(server: Served) -> None:
    secret = b"Authorization: Bearer canary-token\x01\r\n"
    head, _ = _answer_to(server, b"GET / HTTP/1.1\r\n" + HOST + secret + b"\r\n")
    assert " 400 " in head
    assert "Refused before Django" in server.said()
    assert "canary-token" not in server.said()


def _a_body_above_the_limit_is_refused(server: Served) -> None:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request(
        "POST",
        "/api/v1/loans/quote",
        body=b"{" + b" " * (1024 * 1024) + b"}",
        headers={"Content-Type": "application/json"},
    )
    response = connection.getresponse()
    assert response.status == 413
    assert json.loads(response.read())["code"] == "body_too_large"
    connection.close()
