"""Canaries: with tracing on, no span says anything of anybody, whatever is asked and goes wrong.

The same spans are kept twice: as the instrumentation makes them, and as they would be sent. The
first hold canaries, so that what is missing from the second was taken out by our guard.
"""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pytest_django import Settings

from bright_credit.operations import tracing
from loan import tasks
from tests.api.birds import AADHAAR, EMAIL, NAME, PAN, PHONE, Birds
from tests.api.conftest import SetDate
from tests.callers import ELSEWHERE, a_login, a_partner, as_staff
from tests.integration.credit.bank_files import load, row
from users.models import Borrower

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT = "50100246813579"


class Spans:
    """What was kept of the spans: as they are made, and as they are sent."""

    def __init__(self) -> None:
        self.made, self.sent = InMemorySpanExporter(), InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.made))
        self.provider.add_span_processor(SimpleSpanProcessor(tracing.BareSpans(self.sent)))


def said(kept: InMemorySpanExporter) -> str:
    """Return all that spans say: names, attributes, events, statuses, links, resources."""
    return "\n".join(
        f"{span.name} {span.to_json()} {span.status.description}"
        for span in kept.get_finished_spans()
    )


@pytest.fixture
def spans(settings: Settings) -> Iterator[Spans]:
    """Trace this process while the test runs."""
    settings.OPEN_TO_LOOPBACK = False
    settings.MIDDLEWARE = list(settings.MIDDLEWARE)
    spans = Spans()
    connecting = vars(psycopg.Connection)["connect"]
    tracing.instrument(spans.provider)
    connection.close()  # the next one is traced
    try:
        yield spans
    finally:
        DjangoInstrumentor().uninstrument()
        PsycopgInstrumentor().uninstrument()
        # It leaves a method that makes this very class alone, and none that is made of it.
        psycopg.Connection.connect = connecting  # type: ignore[method-assign]
        CeleryInstrumentor().uninstrument()  # type: ignore[no-untyped-call]
        connection.close()


def live(birds: Birds) -> None:
    """Have the person register, err, sign in, borrow, and be looked for by staff."""
    birds.user_id = birds.register().json()["user_id"]
    birds.register()  # a duplicate
    birds.register(aadhar_id="888877776667", pan=PHONE, phone=PAN, name=EMAIL)
    birds.post(f"borrowers/{birds.user_id}/phone", {"phone": f"0{PHONE}"})
    borrower: dict[str, Any] = birds.sign_in()
    birds.borrow()
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.get("/api/v1/loans", {"user_id": EMAIL, NAME: PHONE}, **borrower)
    client.get(f"/api/v1/{EMAIL}/{PAN}")
    staff = as_staff(a_login("asha", role="administrator"))
    page = reverse("admin:users_borrower_changelist")
    for typed in (NAME, EMAIL, PAN, PHONE, AADHAAR):
        staff.get(page, {"q": typed}, HTTP_USER_AGENT=f"{NAME}/1.0")
    load(row(Borrower.objects.get(), description=f"NEFT {ACCOUNT} {NAME}"))
    tasks.process_daily_billing.delay()


def fail(birds: Birds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have registration and a task fail with words that quote the person."""
    words = f"{NAME} {EMAIL} {AADHAAR} {PAN} {PHONE} {ACCOUNT}"

    def falls_over(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr("users.views.registration.register_borrower", falls_over)
    assert birds.register().status_code == 500
    monkeypatch.setattr("loan.tasks.run_billing", falls_over)
    with pytest.raises(RuntimeError):
        tasks.process_daily_billing.apply(throw=True)


def test_no_span_that_is_sent_says_anything_of_anybody(
    spans: Spans, today: SetDate, monkeypatch: pytest.MonkeyPatch
) -> None:
    birds = Birds(a_partner())
    live(birds)
    fail(birds, monkeypatch)
    canaries = [*birds.all, ACCOUNT]
    made, sent = said(spans.made), said(spans.sent)
    by_hand = [bird for bird in (NAME, EMAIL, AADHAAR, PAN, PHONE, ACCOUNT) if bird in made]
    assert by_hand == [NAME, EMAIL, AADHAAR, PAN, PHONE, ACCOUNT], "nothing for the guard to do"
    assert [bird for bird in canaries if bird in sent] == []
    names = {span.name for span in spans.sent.get_finished_spans()}
    assert any("users/register" in name for name in names), names
    assert any("process_daily_billing" in name for name in names), names
    assert any("INSERT" in name for name in names), names


def test_the_sweep_would_find_a_canary_in_any_part_of_a_span(spans: Spans) -> None:
    tracer = spans.provider.get_tracer("a test")
    with tracer.start_as_current_span(f"name {NAME}") as span:
        span.set_attribute("url.query", EMAIL)
        span.set_attribute("list", [PAN])
        span.add_event(f"event {PHONE}", {"exception.message": AADHAAR})
        span.record_exception(ValueError(ACCOUNT))
    made = said(spans.made)
    assert all(bird in made for bird in (NAME, EMAIL, PAN, PHONE, AADHAAR, ACCOUNT))
    left = said(spans.sent)
    assert [bird for bird in (EMAIL, PAN, PHONE, AADHAAR, ACCOUNT) if bird in left] == []
    assert json.loads(spans.sent.get_finished_spans()[0].to_json())["attributes"] == {}
