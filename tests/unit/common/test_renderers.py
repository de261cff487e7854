"""Answers: exact decimals as JSON numbers, ISO dates, UTF-8, and nothing that is not data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from django.utils.translation import gettext_lazy

from bright_credit.common.api.renderers import JSONRenderer, to_json


class Status(StrEnum):
    PAID = "PAID"


@dataclass
class Value:
    paise: int


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("20833.33"), "20833.33"),
        (Decimal("0.1"), "0.10"),
        (Decimal("24500"), "24500.00"),
        (Decimal("-0.05"), "-0.05"),
        (Decimal("1E+3"), "1000.00"),
        (Decimal("9999999999999.99"), "9999999999999.99"),
        (24500, "24500"),
        (date(2025, 4, 5), '"2025-04-05"'),
        (datetime(2025, 4, 5, 9, 30, tzinfo=UTC), '"2025-04-05T09:30:00Z"'),
        ("₹ आशा", '"₹ आशा"'),
        (Status.PAID, '"PAID"'),
        (gettext_lazy("Yes"), '"Yes"'),
        ((1, None, True), "[1,null,true]"),
        ({"amount": Decimal("3666.67")}, '{"amount":3666.67}'),
    ],
)
def test_a_value_is_written_exactly(value: Any, text: str) -> None:
    assert to_json(value).decode() == text


@pytest.mark.parametrize(
    "value",
    [
        Decimal("0.001"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Value(1),
        pytest.param(object(), id="object"),
        {1: 2},
        2**64,
    ],
    ids=str,
)
def test_what_is_no_data_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError):
        to_json({"value": value})


def test_an_answer_without_data_has_no_body() -> None:
    assert JSONRenderer().render(None) == b""
