"""Each kind of refusal as an RFC 9457 problem, over a sample API; and the table of codes."""

import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from ledger.models import Account
from tests.api.problem import faults, problem_of
from tests.api.sample_api import SECRET_DETAIL

pytestmark = [pytest.mark.urls("tests.api.sample_api"), pytest.mark.django_db]

ORDER = {"name": "Asha", "amount": 20833.33}


def post(client: Client, body: Any, **extra: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return client.post("/api/orders", data=data, content_type="application/json", **extra)


def test_a_good_request_is_answered_as_json_with_exact_amounts(client: Client) -> None:
    response = post(client, ORDER | {"parts": [{"amount": 24500}]})
    assert response.status_code == 201
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == (b'{"name":"Asha","amount":20833.33,"parts":[{"amount":24500}]}')


@pytest.mark.parametrize(
    ("kind", "status", "code", "detail"),
    [
        ("invalid", 400, "invalid", "Too short."),
        ("not-permitted", 403, "permission_denied", "Not yours to do."),
        ("not-found", 404, "not_found", "No such loan."),
        ("conflict", 409, "conflict", "Taken."),
        ("rule", 422, "rule_violated", "Too much."),
        ("http404", 404, "not_found", "Not found."),
        ("parse", 400, "bad_request", "Malformed request."),
        ("teapot", 500, "internal_error", "odd"),
    ],
)
def test_a_refusal_keeps_its_status_code_and_sentence(
    client: Client, kind: str, status: int, code: str, detail: str
) -> None:
    body = problem_of(client.get(f"/api/failures/{kind}?secret=1"), status=status, code=code)
    assert body["detail"] == detail
    assert body["instance"] == f"/api/failures/{kind}"


def test_a_refusal_names_its_field(client: Client) -> None:
    body = problem_of(client.get("/api/failures/invalid"), status=400)
    assert body["errors"] == [{"field": "name", "code": "invalid", "detail": "Too short."}]


def test_a_refusal_may_say_more_and_never_overwrites_what_a_problem_is(client: Client) -> None:
    body = problem_of(client.get("/api/failures/conflict"), status=409)
    assert body["taken_by"] == "A"
    assert body["status"] == 409


def test_messages_of_djangos_own_refusals_are_not_shown(client: Client) -> None:
    for kind in ("http404", "django-denied"):
        assert SECRET_DETAIL not in client.get(f"/api/failures/{kind}").content.decode()


def test_every_field_at_fault_is_named_by_its_path(client: Client) -> None:
    order = {"name": 5, "parts": [{"amount": 1}, {"amount": "1", "x": 1}, 7], "y": 1}
    body = problem_of(post(client, order), status=400, code="invalid")
    assert sorted(faults(body), key=str) == [
        ("amount", "required"),
        ("name", "not_a_string"),
        ("parts.1.amount", "not_a_number"),
        ("parts.1.x", "unknown_field"),
        ("parts.2", "not_an_object"),
        ("y", "unknown_field"),
    ]
    assert body["detail"] == "6 values are not acceptable; see errors."


def test_errors_of_no_field_have_none(client: Client) -> None:
    body = problem_of(client.get("/api/failures/listed"), status=400, code="invalid")
    assert [(error["field"], error["detail"]) for error in body["errors"]] == [
        (None, "one"),
        (None, "two"),
    ]


def test_a_throttled_caller_is_told_how_long_to_wait(client: Client) -> None:
    response = client.get("/api/failures/throttled")
    problem_of(response, status=429, code="throttled")
    assert response.headers["Retry-After"] == "7"


@pytest.mark.parametrize("kind", ["lock", "deadlock"])
def test_a_record_held_by_another_is_no_failure_but_a_reason_to_try_again(
    client: Client, kind: str
) -> None:
    response = client.get(f"/api/failures/{kind}")
    problem_of(response, status=503, code="try_again")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize("kind", ["unreachable", "shutdown", "crowded", "disk-full", "closed"])
def test_a_database_that_is_away_is_a_503_that_promises_nothing(
    client: Client, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get(f"/api/failures/{kind}")
    body = problem_of(response, status=503, code="unavailable")
    assert response.headers["Retry-After"] == "5"
    assert "it may have been done, and is not done twice" in body["detail"]
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("address", ["failures/bug", "failures/no-table", "plain/failure"])
def test_a_bug_is_answered_with_nothing_of_its_cause_and_is_logged(
    client: Client, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False
    with caplog.at_level(logging.ERROR, logger="django.request"):
        response = client.get(f"/api/{address}")
    body = problem_of(response, status=500, code="internal_error")
    assert body["detail"] == "Something failed on our side. It has been logged."
    assert b"hunter2" not in response.content
    assert b"Error" not in response.content.replace(b"errors", b"")
    assert any(record.exc_info for record in caplog.records)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_undoes_what_the_request_wrote(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    problem_of(client.post("/api/write-then-refuse"), status=422)
    assert Account.objects.get(pk="1000").name == "Bank"


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}),
        ("application/x-www-form-urlencoded", {}),
        ("multipart/form-data; boundary=x", {}),
        ("application/xml", {}),
        ("application/jsonp", {}),
        ("application/json; charset=utf-16", {}),
        ('application/json; charset="iso-8859-1"', {}),
        ("nonsense", {}),
        ("", {}),
        ("application/json", {"HTTP_CONTENT_ENCODING": "gzip"}),
    ],
)
def test_only_json_in_utf8_is_taken(
    client: Client, content_type: str, headers: dict[str, Any]
) -> None:
    body = json.dumps(ORDER).encode()
    response = client.generic("POST", "/api/orders", body, content_type, **headers)
    problem_of(response, status=415, code="unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=UTF-8"])
def test_json_is_taken_with_and_without_its_charset(client: Client, content_type: str) -> None:
    response = client.generic("POST", "/api/orders", json.dumps(ORDER).encode(), content_type)
    assert response.status_code == 201


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/json-patch+json", "nonsense", "/"]
)
def test_who_accepts_no_json_is_told_so_in_json(client: Client, accept: str) -> None:
    problem_of(post(client, ORDER, HTTP_ACCEPT=accept), status=406, code="not_acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.1"])
def test_who_accepts_json_among_others_gets_it(client: Client, accept: str) -> None:
    assert post(client, ORDER, HTTP_ACCEPT=accept).status_code == 201


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "trace"])
def test_a_wrong_method_is_told_the_right_ones(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/orders")
    problem_of(response, status=405, code="method_not_allowed")
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_a_body_at_the_limit_is_read_and_one_above_is_not(client: Client) -> None:
    limit = settings.API_MAX_BODY_BYTES
    room = limit - len(json.dumps(ORDER | {"x": ""}))
    problem_of(post(client, ORDER | {"x": "a" * room}), status=400, code="invalid")
    too_large = post(client, ORDER | {"x": "a" * (room + 1)})
    problem_of(too_large, status=413, code="body_too_large")


def test_a_body_above_the_limit_is_refused_outside_drf_too(client: Client) -> None:
    body = b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    response = client.post("/api/plain/body", data=body, content_type="text/plain")
    problem_of(response, status=413, code="body_too_large")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": "a", "amount": 1', "malformed_json"),
        (b'{"amount": 1, "amount": 2}', "duplicate_key"),
        (b'{"name": "\\ud800"}', "lone_surrogate"),
        (b'{"name": "\\u0000"}', "nul_character"),
        (b"[1]", "not_an_object"),
        (b"[" * 100_000, "nesting_too_deep"),
        (b'{"amount": 1e', "malformed_json"),
        (b'{"amount": NaN}', "number_not_finite"),
        (b"\xff\xfe", "not_utf8"),
        (b"{" + b'"\\ud800": 1, ' * 2, "malformed_json"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_clear_400(client: Client, body: bytes, code: str) -> None:
    problem_of(post(client, body), status=400, code=code)


def test_an_empty_body_lacks_its_fields(client: Client) -> None:
    body = problem_of(post(client, b""), status=400, code="invalid")
    assert faults(body) == [("name", "required"), ("amount", "required")]


def test_unknown_keys_with_tricks_are_shown_harmlessly(client: Client) -> None:
    body = problem_of(post(client, ORDER | {"\u202e\r\n<b>": 1}), status=400)
    assert faults(body) == [("\\u202e\\u000d\\u000a<b>", "unknown_field")]


@pytest.mark.parametrize("address", ["/api/nowhere", "/api/", "/api/orders/", "/api/v1/%00"])
def test_an_unknown_address_of_the_api_is_a_problem(client: Client, address: str) -> None:
    problem_of(client.post(address), status=404, code="not_found")


def test_what_is_outside_the_api_gets_pages(client: Client) -> None:
    client.raise_request_exception = False
    answers = {
        client.get("/nowhere"): 404,
        client.get("/pages/failure"): 500,
        client.get("/pages/denied"): 403,
        client.get("/pages/query", {f"x{number}": 1 for number in range(1_001)}): 400,
        Client(enforce_csrf_checks=True).post("/pages/form"): 403,
    }
    for response, status in answers.items():
        assert response.status_code == status
        assert response.headers["Content-Type"].startswith("text/html")
        assert b"hunter2" not in response.content


def test_a_query_string_of_too_many_parts_is_a_400(client: Client) -> None:
    query = {f"x{number}": 1 for number in range(1_001)}
    problem_of(client.get("/api/plain/query", query), status=400, code="bad_request")
    problem_of(client.get("/api/entries", query), status=400, code="bad_request")


def test_a_host_that_is_not_ours_is_a_400(client: Client) -> None:
    response = client.get("/api/plain/query", HTTP_HOST="evil.example")
    problem_of(response, status=400, code="bad_request")


def test_a_refusal_of_django_itself_says_nothing_of_its_cause(client: Client) -> None:
    problem_of(client.get("/api/plain/denied"), status=403, code="permission_denied")


def test_a_form_without_its_token_is_a_problem_under_the_api() -> None:
    response = Client(enforce_csrf_checks=True).post("/api/plain/form")
    problem_of(response, status=403, code="csrf_failed")
