"""Canaries: a person's data and secrets go through real requests, and turn up nowhere else.

Every line of the log (as the product writes it), every error, the metrics, what is sent to the
broker and to partners, and every table are swept for them.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from bright_credit.operations.log_lines import JsonLines, PlainLines
from loan import tasks
from loan.selectors.personal_data import personal_data
from tests.api.birds import AADHAAR, EMAIL, NAME, PAN, PHONE, Birds
from tests.api.conftest import SetDate
from tests.callers import (
    ELSEWHERE,
    a_login,
    a_partner,
    as_staff,
)
from tests.integration.users.receiver import an_endpoint
from users.models import Borrower, SignInCode, WebhookMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_line(caplog: pytest.LogCaptureFixture, settings: Settings) -> Iterator[None]:
    """Capture all that is logged, and shut the sandbox's door."""
    settings.OPEN_TO_LOOPBACK = False
    settings.STAFF_SECOND_FACTOR = True
    with caplog.at_level(logging.DEBUG):
        yield


@pytest.fixture
def birds(today: SetDate) -> Birds:
    """Return the canaries, registered."""
    partner = a_partner()
    an_endpoint(partner, "https://hooks.example.com/canary")
    birds = Birds(partner)
    registered = birds.register()
    assert registered.status_code == 201, registered.content
    birds.user_id = registered.json()["user_id"]
    return birds


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return every line that the product would have written, in either style."""
    # What the product's settings drop is not written: `LOGGING`, and the level of the root.
    records = [
        record
        for record in caplog.records
        if record.levelno >= (logging.ERROR if record.name == "django.request" else logging.INFO)
    ]
    return [
        formatter.format(record) for record in records for formatter in (JsonLines(), PlainLines())
    ]


def found(birds: Birds, *texts: str) -> list[str]:
    """Return the canaries that are in one of the texts."""
    return [bird for bird in birds.all for text in texts if bird in text]


def tables() -> dict[str, str]:
    """Return every table that has rows, as PostgreSQL writes them."""
    written: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT t::text FROM {name} t")  # noqa: S608
            written[table] = "\n".join(row[0] for row in cursor.fetchall())
    return written


def test_refusals_and_lines_of_the_log_quote_no_canary(
    birds: Birds, caplog: pytest.LogCaptureFixture
) -> None:
    borrower: dict[str, Any] = birds.sign_in()
    birds.register()  # a duplicate
    birds.register(aadhar_id="888877776667")
    birds.register(name=f"{NAME}\u202e", email=EMAIL)
    birds.register(email=f"{AADHAAR}@example.com")
    birds.register(email=f"{PAN}@example.com")
    birds.register(pan=PHONE, phone=PAN)
    birds.post(f"borrowers/{birds.user_id}/pan", {"pan": PAN})  # one is on record
    birds.post(f"borrowers/{birds.user_id}/phone", {"phone": PHONE, "note": PAN})
    birds.register(**{NAME: EMAIL})
    birds.post("loans/apply", {"user_id": EMAIL, "purpose": NAME})
    birds.post("loans/payments", {"loan_id": NAME, "amount": EMAIL})
    birds.post(f"borrowers/{birds.user_id}/consents", {"purpose": NAME, "text_version": EMAIL})
    birds.post("auth/codes", {"email": f"{EMAIL} "}, HTTP_AUTHORIZATION=f"Bearer {birds.key}")
    birds.post("auth/tokens/refresh", {"refresh_token": birds.secrets[-1] + "x"})
    for address in (f"/api/v1/loans?user_id={EMAIL}", f"/api/v1/{EMAIL}", f"/{NAME}"):
        answer = Client(REMOTE_ADDR=ELSEWHERE).get(address, **borrower)
        birds.errors.append(answer.content.decode())
    assert len(birds.errors) >= 12
    secret = [bird for bird in birds.secrets for text in birds.errors if bird in text]
    assert secret == []
    told_back = [text for text in birds.errors if NAME in text or EMAIL in text]
    # An unknown field is named by the name it was given, an address by itself; nothing else is.
    assert all('"unknown_field"' in text or '"instance"' in text for text in told_back)
    assert found(birds, *lines(caplog)) == []
    assert all(birds.code not in line for line in lines(caplog))


def test_what_fails_on_our_side_quotes_no_canary(
    birds: Birds, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"{AADHAAR} {PAN.lower()} {PAN} +91{PHONE} {EMAIL} Bearer {birds.key}")

    monkeypatch.setattr("users.views.registration.register_borrower", fail)
    assert birds.register().status_code == 500
    assert found(birds, *birds.errors) == []
    written = lines(caplog)
    assert any("RuntimeError" in line for line in written), "the failure was not logged"
    assert not [line for line in written if PAN.lower() in line]
    assert found(birds, *written) == []


def test_lists_of_the_admin_show_no_secret_and_the_log_no_search(
    birds: Birds, caplog: pytest.LogCaptureFixture
) -> None:
    staff = as_staff(a_login("asha", role="administrator"))
    borrower = Borrower.objects.get()
    pages = [
        reverse("admin:users_borrower_changelist"),
        reverse("admin:users_borrower_change", args=[borrower.pk]),
        reverse("admin:users_accesslogentry_changelist"),
        reverse("admin:users_partnerkey_changelist"),
        reverse("admin:audit_trail_auditentry_changelist"),
    ]
    for page in pages:
        text = staff.get(page, {"q": ""}).content.decode()
        assert not [bird for bird in birds.secrets if bird in text], page
    for typed in (NAME, PAN, f"+91 {PHONE}", AADHAAR):
        staff.get(pages[0], {"q": typed})
    looks = staff.get(pages[2]).content.decode()
    assert not [bird for bird in birds.secrets if bird in looks]
    trail = staff.get(pages[-1]).content.decode()
    assert NAME not in trail
    assert EMAIL not in trail
    assert found(birds, *lines(caplog)) == []


def test_the_tables_hold_each_canary_where_it_belongs_and_nowhere_else(birds: Birds) -> None:
    birds.sign_in()
    birds.borrow()
    staff = as_staff(a_login("asha", role="administrator"))
    staff.get(reverse("admin:users_borrower_changelist"), {"q": NAME})
    held = tables()
    assert {name for name, rows in held.items() if NAME in rows} == {"users_borrower"}
    assert {name for name, rows in held.items() if EMAIL in rows} == {"users_borrower"}
    for secret in birds.secrets:
        assert [name for name, rows in held.items() if secret in rows] == []
    assert SignInCode.objects.exists()
    assert f'"{birds.code}"' not in held["users_signincode"]


def test_metrics_tasks_and_webhooks_carry_no_canary(birds: Birds, settings: Settings) -> None:
    sent: list[str] = []

    def keep(body: Any = None, headers: Any = None, **_rest: Any) -> None:
        sent.append(repr((body, headers)))

    before_task_publish.connect(keep)
    try:
        birds.sign_in()
        birds.borrow()
        tasks.process_daily_billing.delay()
    finally:
        before_task_publish.disconnect(keep)
    assert sent, "nothing was sent to the broker"
    settings.METRICS_TOKEN = "a-token-of-the-metrics"
    metrics = Client().get("/metrics", HTTP_AUTHORIZATION=f"Bearer {settings.METRICS_TOKEN}")
    assert metrics.status_code == 200
    messages = [json.dumps(message.data) for message in WebhookMessage.objects.all()]
    assert messages, "the partner was told of nothing"
    assert found(birds, metrics.content.decode(), *sent, *messages) == []


def test_an_export_holds_the_person_and_no_secret(birds: Birds) -> None:
    birds.sign_in()
    text = json.dumps(personal_data(birds.user_id))
    assert NAME in text
    assert EMAIL in text
    assert not [bird for bird in birds.secrets if bird in text]
    for shown in ("XXXX-XXXX-6666", "XXXXXX731Y", "+91 XXXXXX6284"):
        assert shown in text
