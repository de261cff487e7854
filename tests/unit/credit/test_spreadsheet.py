"""Text cells that spreadsheet programs do not run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.domain.spreadsheet import inert_cell
from tests.unit.credit.cases import unhurried

ACTIVE = "=+-@\t\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "=1+1",
        "+911234567890",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\u00a0=1+1",
        "＝1+1",
        '=HYPERLINK("http://example.com","x")',
    ],
)
def test_what_begins_like_a_formula_becomes_text(text: str) -> None:
    assert inert_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["SALARY", "UPI/SWIGGY", "1+1", "", "a=b", "५००"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert inert_cell(text) == text


@unhurried
@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n '1a")))
def test_no_cell_is_active_and_every_text_can_be_told_from_every_other(text: str) -> None:
    cell = inert_cell(text)
    assert not cell.strip(" ").startswith(tuple(ACTIVE))
    restored = cell[1:] if cell.startswith("'") else cell
    assert restored == text
