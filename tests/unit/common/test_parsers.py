"""Strict JSON: what it takes, what it refuses and under which code, and how little that costs."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bright_credit.common.api.exceptions import BodyRefused
from bright_credit.common.api.literals import NumberLiteral, shown
from bright_credit.common.api.parsers import MAX_DEPTH, parse_object

MEBIBYTE = 1024 * 1024


def code_of(body: bytes) -> str:
    with pytest.raises(BodyRefused) as refusal:
        parse_object(body)
    return str(refusal.value.get_codes())


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformed_json"),
    "white space": (b" \n\t ", "malformed_json"),
    "text": (b"amount=1", "malformed_json"),
    "single quotes": (b"{'a': 1}", "malformed_json"),
    "a comma too many": (b'{"a": 1,}', "malformed_json"),
    "a comment": (b'{"a": 1} // one', "malformed_json"),
    "two objects": (b'{"a": 1}{"b": 2}', "malformed_json"),
    "an open object": (b'{"a": 1', "malformed_json"),
    "an open string": (b'{"a": "b', "malformed_json"),
    "only an open bracket": (b"{", "malformed_json"),
    "a bracket of the other kind": (b'{"a": [1}', "malformed_json"),
    "an unquoted key": (b"{a: 1}", "malformed_json"),
    "a byte order mark": (b'\xef\xbb\xbf{"a": 1}', "malformed_json"),
    "a raw line feed in a string": (b'{"a": "x\ny"}', "malformed_json"),
    "a raw NUL in a string": (b'{"a": "x\x00y"}', "malformed_json"),
    "an unknown escape": (b'{"a": "\\x41"}', "malformed_json"),
    "a short unicode escape": (b'{"a": "\\u12"}', "malformed_json"),
    "a list": (b'[{"a": 1}]', "not_an_object"),
    "a string": (b'"a"', "not_an_object"),
    "a number": (b"1", "not_an_object"),
    "a fraction": (b"1.5", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "true": (b"true", "not_an_object"),
    "the same key twice": (b'{"amount": 1, "amount": 2}', "duplicate_key"),
    "the same key twice, once escaped": (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
    "the same key twice, deep": (b'{"a": [{"b": 1, "b": 1}]}', "duplicate_key"),
    "NaN": (b'{"a": NaN}', "number_not_finite"),
    "Infinity in a list": (b'{"a": [1, -Infinity]}', "number_not_finite"),
    "a long integer": (b'{"a": 12345678901234567}', "number_too_long"),
    "a long integer in a key's value": (b'{"a": {"b": -12345678901234567}}', "number_too_long"),
    "an escaped NUL": (b'{"a": "x\\u0000y"}', "nul_character"),
    "an escaped NUL in a key": (b'{"a\\u0000": 1}', "nul_character"),
    "an escaped NUL in a list": (b'{"a": ["\\u0000"]}', "nul_character"),
    "half of a pair": (b'{"a": "\\ud83d"}', "lone_surrogate"),
    "the other half": (b'{"a": "\\ude00"}', "lone_surrogate"),
    "halves in the wrong order": (b'{"a": "\\ude00\\ud83d"}', "lone_surrogate"),
    "half of a pair in a key": (b'{"\\udfff": 1}', "lone_surrogate"),
    "a surrogate in UTF-8": (b'{"a": "\xed\xa0\xbd"}', "not_utf8"),
    "an overlong NUL": (b'{"a": "\xc0\x80"}', "not_utf8"),
    "Windows-1252": ('{"a": "€"}'.encode("cp1252"), "not_utf8"),
    "Latin-1": ('{"a": "é"}'.encode("latin-1"), "not_utf8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not_utf8"),
    "UTF-16 without a mark": ('{"a": 1}'.encode("utf-16-le"), "malformed_json"),
    "a cut UTF-8 sequence": (b'{"a": "\xf0\x9f\x98"}', "not_utf8"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not_utf8"),
    "one level too deep": (nested(MAX_DEPTH + 1), "nesting_too_deep"),
    "objects 200,000 deep": (nested(200_000), "nesting_too_deep"),
    "lists 500,000 deep": (b"[" * 500_000, "nesting_too_deep"),
    "closed before opened": (b"]" * 500_000 + b"[" * 500_000, "malformed_json"),
    "escaped quotes without end": (b'"' + b'\\"' * 500_000, "malformed_json"),
    "backslashes without end": (b'{"' + b"\\" * 1_000_000, "malformed_json"),
    "quotes without end": (b'{"a":' + b'""' * 500_000, "malformed_json"),
}


@pytest.mark.parametrize(("body", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused_with_its_code(body: bytes, code: str) -> None:
    assert code_of(body) == code


@pytest.mark.parametrize(("body", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_is_refused_quickly(body: bytes, code: str) -> None:
    start = time.process_time()
    assert code_of(body) == code
    assert time.process_time() - start < 0.5


def test_a_full_size_body_of_many_small_values_is_read_in_reasonable_time() -> None:
    body = b'{"a": [' + b"{}," * 340_000 + b"{}]}"
    start = time.process_time()
    parse_object(body)
    assert len(body) < MEBIBYTE
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b' {"a" : 1 } \n', {"a": 1}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ('{"नाम": "आशा"}'.encode(), {"नाम": "आशा"}),
        (b'{"a": -12, "b": null, "c": true}', {"a": -12, "b": None, "c": True}),
        (b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', {"a": "[" * 30}),
        (b'{"a": 9999999999999999}', {"a": 9_999_999_999_999_999}),
        (b'{"a": 20833.33}', {"a": NumberLiteral("20833.33")}),
        (b'{"a": 1E+5}', {"a": NumberLiteral("1E+5")}),
        (b'{"": 1}', {"": 1}),
    ],
)
def test_plain_json_is_read_as_it_stands(body: bytes, value: dict[str, Any]) -> None:
    assert parse_object(body) == value


def test_the_deepest_body_allowed_is_read() -> None:
    assert parse_object(nested(MAX_DEPTH))["a"]


def test_a_refused_place_is_named() -> None:
    with pytest.raises(BodyRefused) as refusal:
        parse_object(b'{"a": 1,\n "b": }')
    assert "line 2, column 7" in str(refusal.value.detail)


def test_a_key_given_twice_is_named_without_its_tricks() -> None:
    with pytest.raises(BodyRefused) as refusal:
        parse_object(b'{"\\u202e\\n": 1, "\\u202e\\n": 2}')
    assert "\\u202e\\u000a" in str(refusal.value.detail)


def test_long_text_is_cut_when_it_is_shown() -> None:
    assert shown("a" * 1_000) == "a" * 59 + "…"


json_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16) + 1, 10**16 - 1) | json_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(json_text, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(json_text, json_values, max_size=5))
def test_what_json_writes_is_read_back(value: dict[str, Any]) -> None:
    assert parse_object(json.dumps(value).encode()) == value
    assert parse_object(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    outcome: Any
    try:
        outcome = parse_object(body)
    except BodyRefused as refusal:
        outcome = refusal.status_code
    assert isinstance(outcome, dict) or outcome == 400
