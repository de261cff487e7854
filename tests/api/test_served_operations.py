"""What is logged and counted by the real server, with several processes."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served, served

TOKEN = "a-long-token-of-the-metrics"
CANARY = "canary@example.com"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {"BRIGHTLEND_LOG_FORMAT": "json", "BRIGHTLEND_METRICS_TOKEN": TOKEN}
    with served(tmp_path_factory.mktemp("served"), environment=environment) as running:
        yield running


def ask(server: Served, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(server.url + path, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def lines(server: Served) -> list[dict[str, Any]]:
    """Return the log, each line of which is JSON."""
    return [json.loads(line) for line in server.said().splitlines()]


def test_every_line_is_json_and_a_request_is_one(server: Served) -> None:
    ask(server, f"/api/v1/loans/LN-2026-9999?email={CANARY}", **{"X-Request-ID": "one-line"})
    of_it = [line for line in lines(server) if line["request_id"] == "one-line"]
    assert [line["logger"] for line in of_it] == ["brightlend.request"]
    assert of_it[0]["route"] == "/api/v1/loans/<loan_id>"
    assert CANARY not in server.said()
    assert any(line["logger"] == "gunicorn.error" for line in lines(server))


def test_counts_of_all_processes_are_added_up(server: Served) -> None:
    for _ in range(40):
        ask(server, "/api/v1/loans/LN-2026-9998")
    authorized = {"Authorization": f"Bearer {TOKEN}"}
    texts = [ask(server, "/metrics", **authorized)[1] for _ in range(6)]
    pattern = re.compile(
        r'brightlend_http_requests_total\{method="GET",route="/api/v1/loans/<loan_id>",'
        r'status="404"\} (\d+)'
    )
    counted = {int(found[1]) for text in texts if (found := pattern.search(text))}
    assert len(counted) == 1, "whichever process is asked says the same"
    assert counted.pop() >= 40


def test_a_payment_is_counted(server: Served) -> None:
    body = {
        "loan_id": "LN-2025-0456",
        "amount": 100,
        "payment_method": "UPI",
        "reference_id": "PAY-METRICS",
    }
    for _ in range(2):  # the second time nothing is posted
        request = urllib.request.Request(  # noqa: S310
            f"{server.url}/api/v1/loans/payments",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            assert response.status in {200, 201}
    text = ask(server, "/metrics", Authorization=f"Bearer {TOKEN}")[1]
    assert 'brightlend_payments_posted_total{method="UPI"} 1.0' in text


def test_who_has_no_token_is_told_nothing(server: Served) -> None:
    assert ask(server, "/metrics")[0] == 404
    assert ask(server, "/healthz") == (200, '{"status":"alive"}')
    assert ask(server, "/readyz")[0] == 200


def test_a_server_that_ends_leaves_no_counts_behind(tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with served(tmp_path, environment={"TMPDIR": str(folder)}) as running:
        assert ask(running, "/healthz")[0] == 200
        assert len(list(folder.glob("brightlend-metrics-*/*.db"))) >= 2
    assert list(folder.glob("brightlend-metrics-*")) == []
