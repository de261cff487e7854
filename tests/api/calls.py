"""Calling the API as a client does, and reading its answers to the letter."""

import json
import re
from decimal import Decimal
from typing import Any

from django.test import Client

JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NUMBER = re.compile(r"[-+0-9][-+.0-9eE]*")
#: Whole numbers, or exactly two decimals that are not both zero.
PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.(?:[0-9][1-9]|[1-9]0))?")

API = "/api/v1/"


def post(client: Client, path: str, body: object) -> Any:
    """Post a body as JSON; a string is sent as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(API + path, data=text, content_type="application/json")


def get(client: Client, path: str, **query: Any) -> Any:
    """Get an address."""
    return client.get(API + path, query)


def answer(response: Any, *, status: int = 200) -> Any:
    """Return the JSON of an answer, decimals kept, having checked how its numbers are written."""
    assert response.status_code == status, response.content[:1_000]
    text = response.content.decode()
    for literal in NUMBER.findall(JSON_STRING.sub('""', text)):
        assert PLAIN_NUMBER.fullmatch(literal), literal
    return json.loads(text, parse_float=Decimal)


def with_literal(body: dict[str, Any], field: str, literal: str) -> str:
    """Return the body as JSON text, with a value written exactly so."""
    marker = "@@literal@@"
    return json.dumps(body | {field: marker}).replace(f'"{marker}"', literal)


#: What the answers say of a loan that is repaid monthly, with nothing special about it.
PLAIN_CONVENTIONS: dict[str, Any] = {
    "frequency": "MONTHLY",
    "day_count": "EQUAL_PERIODS",
    "due_day": 5,
    "broken_period_interest": "NONE",
    "principal_moratorium_periods": 0,
    "interest_moratorium_periods": 0,
    "moratorium_interest": "WITH_FIRST_INSTALMENT",
}
NO_INTEREST_APART: dict[str, Any] = {
    "broken_period_interest": 0,
    "upfront_interest": 0,
    "moratorium_interest": 0,
    "capitalises_on": None,
}
