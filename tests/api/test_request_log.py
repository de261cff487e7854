"""One line for each request: what it was, who asked, what it cost, and nobody's data."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bright_credit import settings as written
from bright_credit.common.api.request_id import RequestIdFilter
from bright_credit.operations import readiness
from bright_credit.operations.log_lines import JsonLines
from tests.api.calls import post
from tests.builders import a_borrower, a_disbursed_loan
from tests.callers import ELSEWHERE, a_login, a_partner, as_borrower, as_partner, as_staff

pytestmark = pytest.mark.django_db


def lines_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [record for record in caplog.records if record.name == "brightlend.request"]
    return [json.loads(JsonLines().format(record)) for record in records]


@pytest.fixture(autouse=True)
def _logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    caplog.handler.addFilter(RequestIdFilter())  # as the settings do


def test_a_request_is_one_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/api/v1/loans/LN-2026-9999?secret=1", HTTP_X_REQUEST_ID="mine")
    (line,) = lines_of(caplog)
    assert line.pop("at")
    assert isinstance(line.pop("duration_ms"), int)
    assert line.pop("message").startswith("GET /api/v1/loans/<loan_id> 400, ")
    assert line == {
        "level": "INFO",
        "logger": "brightlend.request",
        "request_id": "mine",
        "method": "GET",
        "route": "/api/v1/loans/<loan_id>",
        "status": 400,
        "statements": 0,
        "caller": "local",
        "caller_id": "-",
    }


def test_callers_are_named_by_public_ids(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    borrower, partner = a_borrower(), a_partner()
    headers: Any
    for headers in (as_borrower(borrower), as_partner(partner), {"REMOTE_ADDR": ELSEWHERE}):
        client.get("/api/v1/loans", **headers)
    login = a_login("asha.rao", role="viewer")
    as_staff(login).get("/api/v1/loans")
    named = [(line["caller"], line["caller_id"]) for line in lines_of(caplog)]
    assert named == [
        ("borrower", borrower.public_id),
        ("partner", f"partner:{partner.pk}"),
        ("anonymous", "-"),
        ("staff", f"staff:{login.pk}"),
    ]


def test_nobody_is_looked_up_for_a_line_alone(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(a_login("ops"))
    caplog.clear()
    client.get("/static/nothing.css")
    client.get("/nowhere")
    assert [(line["route"], line["statements"]) for line in lines_of(caplog)] == [
        ("static", 0),
        ("unmatched", 0),
    ]


def test_statements_are_those_that_were_made(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    loan = a_disbursed_loan()
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/api/v1/loans/{loan.public_id}")
    (line,) = lines_of(caplog)
    assert line["statements"] == len(seen) > 1


def test_nothing_that_was_sent_is_in_a_line(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    canaries = {
        "aadhar_id": "888877776666",
        "name": "Canary Person",
        "email": "canary@example.com",
        "annual_income": 1_234_567,
        "employment_type": "SALARIED",
        "pan": "ZQXPC7731Y",
        "phone": "+919173046284",
    }
    post(client, "users/register", canaries)
    client.get("/api/v1/loans/ZQXPC7731Y", {"phone": "9173046284"})
    client.get("/api/v1/credit/scores", {"user_id": "canary@example.com", "x": "888877776666"})
    client.get("/api/v1/loans/canary@example.com")
    client.get("/canary@example.com")
    said = "\n".join(json.dumps(line) for line in lines_of(caplog))
    assert len(lines_of(caplog)) == 5
    for canary in ("888877776666", "ZQXPC7731Y", "9173046284", "Canary", "canary", "1234567"):
        assert canary not in said, canary


@pytest.mark.parametrize("method", ["PROPFIND", "GET\u00e9", "x" * 500])
def test_a_method_that_nobody_knows_is_no_label(
    client: Client, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    client.generic(method, "/api/v1/loans")
    assert lines_of(caplog)[0]["method"] == "OTHER"


def test_probes_that_go_well_are_silent_and_others_are_not(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/healthz")
    assert lines_of(caplog) == []

    def away() -> None:
        raise OperationalError("away")

    monkeypatch.setattr(readiness, "billing_state", away)
    client.get("/readyz")
    (line,) = lines_of(caplog)
    assert (line["level"], line["route"], line["status"]) == ("ERROR", "/readyz", 503)


def test_the_settings_write_a_line_a_request_and_no_other_names_its_address() -> None:
    logging_settings: Any = written.LOGGING
    assert written.MIDDLEWARE[1] == "bright_credit.operations.request_log.RequestLogMiddleware"
    assert logging_settings["loggers"]["django.request"]["level"] == "ERROR"
