"""Traces over OTLP, from the real server to a real receiver: what they say, and of whom nothing."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bright_credit.embedded.ports import LOOPBACK
from bright_credit.operations.tracing import KEPT
from tests.integration.operations.http import a_payment, call
from tests.served import served

CANARIES = (
    "canary@example.com",
    "888877776666",
    "ZQXPC7731Y",
    "9173046284",
    "Canary Person",
    "PAY-CANARY",
    "Canary/9.9",
)


class Received(ThreadingHTTPServer):
    """A receiver that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Keeper)
        self.bodies: list[bytes] = []

    def spans(self) -> list[Any]:
        """Return every span that came."""
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class _Keeper(BaseHTTPRequestHandler):
    server: Received

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_said: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Received]:
    with Received() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_traces_say_what_was_done_and_nothing_of_whom(receiver: Received, tmp_path: Path) -> None:
    environment = {
        "BRIGHTLEND_OTLP_ENDPOINT": f"http://{LOOPBACK}:{receiver.server_port}/v1/traces",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    registration = {
        "aadhar_id": "888877776666",
        "name": "Canary Person",
        "email": "canary@example.com",
        "annual_income": 1_800_000,
        "employment_type": "SALARIED",
        "pan": "ZQXPC7731Y",
        "phone": "+919173046284",
    }
    agent = {"User-Agent": "Canary/9.9"}
    with served(tmp_path, environment=environment) as server:
        assert call(server, "/api/v1/users/register", registration, **agent).status == 201
        paid = call(server, "/api/v1/loans/payments", a_payment("PAY-CANARY"), **agent)
        assert paid.status == 201
        call(server, "/api/v1/loans?email=canary@example.com", **agent)
        call(server, "/api/v1/nowhere/canary@example.com", **agent)
        spans = _await(receiver, request_id=paid.headers["X-Request-ID"])
    names = {span.name for span in spans}
    assert any(name.startswith("POST") and "loans/payments" in name for name in names), names
    attributes = {item.key: item.value for span in spans for item in span.attributes}
    assert set(attributes) <= KEPT
    statements = [
        item.value.string_value
        for span in spans
        for item in span.attributes
        if item.key in {"db.statement", "db.query.text"}
    ]
    assert any("loan_payment" in statement and "%s" in statement for statement in statements)
    sent = b"".join(receiver.bodies)
    assert [canary for canary in CANARIES if canary.encode() in sent] == []


def _await(receiver: Received, *, request_id: str) -> list[Any]:
    for _ in range(200):
        spans = receiver.spans()
        if any(
            item.key == "request_id" and item.value.string_value == request_id
            for span in spans
            for item in span.attributes
        ):
            time.sleep(1)  # the requests after it
            return receiver.spans()
        time.sleep(0.1)
    raise AssertionError([span.name for span in receiver.spans()])
