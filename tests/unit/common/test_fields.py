"""Each field takes one form of its value, says clearly what is wrong, and writes it back."""

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from bright_credit.common.api.fields import (
    CleanCharField,
    PercentField,
    QueryBooleanField,
    QueryIntegerField,
    RupeesField,
    StrictBooleanField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
)
from bright_credit.common.api.literals import NumberLiteral

FRACTION = NumberLiteral("1.5")


def refusal(field: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        field.run_validation(value)
    codes: Any = refused.value.get_codes()
    return str(codes[0])


@pytest.mark.parametrize(
    ("paise", "number"),
    [(2_450_000, 24500), (2_083_333, Decimal("20833.33")), (10, Decimal("0.10")), (0, 0)],
)
def test_paise_are_written_as_whole_rupees_or_with_two_decimals(
    paise: int, number: int | Decimal
) -> None:
    written = RupeesField(read_only=True).to_representation(paise)
    assert (written, type(written)) == (number, type(number))
    assert str(written) == str(number)


def test_the_bounds_of_an_amount_are_inclusive_and_named() -> None:
    field = RupeesField(min_paise=100, max_paise=1_000_000)
    assert field.run_validation(1) == 100
    assert field.run_validation(10_000) == 1_000_000
    with pytest.raises(ValidationError, match=r"at least ₹1\.00"):
        field.run_validation(NumberLiteral("0.99"))
    with pytest.raises(ValidationError, match=r"at most ₹10,000\.00"):
        field.run_validation(NumberLiteral("10000.01"))


@given(st.integers(min_value=1, max_value=10**15))
def test_every_amount_comes_back_as_it_was_written(paise: int) -> None:
    field = RupeesField()
    written = field.to_representation(paise)
    data = written if isinstance(written, int) else NumberLiteral(str(written))
    assert field.run_validation(data) == paise


@pytest.mark.parametrize(
    ("data", "bps"), [(16, 1600), (FRACTION, 150), (0, 0), (NumberLiteral("8.75"), 875)]
)
def test_a_percentage_is_read_as_basis_points(data: Any, bps: int) -> None:
    assert PercentField().run_validation(data) == bps


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (101, "max_value"),
        (-1, "min_value"),
        ("16", "not_a_number"),
        (NumberLiteral("1.234"), "invalid_percentage"),
        (True, "not_a_number"),
    ],
)
def test_what_is_no_percentage_is_refused(data: Any, code: str) -> None:
    assert refusal(PercentField(), data) == code


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Rahul Sharma", "Rahul Sharma"),
        ("  padded\u00a0", "padded"),
        ("Zoe\u0308", "Zoë"),
        ("आशा", "आशा"),
        ("क्\u200dष", "क्\u200dष"),
        ("مریم", "مریم"),
        ("李雷", "李雷"),
        ("O'Brien-Ng \U0001f600", "O'Brien-Ng \U0001f600"),
    ],
)
def test_text_of_every_script_is_kept_trimmed_and_composed(given_text: str, kept: str) -> None:
    assert CleanCharField(max_length=50).run_validation(given_text) == kept


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (5, "not_a_string"),
        (FRACTION, "not_a_string"),
        (True, "not_a_string"),
        (["a"], "not_a_string"),
        ({"a": 1}, "not_a_string"),
        (None, "null"),
        ("", "blank"),
        (" \t\n ", "blank"),
        ("a" * 21, "max_length"),
        ("a" * 1_000_000, "max_length"),
        ("a", "min_length"),
        ("a\nb", "invalid_characters"),
        ("a\tb", "invalid_characters"),
        ("a\0b", "invalid_characters"),
        ("a\x1bb", "invalid_characters"),
        ("a\x85b", "invalid_characters"),
        ("a\u202eb", "invalid_characters"),
        ("a\u2066b", "invalid_characters"),
        ("a\u200bb", "invalid_characters"),
        ("a\u200fb", "invalid_characters"),
        ("a\ufeffb", "invalid_characters"),
        ("a\u2028b", "invalid_characters"),
        ("a\U000e0041b", "invalid_characters"),
        ("a\ud800b", "invalid_characters"),
    ],
)
def test_text_that_misleads_or_is_none_is_refused(data: Any, code: str) -> None:
    assert refusal(CleanCharField(max_length=20, min_length=2), data) == code


def test_a_text_may_be_blank_where_that_is_allowed() -> None:
    assert CleanCharField(max_length=5, allow_blank=True).run_validation("  ") == ""


def test_a_pattern_holds_for_the_whole_text() -> None:
    field = CleanCharField(max_length=20, pattern="[A-Z]+", pattern_words="Capitals only.")
    assert field.run_validation("PAY") == "PAY"
    with pytest.raises(ValidationError, match="Capitals only"):
        field.run_validation("PAY1")


def test_a_run_of_combining_marks_costs_nothing() -> None:
    start = time.process_time()
    assert refusal(CleanCharField(max_length=100), "a" + "\u0316\u0301" * 50_000) == "max_length"
    assert time.process_time() - start < 0.05


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("5", "not_an_integer"),
        (NumberLiteral("5.0"), "not_an_integer"),
        (True, "not_an_integer"),
        (5.0, "not_an_integer"),
        (None, "null"),
        (0, "min_value"),
        (11, "max_value"),
    ],
)
def test_what_is_no_whole_number_within_its_bounds_is_refused(data: Any, code: str) -> None:
    assert refusal(StrictIntegerField(min_value=1, max_value=10), data) == code


def test_a_whole_number_is_taken_and_written() -> None:
    field = StrictIntegerField(min_value=-5, max_value=5)
    assert field.run_validation(-5) == -5
    assert field.to_representation(3) == 3


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("0", 0), ("-3", -3), ("007", 7)])
def test_a_whole_number_in_a_query_is_read(text: str, value: int) -> None:
    assert QueryIntegerField(min_value=-9).run_validation(text) == value


@pytest.mark.parametrize(
    "text", ["", " 5", "5 ", "+5", "1e3", "1_0", "५", "0x5", "5.0", "--5", "1" * 17, "null", "\0"]
)
def test_what_is_no_whole_number_in_a_query_is_refused(text: str) -> None:
    assert refusal(QueryIntegerField(), text) == "not_an_integer"


@pytest.mark.parametrize("data", ["true", "false", 0, 1, "", [], FRACTION])
def test_only_json_true_and_false_are_booleans(data: Any) -> None:
    assert refusal(StrictBooleanField(), data) == "not_a_boolean"
    assert StrictBooleanField().run_validation(True) is True
    assert StrictBooleanField().run_validation(False) is False


@pytest.mark.parametrize("text", ["True", "1", "yes", "", "TRUE", " true"])
def test_only_true_and_false_are_booleans_in_a_query(text: str) -> None:
    assert refusal(QueryBooleanField(), text) == "not_a_boolean"
    assert QueryBooleanField().run_validation("true") is True
    assert QueryBooleanField().run_validation("false") is False


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("2025-02-29", "invalid_date"),
        ("2025-13-01", "invalid_date"),
        ("2025-2-3", "invalid_date"),
        ("20250203", "invalid_date"),
        ("2025-W05-1", "invalid_date"),
        ("03/02/2025", "invalid_date"),
        ("2025-02-03T00:00:00", "invalid_date"),
        ("2025-02-03 ", "invalid_date"),
        ("२०२५-०२-०३", "invalid_date"),
        ("0000-01-01", "invalid_date"),
        (20250203, "invalid_date"),
        (FRACTION, "invalid_date"),
        (None, "null"),
        ("0001-01-01", "date_out_of_range"),
        ("1899-12-31", "date_out_of_range"),
        ("2200-01-01", "date_out_of_range"),
        ("9999-12-31", "date_out_of_range"),
    ],
)
def test_what_is_no_date_of_our_time_is_refused(data: Any, code: str) -> None:
    assert refusal(StrictDateField(), data) == code


def test_a_date_is_read_and_written_in_iso_form() -> None:
    field = StrictDateField()
    assert field.run_validation("2024-02-29") == date(2024, 2, 29)
    assert field.to_representation(date(2024, 2, 29)) == "2024-02-29"


@pytest.mark.parametrize("data", ["cash", "CASH ", "", 1, True, None, ["CASH"], {"CASH": 1}])
def test_what_is_no_choice_is_refused_and_the_choices_are_named(data: Any) -> None:
    field = StrictChoiceField(choices=[("UPI", "UPI"), ("CASH", "Cash")])
    code = refusal(field, data)
    assert code == ("null" if data is None else "invalid_choice")
    if code == "invalid_choice":
        with pytest.raises(ValidationError, match="Must be one of: UPI, CASH"):
            field.run_validation(data)


def test_a_choice_is_taken_as_written() -> None:
    assert StrictChoiceField(choices=["UPI", "CASH"]).run_validation("UPI") == "UPI"
