"""One way to read a request's body: strict JSON in UTF-8, bounded before it is understood.

What JSON parsers usually let pass and no lender should: duplicate keys (the last one wins), NaN and
Infinity, floats for money, numbers of any length, nesting of any depth, halves of surrogate pairs,
and NUL, which PostgreSQL cannot store.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.http import UnreadablePostError
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from bright_credit.common.api.exceptions import BodyRefused
from bright_credit.common.api.literals import NumberLiteral, shown

MAX_DEPTH = 20
MAX_INTEGER_DIGITS = 16
MAX_LITERAL_LENGTH = 40

# Strings are skipped whole. One that never ends runs to the end of the text, so that every
# character is looked at once, whatever the text.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Read a JSON object. Anything else raises `BodyRefused` with its own code."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the object in the body: its numbers are `int` or `NumberLiteral`."""
        request = (parser_context or {}).get("request")
        meta: Mapping[str, Any] = request.META if request is not None else {}
        _refuse_encodings(meta, media_type=media_type or "")
        return parse_object(_read(stream, meta))


def parse_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`. Raises `BodyRefused`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BodyRefused(
            "not_utf8", f"The body is not UTF-8: byte {error.start + 1} cannot be read."
        ) from error
    _refuse_deep_nesting(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BodyRefused(
            "malformed_json",
            f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
        ) from error
    if not isinstance(value, dict):
        raise BodyRefused("not_an_object", "The body must be a JSON object: {…}.")
    for piece in _strings(value):
        _refuse_unstorable(piece)
    return value


def _refuse_encodings(meta: Mapping[str, Any], *, media_type: str) -> None:
    """Refuse a body that declares a character set other than UTF-8, or a compression."""
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", media_type, re.IGNORECASE)
    if charset and charset[1].lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(media_type, "Send JSON in UTF-8.")
    if str(meta.get("HTTP_CONTENT_ENCODING", "")).lower() not in {"", "identity"}:
        raise UnsupportedMediaType(media_type, "Send the body uncompressed.")


def _read(stream: IO[Any], meta: Mapping[str, Any]) -> bytes:
    """Return the body, or refuse it once it is known to be above the limit."""
    limit: int = settings.API_MAX_BODY_BYTES
    declared = str(meta.get("CONTENT_LENGTH") or "0")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        _refuse_size(limit)
    try:
        body: bytes = stream.read(limit + 1)
    except UnreadablePostError as error:
        raise BodyRefused("body_unreadable", "The body ended before it was complete.") from error
    if len(body) > limit:
        _refuse_size(limit)
    return body


def _refuse_size(limit: int) -> NoReturn:
    raise BodyRefused("body_too_large", f"The body must not be larger than {limit} bytes.")


def _refuse_deep_nesting(text: str) -> None:
    """Count brackets before the recursive decoder meets them."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        token = match[0]
        if token in {"{", "["}:
            depth += 1
            if depth > MAX_DEPTH:
                raise BodyRefused(
                    "nesting_too_deep", f"The body must not be nested deeper than {MAX_DEPTH}."
                )
        elif token in {"}", "]"}:
            depth -= 1
            if depth < 0:
                return  # not JSON: the decoder goes no further than this


def _strings(value: Any) -> Iterator[str]:
    """Yield every string of a decoded value, keys too."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _refuse_unstorable(text: str) -> None:
    if "\0" in text:
        raise BodyRefused("nul_character", "A text must not contain the character NUL (\\u0000).")
    if _SURROGATE.search(text):
        raise BodyRefused("lone_surrogate", "A text must not contain half of a surrogate pair.")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise BodyRefused("duplicate_key", f'The key "{shown(key)}" is given twice.')
        result[key] = value
    return result


def _integer(literal: str) -> int:
    if len(literal.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise BodyRefused(
            "number_too_long", f"A whole number has at most {MAX_INTEGER_DIGITS} digits."
        )
    return int(literal)


def _number(literal: str) -> NumberLiteral:
    if len(literal) > MAX_LITERAL_LENGTH:
        raise BodyRefused(
            "number_too_long", f"A number has at most {MAX_LITERAL_LENGTH} characters."
        )
    return NumberLiteral(literal)


def _refuse_constant(name: str) -> NoReturn:
    raise BodyRefused("number_not_finite", f"{name} is not a number that JSON allows.")


_DECODER = json.JSONDecoder(
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_unique_pairs,
)
