"""Serializer fields that take exactly one form of each value, and say so when they refuse.

JSON brings its own types, so nothing is guessed from another: a number is never read from a string,
nor a string from a number. Query strings bring only text, and have fields of their own below.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from bright_credit.common.api.literals import NumberLiteral
from bright_credit.common.money import (
    MAX_AMOUNT_PAISE,
    NotAnAmount,
    format_rupees,
    parse_rupees,
    percent,
    rupees,
)

_PLAIN_INTEGER = re.compile(r"-?[0-9]{1,16}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)

EARLIEST_DATE = date(1900, 1, 1)
LATEST_DATE = date(2199, 12, 31)

# Needed to write Indian scripts, and harmless: the joiners. All other format characters are not.
_JOINERS = frozenset("\u200c\u200d")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_LARGEST_INTEGER = 10**16


def _hundredths(data: object) -> int | None:
    """Return a JSON number times one hundred, exactly; None when it is not a plain number.

    Raises `NotAnAmount` when it is a number with more than two decimals, an exponent, or too long.
    """
    if isinstance(data, NumberLiteral):
        return parse_rupees(data.text)
    if type(data) is int:
        return data * 100
    return None


class _HundredthsField(serializers.Field[int, Any, "int | Decimal", Any]):
    """A JSON number with at most two decimals, inside as a whole number of hundredths."""

    invalid_code: ClassVar[str]
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_a_number": "Must be a JSON number, not {kind}.",
    }

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def words(self, value: int) -> str:
        """Return the value as it is shown in a refusal."""
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> int:
        """Return the number in hundredths, within its bounds."""
        try:
            value = _hundredths(data)
        except NotAnAmount:
            self.fail(self.invalid_code)
        if value is None:
            self.fail("not_a_number", kind=json_kind(data))
        if value < self.minimum:
            self.fail("min_value", minimum=self.words(self.minimum))
        if value > self.maximum:
            self.fail("max_value", maximum=self.words(self.maximum))
        return value


class RupeesField(_HundredthsField):
    """Rupees as a JSON number outside, whole paise inside.

    Takes `24500` and `20833.33`; refuses strings, exponents and more than two decimals. Writes
    whole rupees as an integer, anything else with two decimals.
    """

    invalid_code = "invalid_amount"
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_a_number": "Must be an amount in rupees as a JSON number, not {kind}.",
        "invalid_amount": "Must be rupees with at most two decimals, such as 24500 or 20833.33.",
        "min_value": "Must be at least {minimum}.",
        "max_value": "Must be at most {maximum}.",
    }

    def __init__(
        self, *, min_paise: int = 1, max_paise: int = MAX_AMOUNT_PAISE, **kwargs: Any
    ) -> None:
        super().__init__(minimum=min_paise, maximum=max_paise, **kwargs)

    def words(self, value: int) -> str:
        """Return the amount grouped the Indian way."""
        return format_rupees(value)

    def to_representation(self, value: int) -> int | Decimal:
        """Return paise as a JSON number of rupees."""
        return rupees(value)


class PercentField(_HundredthsField):
    """A percentage as a JSON number outside (`16.5`), basis points inside (`1650`)."""

    invalid_code = "invalid_percentage"
    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_a_number": "Must be a percentage as a JSON number, not {kind}.",
        "invalid_percentage": "Must be a percentage with at most two decimals, such as 16 or 8.75.",
        "min_value": "Must be at least {minimum}.",
        "max_value": "Must be at most {maximum}.",
    }

    def __init__(self, *, min_bps: int = 0, max_bps: int = 10_000, **kwargs: Any) -> None:
        super().__init__(minimum=min_bps, maximum=max_bps, **kwargs)

    def words(self, value: int) -> str:
        """Return the percentage with its sign."""
        return f"{percent(value)} %"

    def to_representation(self, value: int) -> int | Decimal:
        """Return basis points as a JSON number of per cent."""
        return percent(value)


def rupees_out(source: str, **kwargs: Any) -> RupeesField:
    """Return the field of an answer that shows the paise at `source` as rupees."""
    return RupeesField(source=source, min_paise=0, read_only=True, **kwargs)


def percent_out(source: str, **kwargs: Any) -> PercentField:
    """Return the field of an answer that shows the basis points at `source` as per cent."""
    return PercentField(source=source, read_only=True, **kwargs)


def json_kind(data: object) -> str:
    """Return what a decoded JSON value is, in words: `a string`, `a list`, `null`."""
    if data is None:
        return "null"
    if isinstance(data, bool):
        return "true or false"
    if isinstance(data, int | NumberLiteral):
        return "a number"
    if isinstance(data, str):
        return "a string"
    if isinstance(data, list | tuple):
        return "a list"
    return "an object" if isinstance(data, dict) else "something else"


class CleanCharField(serializers.Field[str, Any, str, Any]):
    """Text: strings only, trimmed, in Unicode normal form C, without characters that mislead.

    Control characters, line separators, bidirectional overrides and invisible characters are
    refused; letters of every script are welcome. `max_length` counts characters; `pattern` is a
    regular expression for the whole text, and `pattern_words` says it in words.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_a_string": "Must be a string, not {kind}.",
        "blank": "Must not be empty.",
        "min_length": "Must have at least {min_length} characters.",
        "max_length": "Must have at most {max_length} characters.",
        "invalid_characters": "Must not contain control, invisible or direction characters.",
        "invalid": "{words}",
    }

    def __init__(
        self,
        *,
        max_length: int,
        min_length: int = 0,
        allow_blank: bool = False,
        pattern: str | None = None,
        pattern_words: str = "Must have the form that the documentation states.",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length
        self.min_length = min_length
        self.allow_blank = allow_blank
        self.pattern = pattern
        self.pattern_words = pattern_words

    def to_internal_value(self, data: Any) -> str:
        """Return the text, trimmed and normalised."""
        if not isinstance(data, str):
            self.fail("not_a_string", kind=json_kind(data))
        trimmed = data.strip()
        # Before normalising: its cost can grow with the square of a run of combining marks.
        if len(trimmed) > 4 * self.max_length:
            self.fail("max_length", max_length=self.max_length)
        text = unicodedata.normalize("NFC", trimmed)
        if not text:
            if self.allow_blank:
                return ""
            self.fail("blank")
        self._check(text)
        return text

    def _check(self, text: str) -> None:
        if len(text) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        if len(text) < self.min_length:
            self.fail("min_length", min_length=self.min_length)
        if any(
            unicodedata.category(char) in _REFUSED_CATEGORIES and char not in _JOINERS
            for char in text
        ):
            self.fail("invalid_characters")
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            self.fail("invalid", words=self.pattern_words)

    def to_representation(self, value: Any) -> str:
        """Return the text as it is."""
        return str(value)


class StrictIntegerField(serializers.Field[int, Any, int, Any]):
    """A whole JSON number within bounds: no string, no `2.0`, no true."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_an_integer": "Must be a whole JSON number, not {kind}.",
        "min_value": "Must be at least {min_value}.",
        "max_value": "Must be at most {max_value}.",
    }

    def __init__(
        self,
        *,
        min_value: int = 0,
        max_value: int = _LARGEST_INTEGER,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.min_value = min_value
        self.max_value = max_value

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        if isinstance(data, NumberLiteral):
            self.fail("not_an_integer", kind="one with a fraction or an exponent")
        if type(data) is not int:
            self.fail("not_an_integer", kind=json_kind(data))
        return self._bounded(data)

    def _bounded(self, value: int) -> int:
        if value < self.min_value:
            self.fail("min_value", min_value=self.min_value)
        if value > self.max_value:
            self.fail("max_value", max_value=self.max_value)
        return value

    def to_representation(self, value: int) -> int:
        """Return the number as it is."""
        return value


class QueryIntegerField(StrictIntegerField):
    """A whole number in a query string: ASCII digits, with an optional minus."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_an_integer": "Must be a whole number in plain digits.",
    }

    def to_internal_value(self, data: Any) -> int:
        """Return the number that the text stands for."""
        if not isinstance(data, str) or not _PLAIN_INTEGER.fullmatch(data):
            self.fail("not_an_integer")
        return self._bounded(int(data))


class StrictBooleanField(serializers.Field[bool, Any, bool, Any]):
    """JSON's true or false, nothing that resembles them."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "not_a_boolean": "Must be true or false.",
    }

    def to_internal_value(self, data: Any) -> bool:
        """Return the value."""
        if not isinstance(data, bool):
            self.fail("not_a_boolean")
        return data

    def to_representation(self, value: Any) -> bool:
        """Return the value as it is."""
        return bool(value)


class QueryBooleanField(StrictBooleanField):
    """`true` or `false` in a query string."""

    def to_internal_value(self, data: Any) -> bool:
        """Return what the text says."""
        if data not in ("true", "false"):
            self.fail("not_a_boolean")
        return bool(data == "true")


class StrictInstantField(serializers.Field[datetime, Any, str, Any]):
    """An instant written `2025-03-15T09:30:00Z`, or with the offset of its zone, never without."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_instant": "Must be an instant with its zone, such as 2025-03-15T09:30:00Z or "
        "2025-03-15T15:00:00+05:30 (in an address + is written %2B).",
        "date_out_of_range": "Must lie between {earliest} and {latest}.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        """Return the instant in UTC."""
        if not isinstance(data, str) or not _ISO_INSTANT.fullmatch(data):
            self.fail("invalid_instant")
        try:
            written = datetime.fromisoformat(data)
        except ValueError:
            self.fail("invalid_instant")
        if not EARLIEST_DATE < written.date() < LATEST_DATE:
            self.fail("date_out_of_range", earliest=EARLIEST_DATE, latest=LATEST_DATE)
        return written.astimezone(UTC)

    def to_representation(self, value: datetime) -> str:
        """Return the instant in ISO form, in UTC."""
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class StrictDateField(serializers.Field[date, Any, str, Any]):
    """A calendar date written `2025-03-15`, in a body or a query string, within sane bounds."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_date": "Must be a date of the calendar written YYYY-MM-DD, such as 2025-03-15.",
        "date_out_of_range": "Must lie between {earliest} and {latest}.",
    }

    def __init__(
        self, *, earliest: date = EARLIEST_DATE, latest: date = LATEST_DATE, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.earliest = earliest
        self.latest = latest

    def to_internal_value(self, data: Any) -> date:
        """Return the date."""
        if not isinstance(data, str) or not _ISO_DATE.fullmatch(data):
            self.fail("invalid_date")
        try:
            value = date.fromisoformat(data)
        except ValueError:
            self.fail("invalid_date")
        if not self.earliest <= value <= self.latest:
            self.fail("date_out_of_range", earliest=self.earliest, latest=self.latest)
        return value

    def to_representation(self, value: date) -> str:
        """Return the date in ISO form."""
        return value.isoformat()


class StrictChoiceField(serializers.ChoiceField):
    """One of a few strings, written exactly; the refusal lists them all."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": "Must be one of: {allowed}.",
    }

    def __init__(self, choices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(choices=choices, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the choice."""
        if not isinstance(data, str) or data not in self.choice_strings_to_values:
            self.fail("invalid_choice", allowed=", ".join(self.choice_strings_to_values))
        return self.choice_strings_to_values[data]
