"""The public id of a borrower: one key, one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.domain.identity import NotABorrowerId, borrower_public_id, parse_borrower_public_id


@pytest.mark.parametrize(
    ("pk", "public_id"),
    [(1, "BC-USER-001"), (9, "BC-USER-009"), (999, "BC-USER-999"), (1000, "BC-USER-1000")],
)
def test_an_id_has_three_digits_and_grows_past_them(pk: int, public_id: str) -> None:
    assert borrower_public_id(pk) == public_id


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_an_id_reads_back_as_its_key(pk: int) -> None:
    assert parse_borrower_public_id(borrower_public_id(pk)) == pk


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9",
        "009",
        "BC-USER-",
        "BC-USER-9",
        "BC-USER-0009",
        "BC-USER-000",
        "BC-USER--01",
        "BC-USER-+01",
        "bc-user-009",
        "BC-USER-009 ",
        " BC-USER-009",
        "BC-USER-009\n",
        "BC-USER-009\x00",
        "BC-USER-०९९",
        "BC-USER-00９",
        "BC-USER-1_000",
        "BC-USER-9223372036854775808",
        "BC-USER-" + "9" * 5000,
        "LN-2026-0457",
        "BC‐USER‐009",
        "BC-USER-009' OR 1=1",
    ],
)
def test_any_other_spelling_is_no_id(text: str) -> None:
    with pytest.raises(NotABorrowerId):
        parse_borrower_public_id(text)


@given(st.text())
def test_whatever_is_read_is_written_back_the_same(text: str) -> None:
    try:
        pk = parse_borrower_public_id(f"BC-USER-{text}")
    except NotABorrowerId:
        return
    assert borrower_public_id(pk) == f"BC-USER-{text}"


@pytest.mark.parametrize("pk", [0, -1])
def test_a_row_without_a_key_has_no_id(pk: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        borrower_public_id(pk)
