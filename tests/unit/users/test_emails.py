"""E-mail addresses: one spelling, plain ASCII."""

import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from users.domain.emails import InvalidEmail, normalise_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("rahul@brightlend.com", "rahul@brightlend.com"),
        ("  Rahul.Sharma@BrightLend.COM ", "rahul.sharma@brightlend.com"),
        ("RAHUL+loans@mail.example.co.in", "rahul+loans@mail.example.co.in"),
        ("o'brien_99@x-y.example", "o'brien_99@x-y.example"),
        ("a@xn--h2brj9c.xn--h2brj9c", "a@xn--h2brj9c.xn--h2brj9c"),
        ("9876543210@example.in", "9876543210@example.in"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_is_trimmed_and_in_lower_case(typed: str, kept: str) -> None:
    assert normalise_email(typed) == kept
    assert normalise_email(kept) == kept
    validate_email(kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "rahul",
        "rahul@",
        "@brightlend.com",
        "rahul@brightlend",
        "rahul@localhost",
        "rahul@@brightlend.com",
        "rahul@bright lend.com",
        "rahul @brightlend.com",
        "rahul..s@brightlend.com",
        ".rahul@brightlend.com",
        "rahul.@brightlend.com",
        "rahul@.brightlend.com",
        "rahul@brightlend..com",
        "rahul@brightlend.com.",
        "rahul@-brightlend.com",
        "rahul@brightlend-.com",
        "rahul@brightlend.c",
        "rahul@brightlend.123",
        "rahul@127.0.0.1",
        "rahul@[127.0.0.1]",
        '"rahul sharma"@brightlend.com',
        "Rahul <rahul@brightlend.com>",
        "rahul@brightlend.com, x@y.com",
        "rahul@brightlend.com\nBcc: x@y.com",
        "rahul@brightlend.com\n",
        "rahul\x00@brightlend.com",
        "rahul\ud800@brightlend.com",
        "राहुल@brightlend.com",
        "rahul@भारत.भारत",
        "rahul＠brightlend.com",
        "ra\u200bhul@brightlend.com",
        "\u212aavita@brightlend.com",  # the Kelvin sign lower-cases to a plain k
        "ro\u017fe@brightlend.com",
        "rаhul@brightlend.com",  # Cyrillic a
        "mailto:rahul@brightlend.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "a@" + ".".join(["b" * 60] * 5) + ".com",
        "a" * 1_000_000,
        "a." * 100_000 + "@b.com",
        "a@" + "b." * 100_000,
    ],
)
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidEmail) as refusal:
        normalise_email(text)
    assert refusal.value.field == "email"
    assert text.strip() == "" or text not in str(refusal.value)


@given(st.from_regex(r"[A-Za-z0-9._'+-]{1,30}@[A-Za-z0-9.-]{1,40}\.[A-Za-z]{2,10}", fullmatch=True))
def test_whatever_is_taken_satisfies_django_too(text: str) -> None:
    try:
        address = normalise_email(text)
    except InvalidEmail:
        return
    validate_email(address)
    assert normalise_email(address.upper()) == address
