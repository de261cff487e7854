"""Amounts read by the column are read as they are one by one, or left to that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.transactions_file.amounts import UNREADABLE, plain_paise
from credit.transactions_file.checking import readable_paise
from tests.unit.credit.cases import unhurried

_LIKE_AMOUNTS = st.from_regex(r"[0-9]{0,15}(\.[0-9]{0,3})?", fullmatch=True)
_ALMOST = st.text(alphabet="0123456789.,-+eE_ \0१", max_size=16)


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("1", 100),
        ("250000", 25_000_000),
        ("0", 0),
        ("0.01", 1),
        ("20833.3", 2_083_330),
        ("20833.33", 2_083_333),
        ("1000000000", 100_000_000_000),
        ("0000000000001", 100),
    ],
)
def test_a_plain_amount_is_read(text: str, paise: int) -> None:
    assert plain_paise([text]).tolist() == [paise]


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", ".5", "5.", "1.234", "1.2.3", "-5", "+5", "1,000", "1e5", "१२३", "5\0", " 5"),
        *("5 ", "1000000000.01", "00000000000000001", "9" * 70_000),
    ],
)
def test_whatever_else_is_left_to_be_read_one_by_one(text: str) -> None:
    assert plain_paise(["1", text, "2.50"]).tolist() == [100, UNREADABLE, 250]


def test_no_amounts_are_no_amounts() -> None:
    assert plain_paise([]).tolist() == []


@unhurried
@given(st.lists(_LIKE_AMOUNTS | _ALMOST | st.text(max_size=20)))
def test_what_is_read_by_the_column_is_what_is_read_one_by_one(texts: list[str]) -> None:
    for text, paise in zip(texts, plain_paise(texts).tolist(), strict=True):
        assert paise == UNREADABLE or paise == readable_paise(text), text
