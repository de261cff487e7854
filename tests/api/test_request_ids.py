"""Every request has a name: in its answer, and in each line that is logged for it."""

import logging
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from bright_credit.common.api.request_id import NO_REQUEST, RequestIdFilter, current_request_id
from bright_credit.operations.log_lines import PLAIN
from tests.api.problem import problem_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("given", ["a", "A-1_b.c", "0" * 64])
def test_a_sane_name_is_taken_over(client: Client, given: str) -> None:
    assert client.get("/api/v1/loans", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "0" * 65, "a b", "a\r\nSet-Cookie: x=1", "é", "<b>", "a\0"])
def test_any_other_is_replaced(client: Client, given: str) -> None:
    made = client.get("/api/v1/loans", HTTP_X_REQUEST_ID=given).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", made)


def test_each_request_without_one_gets_its_own(client: Client) -> None:
    made = {client.get("/api/v1/loans").headers["X-Request-ID"] for _ in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize(
    ("address", "extra", "status"),
    [
        ("/api/nowhere", {}, 404),
        ("/nowhere", {}, 404),
        ("/api/v1/loans", {"HTTP_HOST": "evil.example"}, 400),
        ("/static/nothing.css", {}, 404),
    ],
)
def test_what_is_refused_before_any_view_has_one_too(
    client: Client, address: str, extra: dict[str, Any], status: int
) -> None:
    response = client.get(address, HTTP_X_REQUEST_ID="mine", **extra)
    assert response.status_code == status
    assert response.headers["X-Request-ID"] == "mine"
    assert response.headers["Content-Security-Policy"]
    if address.startswith("/api/"):
        problem_of(response, status=status)


def test_lines_logged_for_a_request_have_its_name(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    client.get("/api/nowhere", HTTP_X_REQUEST_ID="mine")
    logging.getLogger("brightlend.test").warning("outside")
    named = {record.name: vars(record)["request_id"] for record in caplog.records}
    assert named["django.request"] == "mine"
    assert named["brightlend.test"] == NO_REQUEST
    assert current_request_id() == NO_REQUEST


def test_the_settings_log_the_name() -> None:
    from bright_credit import settings as written

    assert settings.LOGGING is not written.LOGGING  # the tests' own, which logs nothing
    assert "%(request_id)s" in PLAIN
    assert written.LOGGING["handlers"]["stderr"]["filters"] == ["request_id"]
