"""How the admin shows values, and takes them back."""

import pytest
from django.core.exceptions import ValidationError

from bright_credit.common.admin.columns import badge, grouped, number, rate, rupees
from bright_credit.common.admin.fields import PercentFormField, RupeesFormField
from bright_credit.common.admin.panels import Table
from bright_credit.common.admin.records import rows_of
from bright_credit.common.money import MAX_AMOUNT_PAISE


def test_amounts_rates_and_counts_are_written_for_people_in_india() -> None:
    assert ">₹1,23,456.78<" in rupees(1_23_456_78)
    assert ">–<" in rupees(None)
    assert ">18.46 %<" in rate(1846)
    assert ">16 %<" in rate(1600)
    assert ">12,34,567<" in number(12_34_567)
    assert (grouped(0), grouped(999), grouped(1_00_000)) == ("0", "999", "1,00,000")


def test_a_badge_holds_text_and_no_markup() -> None:
    assert "&lt;b&gt;" in badge("<b>")


def test_a_record_becomes_rows_by_name_with_its_units() -> None:
    record = {
        "penal_charges": {"count": 2, "amount_paise": 1_000_00},
        "loans": {"became_npa": 0},
        "rate_bps": 1200,
        "warnings": [],
        "sums_paise": [1_00, 2_00],
        "whole": True,
        "nothing": None,
        "note": "<i>",
    }
    rows = [(str(name), str(value)) for name, value in rows_of(record)]
    assert [name for name, _ in rows] == [
        "Loans: became NPA",
        "Note",
        "Nothing",
        "Penal charges: amount",
        "Penal charges: count",
        "Rate",
        "Sums",
        "Warnings",
        "Whole",
    ]
    values = dict(rows)
    assert "₹1,000.00" in values["Penal charges: amount"]
    assert "₹1.00" in values["Sums"]
    assert "₹2.00" in values["Sums"]
    assert "12 %" in values["Rate"]
    assert (values["Whole"], values["Nothing"], values["Warnings"]) == ("Yes", "–", "–")


def test_a_table_refuses_rows_that_do_not_fit_its_headings() -> None:
    table = Table(title="T", headings=("A", "B"), rows=(("1",),))
    with pytest.raises(ValueError, match="zip"):
        [list(row) for row in table.body]


@pytest.mark.parametrize(
    ("text", "paise"),
    [("0", 0), ("25000", 25_000_00), ("20833.33", 20_833_33), (" 7.5 ", 7_50), ("0.01", 1)],
)
def test_an_amount_in_rupees_is_kept_to_the_paisa(text: str, paise: int) -> None:
    field = RupeesFormField()
    assert field.clean(text) == paise
    assert field.clean(field.prepare_value(paise)) == paise
    assert field.has_changed(paise, text) is False
    assert field.has_changed(paise + 1, text) is True


@pytest.mark.parametrize("field", [RupeesFormField(), PercentFormField()])
@pytest.mark.parametrize(
    "text", ["1e3", "NaN", "Infinity", "1_000", "1,000", "१", "0.001", "-1", "", "--1", "9" * 21]
)
def test_what_is_no_plain_number_is_refused(field: RupeesFormField, text: str) -> None:
    with pytest.raises(ValidationError):
        field.clean(text)
    assert field.has_changed(100, text) is True
    assert field.prepare_value(text) == text


def test_an_amount_has_a_largest_value() -> None:
    field = RupeesFormField()
    assert field.clean(str(MAX_AMOUNT_PAISE // 100)) == MAX_AMOUNT_PAISE
    with pytest.raises(ValidationError, match="must not be more than"):
        field.clean(str(MAX_AMOUNT_PAISE // 100 + 1))


def test_an_empty_box_that_may_be_empty_is_nothing() -> None:
    field = RupeesFormField(required=False)
    assert field.clean("") is None
    assert field.has_changed(None, "") is False
    assert field.has_changed(None, "0") is True
