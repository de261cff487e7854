"""What is taken as an Aadhaar number, a PAN, a phone number, and how each is spelled and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import verhoeff

from users.identifiers import (
    InvalidAadhaar,
    InvalidPan,
    InvalidPhone,
    checked_aadhaar,
    normalised_pan,
    normalised_phone,
    shown_aadhaar,
    shown_pan,
    shown_phone,
)

NUMBER = "888877776666"


def test_the_sample_number_is_taken() -> None:
    assert checked_aadhaar(NUMBER) == NUMBER


@given(st.from_regex(r"[2-9][0-9]{10}", fullmatch=True), st.integers(min_value=1, max_value=9))
def test_only_the_right_check_digit_is_taken(digits: str, shift: int) -> None:
    check_digit = int(verhoeff.calc_check_digit(digits))
    right, wrong = f"{digits}{check_digit}", f"{digits}{(check_digit + shift) % 10}"
    if right != right[::-1]:
        assert checked_aadhaar(right) == right
    with pytest.raises(InvalidAadhaar):
        checked_aadhaar(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "88887777666",
        "8888777766660",
        "888877776667",
        "888877776656",
        "088877776666",
        "123412341234",
        "222222222222",
        "234566665432",
        "8888 7777 6666",
        "8888-7777-6666",
        " 888877776666",
        "888877776666\n",
        "888877776666\x00",
        "८८८८७७७७६६६६",
        "８８８８７７７７６６６６",
        "88887777666६",
        "+88887777666",
        "8.8887777e11",
        "XXXXXXXX6666",
        "8" * 1_000_000,
    ],
)
def test_anything_else_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidAadhaar) as refusal:
        checked_aadhaar(text)
    assert refusal.value.field == "aadhar_id"
    assert refusal.value.code == "invalid_aadhaar"
    assert refusal.value.__context__ is None
    assert not any(char.isdigit() for char in str(refusal.value).replace("12 digits", ""))


@pytest.mark.parametrize("text", ["ABCPK1234F", "abcpk1234f", " AbCpK1234f  "])
def test_a_persons_pan_has_one_spelling(text: str) -> None:
    assert normalised_pan(text) == "ABCPK1234F"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ABCPK1234",
        "ABCPK1234FF",
        "ABCPK12345",
        "ABCCK1234F",  # a company's
        "ABCHK1234F",  # a family's
        "ABCDK1234F",  # nobody's
        "ABCPK0000F",  # serial numbers begin at 1
        "ABC PK1234F",
        "ABCPK 1234 F",
        "ABCPK1234F\n",
        "ABCP\u01311234F",  # a letter that becomes an I in capitals
        "ABCP\u212a1234F",  # the sign of the kelvin, which becomes a k in small letters
        "ABCPK१२३४F",
        "A" * 1_000_000,
    ],
)
def test_anything_else_is_no_persons_pan_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidPan) as refusal:
        normalised_pan(text)
    assert (refusal.value.field, refusal.value.code) == ("pan", "invalid_pan")
    assert refusal.value.__context__ is None
    assert str(refusal.value) == "Must be the PAN of a person, such as ABCPK1234F."


@pytest.mark.parametrize(
    "text",
    [
        "+919876543210",
        "9876543210",
        "09876543210",
        "919876543210",
        "00919876543210",
        " +91 98765 43210 ",
        "+91-98765-43210",
        "(+91) 98765 43210",
        "098765-43210",
        "987 654 3210",
        "9-8-7-6-5-4-3-2-1-0",
    ],
)
def test_a_phone_number_has_one_spelling(text: str) -> None:
    assert normalised_phone(text) == "+919876543210"


@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True))
def test_every_ten_digits_that_a_mobile_number_may_have_are_taken(digits: str) -> None:
    assert normalised_phone(digits) == f"+91{digits}"
    assert normalised_phone(normalised_phone(digits)) == f"+91{digits}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "98765",
        "5876543210",  # a landline, or nobody's
        "98765432101",
        "+19876543210",
        "+9198765432100",
        "0919876543210",
        "98765  43210",
        "98765--43210",
        "98765.43210",
        "+91 98765 43210 ext 7",
        "९८७६५४३२१०",
        "9876543210\n",
        "+",
        "9" * 1_000_000,
    ],
)
def test_anything_else_is_no_phone_number_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        normalised_phone(text)
    assert (refusal.value.field, refusal.value.code) == ("phone", "invalid_phone")
    assert refusal.value.__context__ is None
    assert str(refusal.value) == "Must be a mobile number of India, such as +91 98765 43210."


def test_the_last_four_are_all_that_is_shown() -> None:
    assert shown_aadhaar("6666") == "XXXX-XXXX-6666"
    assert shown_pan("234F") == "XXXXXX234F"
    assert shown_phone("3210") == "+91 XXXXXX3210"
    assert {shown_aadhaar(None), shown_pan(None), shown_phone(None)} == {None}
