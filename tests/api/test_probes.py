"""Probes: alive, ready, measured; whom they answer, and what they cost."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from celery.signals import task_postrun
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from redis import Redis

from bright_credit.operations import broker, readiness
from loan.models import BillingChunk, BillingRun, BusinessDay
from loan.selectors.billing_state import billing_state
from tests.callers import ELSEWHERE

pytestmark = pytest.mark.django_db

NOWHERE = "redis://127.0.0.1:9/0"  # the port "discard", where nothing listens
TOKEN = "a-long-token-of-the-metrics"
PROBES = ("/healthz", "/readyz", "/metrics")


def read(client: Client, path: str, *, status: int = 200, **extra: Any) -> Any:
    response = client.get(path, **extra)
    assert response.status_code == status, response.content
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.content)


@pytest.fixture
def _a_worker_at_work(settings: Settings) -> Any:
    task_postrun.send(sender=None)
    yield
    Redis.from_url(settings.CELERY_BROKER_URL).delete(broker.LAST_TASK_KEY)
    broker.forget_connections()


def test_a_process_is_alive_without_anybody(
    client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    with django_assert_num_queries(0):
        assert read(client, "/healthz") == {"status": "alive"}


@pytest.mark.usefixtures("_a_worker_at_work")
def test_ready_tells_of_each_part_in_one_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        said = read(client, "/readyz")
    assert said["status"] == "ready"
    assert {name: part["status"] for name, part in said["parts"].items()} == {
        "database": "up",
        "broker": "up",
        "worker": "up",
        "billing": "not_yet",
    }
    last = datetime.fromisoformat(said["parts"]["worker"]["last_task_at"])
    assert timezone.now() - last < timedelta(seconds=30)


def test_without_the_broker_it_is_degraded_and_ready(client: Client, settings: Settings) -> None:
    settings.CELERY_BROKER_URL = NOWHERE
    said = read(client, "/readyz")
    assert said["status"] == "degraded"
    assert said["parts"]["broker"]["status"] == "down"
    broker.forget_connections()


def test_without_the_database_it_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("the server said something about a password")

    monkeypatch.setattr(readiness, "billing_state", away)
    said = read(client, "/readyz", status=503)
    assert said["status"] == "unavailable"
    assert said["parts"]["database"] == {"status": "down"}
    assert "password" not in json.dumps(said)


def test_the_billing_is_told_as_the_books_have_it(client: Client) -> None:
    BusinessDay.objects.create(closed_through_date=date(2026, 1, 1))
    run = BillingRun.objects.create(business_date=date(2026, 1, 2))
    began = datetime(2026, 1, 3, tzinfo=UTC)
    BillingRun.objects.update(started_at=began)
    BillingChunk.objects.create(run=run, low=1, high=2)
    BillingChunk.objects.create(run=run, low=3, high=4, claimed_at=began - timedelta(hours=1))
    BillingChunk.objects.create(run=run, low=5, high=6, status="DONE", finished_at=began)
    state = billing_state()
    assert (state.chunks_pending, state.waiting_since) == (2, began - timedelta(hours=1))
    part = read(client, "/readyz")["parts"]["billing"]
    assert (part["status"], part["closed_through"], part["last_run"]) == (
        "late",
        "2026-01-01",
        "RUNNING",
    )
    assert part["days_behind"] > 300


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_by_address_and_without_tls_are_answered(
    client: Client, settings: Settings, path: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert read(client, path, HTTP_HOST="10.1.2.3:8000")["status"]
    assert client.head(path, HTTP_HOST="10.1.2.3").status_code == 200


@pytest.mark.parametrize("path", PROBES)
def test_probes_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 404


def test_metrics_are_for_this_machine_alone_in_the_sandbox(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    for other in ({"REMOTE_ADDR": ELSEWHERE}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}):
        assert client.get("/metrics", **other).status_code == 404  # type: ignore[arg-type]


def test_metrics_are_for_nobody_in_live_mode_without_a_token(
    client: Client, settings: Settings
) -> None:
    settings.OPEN_TO_LOOPBACK = False
    assert client.get("/metrics").status_code == 404


def test_metrics_are_for_who_has_the_token(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    given = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": ELSEWHERE}
    assert client.get("/metrics", **given).status_code == 200  # type: ignore[arg-type]
    for wrong in ("", f"Bearer {TOKEN}x", "Bearer ", f"Basic {TOKEN}", TOKEN):
        assert client.get("/metrics", HTTP_AUTHORIZATION=wrong).status_code == 404, wrong


def test_metrics_count_requests_by_route_and_not_by_address(client: Client) -> None:
    client.get("/api/v1/loans/LN-2026-9999")
    client.get("/nowhere/asha@example.com")
    text = client.get("/metrics").content.decode()
    route = 'method="GET",route="/api/v1/loans/<loan_id>"'
    assert f'brightlend_http_requests_total{{{route},status="404"}}' in text
    assert "brightlend_http_request_seconds_bucket{le=" in text
    assert f"brightlend_http_request_statements_total{{{route}}}" in text
    assert 'route="unmatched"' in text
    assert "LN-2026-9999" not in text
    assert "example.com" not in text


def test_metrics_cost_one_statement(client: Client) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert client.get("/metrics").status_code == 200
    assert len(seen) == 1
