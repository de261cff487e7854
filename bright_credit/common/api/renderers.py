"""Answers as JSON: exact decimals, ISO dates, UTF-8; and the same for problems."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

_CENT = Decimal("0.01")
_has_two_places = re.compile(r"-?[0-9]+\.[0-9]{2}").fullmatch

# A dataclass is a value of the core, never an answer: a serializer has to choose its fields.
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS


def _encode(value: object) -> object:
    """Return what orjson can write for a value it does not know; refuse what is no data."""
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not data for an answer")


def _decimal(value: Decimal) -> orjson.Fragment:
    """Return a number with exactly two decimals. More would be an amount that nobody can pay."""
    text = str(value)
    if _has_two_places(text):  # as `rupees` makes them: nothing is left to be done
        return orjson.Fragment(text)
    if not value.is_finite() or value != value.quantize(_CENT):
        raise TypeError("an answer's decimals are finite and have at most two places")
    return orjson.Fragment(f"{value.quantize(_CENT):f}".encode())


def to_json(data: object) -> bytes:
    """Return `data` as JSON: `Decimal("20833.33")` as the number `20833.33`, dates in ISO form."""
    return orjson.dumps(data, default=_encode, option=_OPTIONS)


class JSONRenderer(BaseRenderer):
    """Write an answer as `application/json`."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the answer's bytes; nothing at all for an answer without data."""
        return b"" if data is None else to_json(data)


class ProblemRenderer(JSONRenderer):
    """Write an RFC 9457 problem."""

    media_type = "application/problem+json"
    format = "problem"
