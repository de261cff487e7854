"""Every way to write a number in a request, with its exact verdict, each within ten milliseconds.

The literal goes through the parser and the field, as in a request: `{"amount": <literal>}`.
"""

import time
from typing import Any

import pytest
from rest_framework.exceptions import APIException, ValidationError

from bright_credit.common.api.fields import RupeesField
from bright_credit.common.api.parsers import parse_object

ACCEPTED = {
    "1": 100,
    "24500": 2_450_000,
    "20833.33": 2_083_333,
    "0.01": 1,
    "0.1": 10,
    "0.10": 10,
    "24500.0": 2_450_000,
    "24500.00": 2_450_000,
    "9007199254740.99": 900_719_925_474_099,
    "8.33": 833,
    "1.15": 115,
    "10000000000000": 10**15,
}

REFUSED = {
    # below or above what can be paid
    "0": "min_value",
    "-0": "min_value",
    "0.0": "min_value",
    "0.00": "min_value",
    "-0.0": "min_value",
    "-1": "min_value",
    "-0.01": "min_value",
    "-24500": "min_value",
    "-9999999999999999": "min_value",
    "10000000000000.01": "invalid_amount",
    "10000000000001": "max_value",
    "99999999999999": "max_value",
    "1000000000000000": "max_value",
    "9999999999999999": "max_value",
    "99999999999999.99": "invalid_amount",
    # more precision than a paisa
    "0.001": "invalid_amount",
    "20833.333": "invalid_amount",
    "20833.330": "invalid_amount",
    "0.009": "invalid_amount",
    "1.999999999999999999999": "invalid_amount",
    # exponents
    "1e3": "invalid_amount",
    "1E3": "invalid_amount",
    "1e+3": "invalid_amount",
    "1e-2": "invalid_amount",
    "2.45e4": "invalid_amount",
    "1E+2000000": "invalid_amount",
    "1e999999999": "invalid_amount",
    "1e-999999999": "invalid_amount",
    "1E+30": "invalid_amount",
    "0e0": "invalid_amount",
    "1e999": "invalid_amount",
    # longer than any amount
    "1" + "0" * 16: "number_too_long",
    "-1" + "0" * 16: "number_too_long",
    "18446744073709551616": "number_too_long",
    "9223372036854775808": "number_too_long",
    "1" * 5_000: "number_too_long",
    "9" * 100_000: "number_too_long",
    "1." + "1" * 5_000: "number_too_long",
    "1e" + "9" * 100_000: "number_too_long",
    "0." + "0" * 38 + "1": "number_too_long",
    # no numbers of JSON
    "NaN": "number_not_finite",
    "Infinity": "number_not_finite",
    "-Infinity": "number_not_finite",
    "nan": "malformed_json",
    "inf": "malformed_json",
    "-NaN": "malformed_json",
    "+1": "malformed_json",
    "01": "malformed_json",
    "-01": "malformed_json",
    "1.": "malformed_json",
    ".5": "malformed_json",
    "-": "malformed_json",
    "--1": "malformed_json",
    "1_000": "malformed_json",
    "1,00,000.00": "malformed_json",
    "0x10": "malformed_json",
    "1e": "malformed_json",
    "1.e5": "malformed_json",
    "1f": "malformed_json",
    "24500 INR": "malformed_json",
    "१२३": "malformed_json",
    "１２３": "malformed_json",
    "₹10": "malformed_json",
    "1/2": "malformed_json",
    "1 000": "malformed_json",
    "": "malformed_json",
    # JSON, and no number
    '"24500"': "not_a_number",
    '"24500.00"': "not_a_number",
    '"१२३"': "not_a_number",
    '"1_000"': "not_a_number",
    '"NaN"': "not_a_number",
    '"₹10"': "not_a_number",
    '"24500 "': "not_a_number",
    '""': "not_a_number",
    "true": "not_a_number",
    "false": "not_a_number",
    "null": "null",
    "[]": "not_a_number",
    "[24500]": "not_a_number",
    "{}": "not_a_number",
    '{"rupees": 1}': "not_a_number",
}


def verdict(literal: str) -> int | str:
    """Return the paise of a literal, or the code of its refusal."""
    try:
        paise: int = RupeesField().run_validation(
            parse_object(b'{"amount": %s}' % literal.encode())["amount"]
        )
    except ValidationError as refusal:
        codes: Any = refusal.get_codes()
        return str(codes[0])
    except APIException as refusal:
        return str(refusal.get_codes())
    return paise


def name(literal: str) -> str:
    return ascii(literal if len(literal) < 30 else f"{literal[:12]}… of {len(literal)}")


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(REFUSED) >= 60


@pytest.mark.parametrize(("literal", "paise"), ACCEPTED.items(), ids=map(name, ACCEPTED))
def test_an_amount_is_read_to_the_paisa(literal: str, paise: int) -> None:
    assert verdict(literal) == paise


@pytest.mark.parametrize(("literal", "code"), REFUSED.items(), ids=map(name, REFUSED))
def test_what_is_no_amount_is_refused_with_its_code(literal: str, code: str) -> None:
    assert verdict(literal) == code


@pytest.mark.parametrize("literal", REFUSED, ids=map(name, REFUSED))
def test_a_refusal_costs_next_to_nothing(literal: str) -> None:
    best = min(_seconds(literal) for _ in range(5))
    assert best < 0.010


def _seconds(literal: str) -> float:
    start = time.process_time()
    verdict(literal)
    return time.process_time() - start
