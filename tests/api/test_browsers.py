"""What browsers are told: which scripts a page may run, who may frame it, which origins call."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

ORIGIN = "https://app.lender.example"
QUOTE = "/api/v1/loans/quote"
BEAT = "/admin/django_celery_beat/periodictask/add/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_to_one_origin(settings: Settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


def policy(response: Any) -> dict[str, str]:
    """Return the directives of an answer's policy."""
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


@pytest.mark.parametrize("address", ["/api/v1/loans", "/api/schema", "/api/nowhere", "/nowhere"])
def test_an_answer_that_is_no_page_may_do_nothing(client: Client, address: str) -> None:
    directives = policy(client.get(address))
    assert set(directives.values()) == {"'none'"}
    assert directives.keys() >= {"default-src", "frame-ancestors", "form-action", "base-uri"}


@pytest.mark.parametrize("address", ["/api/docs", "/api/redoc", "/api/docs/errors"])
def test_a_page_of_the_documentation_runs_files_of_this_host_only(
    client: Client, address: str
) -> None:
    response = client.get(address)
    directives = policy(response)
    assert directives["script-src"] == "'self'"
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    _has_no_script_of_its_own(response.content.decode())


def test_a_page_of_the_admin_runs_files_of_this_host_only(client: Client) -> None:
    client.force_login(get_user_model().objects.create_superuser("ops"))
    for address in (
        "/admin/",
        "/admin/loan/loan/",
        "/admin/users/user/add/",
        BEAT,
        "/admin/login/",
    ):
        response = client.get(address)
        directives = policy(response)
        assert directives["script-src"] == "'self' 'unsafe-eval'"
        assert directives["form-action"] == "'self'"
        _has_no_script_of_its_own(response.content.decode())


def _has_no_script_of_its_own(page: str) -> None:
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert "src=" in attributes or "application/json" in attributes, body[:200]
    assert not re.search(r"<[^>]+\son(click|load|change|submit|error)=", page)


def test_every_answer_has_the_other_rules_too(client: Client) -> None:
    for address in ("/api/v1/loans", "/admin/login/", "/api/docs", "/nowhere"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]


def test_no_other_origin_may_call_unless_it_is_named(client: Client) -> None:
    response = client.get("/api/v1/loans", HTTP_ORIGIN=ORIGIN)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.usefixtures("open_to_one_origin")
def test_a_named_origin_may_call_and_read_what_it_needs(client: Client) -> None:
    response = client.get("/api/v1/loans", HTTP_ORIGIN=ORIGIN)
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in response.headers
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Idempotent-Replayed", "RateLimit", "Retry-After", "X-Request-ID"} <= set(
        exposed
    )
    assert "origin" in response.headers["Vary"]


@pytest.mark.usefixtures("open_to_one_origin")
def test_a_browser_that_asks_first_is_told_what_it_may_send(client: Client) -> None:
    asked: dict[str, Any] = {
        "HTTP_ORIGIN": ORIGIN,
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "idempotency-key, content-type",
    }
    response = client.options(QUOTE, **asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    allowed = response.headers["Access-Control-Allow-Headers"]
    assert "idempotency-key" in allowed
    assert "if-none-match" in allowed
    assert response.headers["Access-Control-Max-Age"] == "3600"


@pytest.mark.usefixtures("open_to_one_origin")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        f"{ORIGIN}.evil.example",
        "http://app.lender.example",
        "https://app.lender.example:8443",
        "https://xapp.lender.example",
    ],
)
def test_no_other_origin_is_taken_for_a_named_one(client: Client, origin: str) -> None:
    for response in (
        client.get("/api/v1/loans", HTTP_ORIGIN=origin),
        client.options(QUOTE, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST"),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.usefixtures("open_to_one_origin")
def test_the_admin_is_open_to_no_origin(client: Client) -> None:
    assert "Access-Control-Allow-Origin" not in client.get("/admin/", HTTP_ORIGIN=ORIGIN).headers
