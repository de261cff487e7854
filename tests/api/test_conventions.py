"""What holds for every address of the API alike, asked of the table of addresses itself."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings
from rest_framework.views import APIView

from tests.api.problem import problem_of
from users.domain.callers import Rule

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
WRITES = ("post", "put", "patch")

Route = tuple[str, type[APIView]]


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, address)
        elif view := getattr(pattern.callback, "view_class", None):
            numbered = re.sub("<int:[^>]+>", "999999999", address)
            yield re.sub("<[^>]+>", "LN-2099-999999", numbered), view


def routes() -> list[Route]:
    """Return every address of version 1 with its view, path parameters filled in."""
    found = list(_routes(get_resolver().url_patterns, "/"))
    return sorted(
        (route for route in found if route[0].startswith("/api/v1/")), key=lambda route: route[0]
    )


def taken(view: type[APIView]) -> set[str]:
    return {method for method in METHODS if hasattr(view, method)}


def rules_of(view: type[APIView]) -> dict[str, Rule]:
    """Return who may call which method of a view."""
    rules: dict[str, Rule] = getattr(view, "access", {})
    return rules


def open_to_anybody(view: type[APIView]) -> set[str]:
    """Return the methods that need no caller: those of signing in."""
    return {method.lower() for method, rule in rules_of(view).items() if rule.anybody}


ROUTES = routes()
EACH_ROUTE = pytest.mark.parametrize(
    ("address", "view"), ROUTES, ids=[address for address, _ in ROUTES]
)
EACH_WRITE = pytest.mark.parametrize(
    ("address", "method"),
    [(address, method) for address, view in ROUTES for method in WRITES if method in taken(view)],
)
EACH_READ = pytest.mark.parametrize(
    "address", [address for address, view in ROUTES if "get" in taken(view)]
)


def send(client: Client, method: str, address: str, body: bytes, **extra: Any) -> Any:
    content_type = extra.pop("content_type", "application/json")
    return client.generic(method.upper(), address, body, content_type, **extra)


def test_the_contracts_addresses_are_there() -> None:
    assert {address for address, _ in ROUTES} >= {
        "/api/v1/users/register",
        "/api/v1/credit/scores",
        "/api/v1/loans/apply",
        "/api/v1/loans/payments",
        "/api/v1/statements",
    }


@EACH_ROUTE
def test_no_address_ends_with_a_slash(client: Client, address: str, view: type[APIView]) -> None:
    assert not address.endswith("/")
    for method in taken(view):
        problem_of(getattr(client, method)(address + "/"), status=404, code="not_found")


@EACH_ROUTE
def test_a_method_that_is_not_taken_is_a_405_with_those_that_are(
    client: Client, address: str, view: type[APIView]
) -> None:
    for method in {*METHODS, "trace"} - taken(view):
        response = getattr(client, method)(address)
        problem_of(response, status=405, code="method_not_allowed")
        allowed = {name.strip().lower() for name in response.headers["Allow"].split(",")}
        assert allowed - {"head", "options"} == taken(view)


@EACH_ROUTE
def test_an_anonymous_call_from_elsewhere_is_a_401(
    client: Client, address: str, view: type[APIView]
) -> None:
    for method in taken(view) - open_to_anybody(view):
        response = getattr(client, method)(address, REMOTE_ADDR="203.0.113.7")
        problem_of(response, status=401, code="not_authenticated")
        assert response.headers["WWW-Authenticate"]


@EACH_ROUTE
def test_an_anonymous_call_in_live_mode_is_a_401(
    client: Client, settings: Settings, address: str, view: type[APIView]
) -> None:
    settings.OPEN_TO_LOOPBACK = False
    for method in taken(view) - open_to_anybody(view):
        problem_of(getattr(client, method)(address), status=401, code="not_authenticated")


@EACH_ROUTE
def test_no_answer_is_to_be_stored(client: Client, address: str, view: type[APIView]) -> None:
    for method in taken(view):
        response = getattr(client, method)(address)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Request-ID"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@EACH_WRITE
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_a_body_that_is_not_json_is_a_415(
    client: Client, address: str, method: str, content_type: str
) -> None:
    response = send(client, method, address, b"amount=1", content_type=content_type)
    problem_of(response, status=415, code="unsupported_media_type")


@EACH_WRITE
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed_json"),
        (b"[]", "not_an_object"),
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        (b'{"a": "\\u0000"}', "nul_character"),
        (b'{"a":' * 100_000, "nesting_too_deep"),
        (b'{"a": NaN}', "number_not_finite"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "number_too_long"),
        (b'{"a": "\xff"}', "not_utf8"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400(
    client: Client, address: str, method: str, body: bytes, code: str
) -> None:
    problem_of(send(client, method, address, body), status=400, code=code)


@EACH_WRITE
def test_a_body_above_the_limit_is_a_413(client: Client, address: str, method: str) -> None:
    body = b'{"a": "' + b"a" * (1024 * 1024) + b'"}'
    problem_of(send(client, method, address, body), status=413, code="body_too_large")


@pytest.mark.parametrize(
    ("address", "view"), [(address, view) for address, view in ROUTES if "post" in taken(view)]
)
def test_every_post_heeds_an_idempotency_key_or_says_why_it_takes_none(
    client: Client, address: str, view: type[APIView]
) -> None:
    handler: Any = view.post  # type: ignore[attr-defined]
    if getattr(handler, "heeds_idempotency_key", False):
        refused = client.post(
            address, "{}", content_type="application/json", HTTP_IDEMPOTENCY_KEY='"'
        )
        problem_of(refused, status=400, code="idempotency_key_malformed")
    else:
        assert handler.no_idempotency_key_because


@EACH_WRITE
def test_an_unknown_field_is_named(client: Client, address: str, method: str) -> None:
    response = send(client, method, address, json.dumps({"is_staff": True}).encode())
    errors = problem_of(response, status=400, code="invalid")["errors"]
    assert ("is_staff", "unknown_field") in {(error["field"], error["code"]) for error in errors}


HOSTILE_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**15,
    "",
    " ",
    "a" * 100_000,
    "\u202e",
    "१२३",
    "' OR 1=1 --",
    "9999-12-31",
    [],
    [[]],
    {},
    {"a": {"b": None}},
]


@EACH_WRITE
@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=lambda value: ascii(value)[:20])
def test_no_value_of_any_field_is_a_failure(
    client: Client, address: str, method: str, value: Any
) -> None:
    empty = send(client, method, address, b"{}").json()
    names = {error["field"] for error in empty.get("errors", [])}
    response = send(client, method, address, json.dumps(dict.fromkeys(names, value)).encode())
    assert 400 <= response.status_code < 500
    problem_of(response, status=response.status_code)


@EACH_READ
def test_an_unknown_query_parameter_is_named(client: Client, address: str) -> None:
    response = client.get(address, {"nonsense": "1"})
    assert response.status_code in {400, 404}
    problem_of(response, status=response.status_code)


HOSTILE_TEXTS = [
    "",
    " ",
    "\0",
    "a" * 5_000,
    "\u202e",
    "'; DROP TABLE loan_loan; --",
    "BC-USER-99999999999999999999999999",
    "LN-2025-99999999999999999999999999",
    "BC-USER-००९",
    "LN-9999-0001",
    "-1",
    "9223372036854775808",
    "9999-12-31",
    "\ufffd",
]


@EACH_READ
@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:20])
def test_no_query_is_a_failure(client: Client, address: str, text: str) -> None:
    for name in ("user_id", "loan_id", "as_of", "limit", "cursor", "history"):
        response = client.get(address, {name: text})
        assert 400 <= response.status_code < 500
        problem_of(response, status=response.status_code)


@EACH_READ
def test_a_repeated_query_parameter_is_refused(client: Client, address: str) -> None:
    response = client.get(f"{address}?user_id=BC-USER-001&user_id=BC-USER-002")
    assert response.status_code in {400, 404}
    problem_of(response, status=response.status_code)


@pytest.mark.parametrize("text", ["%00", "%ff", "LN-2025-", "1", "LN-2025-0456%0a", "a" * 3_000])
def test_no_path_is_a_failure(client: Client, text: str) -> None:
    problem_of(client.get(f"/api/v1/loans/{text}"), status=404)
