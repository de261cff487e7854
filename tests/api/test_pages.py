"""Lists in pages: every row once, a stated limit, and a clear answer to cursors nobody gave."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.services import post_entries
from tests.api.problem import faults, problem_of
from tests.integration.ledger.conftest import a_payment

pytestmark = [pytest.mark.urls("tests.api.sample_api"), pytest.mark.django_db]


@pytest.fixture
def names() -> list[str]:
    """Book 45 entries and return their names, newest first."""
    booked = [f"E{number:02}" for number in range(45)]
    post_entries([a_payment(name) for name in booked])
    return booked[::-1]


def cursor(text: str) -> str:
    return quote(base64.b64encode(text.encode()).decode())


@pytest.mark.usefixtures("names")
def test_a_page_has_twenty_rows_unless_told_otherwise(client: Client) -> None:
    body = client.get("/api/entries").json()
    assert list(body) == ["results", "next", "previous"]
    assert len(body["results"]) == 20
    assert body["previous"] is None


@pytest.mark.parametrize("limit", [1, 7, 44, 45, 46, 100])
def test_following_next_gives_every_row_once_and_previous_the_way_back(
    client: Client, names: list[str], limit: int
) -> None:
    pages: list[Any] = [client.get(f"/api/entries?limit={limit}").json()]
    while pages[-1]["next"]:
        pages.append(client.get(pages[-1]["next"]).json())
    assert [name for page in pages for name in page["results"]] == names
    assert all(len(page["results"]) <= limit for page in pages)
    if len(pages) > 1:
        assert client.get(pages[-1]["previous"]).json()["results"] == pages[-2]["results"]


def test_rows_added_meanwhile_do_not_move_the_pages(client: Client, names: list[str]) -> None:
    first = client.get("/api/entries?limit=10").json()
    post_entries([a_payment("NEW")])
    assert client.get(first["next"]).json()["results"] == names[10:20]


@pytest.mark.parametrize("limit", [1, 10, 100])
def test_a_page_is_one_statement_whatever_its_length(
    client: Client, names: list[str], limit: int
) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert len(client.get(f"/api/entries?limit={limit}").json()["results"]) == min(limit, 45)
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("0", "min_value"),
        ("-1", "min_value"),
        ("101", "max_value"),
        ("1000000000", "max_value"),
        ("1e3", "not_an_integer"),
        ("ten", "not_an_integer"),
        ("", "not_an_integer"),
        ("५", "not_an_integer"),
        ("9" * 5_000, "not_an_integer"),
    ],
)
def test_a_limit_outside_its_bounds_is_a_clear_400(client: Client, limit: str, code: str) -> None:
    body = problem_of(client.get("/api/entries", {"limit": limit}), status=400, code="invalid")
    assert faults(body) == [("limit", code)]


HOSTILE_CURSORS = {
    "text": "nonsense",
    "not base64": "%%%",
    "not ASCII": "अ",
    "no position": cursor("o=1"),
    "empty position": cursor("p="),
    "text position": cursor("p=abc"),
    "fraction": cursor("p=1.5"),
    "negative": cursor("p=-1"),
    "exponent": cursor("p=1e5"),
    "SQL": cursor("p=1; DROP TABLE ledger_entry"),
    "Devanagari digits": cursor("p=१२"),
    "beyond bigint": cursor("p=9223372036854775808"),
    "a date": cursor("p=2025-04-05"),
    "NUL": cursor("p=\0"),
    "bytes": quote(base64.b64encode(b"\xff\xfe").decode()),
    "bad offset": cursor("o=x&p=5"),
}


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("text", HOSTILE_CURSORS.values(), ids=HOSTILE_CURSORS.keys())
def test_a_cursor_no_page_has_given_is_a_clear_400(client: Client, text: str) -> None:
    body = problem_of(client.get(f"/api/entries?cursor={text}"), status=400, code="invalid")
    assert [field for field, _ in faults(body)] == ["cursor"]


def test_a_list_refuses_parameters_it_does_not_know(client: Client) -> None:
    body = problem_of(client.get("/api/entries?page=2&limit=5&limit=6"), status=400)
    assert sorted(faults(body)) == [("limit", "repeated_parameter"), ("page", "unknown_field")]
