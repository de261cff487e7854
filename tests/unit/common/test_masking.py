"""What looks personal or secret is taken out of a text, and nothing else is."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import verhoeff

from bright_credit.common.masking import masked, masked_value
from bright_credit.operations.log_lines import JsonLines, PlainLines

AADHAAR = "888877776666"
TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJCQy1VU0VSLTAwOSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"number {AADHAAR} of", "number [Aadhaar] of"),
        ("8888 7777 6666", "[Aadhaar]"),
        ("8888-7777-6666.", "[Aadhaar]."),
        ("2222 8888 7777 6666", "2222 [Aadhaar]"),
        ("(rahul@brightlend.com)", "([e-mail])"),
        ("Key (email)=(rahul.s+x@mail.brightlend.co.in) exists", "Key (email)=([e-mail]) exists"),
        ("PAN ABCPK1234F given", "PAN [PAN] given"),
        ("pan=abcpk1234f&", "pan=[PAN]&"),
        ("pan_ABCPK1234F_", "pan_[PAN]_"),
        ("phone +919876543210 of", "phone [phone] of"),
        ("9876543210", "[phone]"),
        ("{'phone': '09876543210'}", "{'phone': '[phone]'}"),
        ("+91 98765 43210, 098765-43210.", "[phone], [phone]."),
        ("(+91) 98765 43210", "([phone]"),
        ("987-654-3210 or 9876 543 210", "[phone] or [phone]"),
        ("?phone=%2B919876543210", "?phone=[phone]"),
        ("00919876543210 919876543210", "[phone] [phone]"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [token]"),
        (f"token {TOKEN}", "token [token]"),
        ("key blk_0123456789abcdefghij", "key [token]"),
    ],
)
def test_what_looks_personal_or_secret_is_masked(text: str, left: str) -> None:
    assert masked(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "888877776667",  # its last digit does not check the others
        "1888877776666",  # thirteen digits
        "BC-USER-009 LN-2026-0457 AP-2026-0003 PAY-789XYZ",
        "GET /api/v1/loans/<str:loan_id> 200, 12 ms, 6 statements, partner partner:3",
        "2026-11-25T22:20:01.123456+05:30",
        "bearer of bad news",
        "ABCDE1234F",  # its fourth letter is no kind of holder
        "5876543210",  # no mobile number begins so
        "98765432101",  # eleven digits
        "a9876543210b",  # part of a digest
        "in 0.9876543210 s",
        "9876543210.50 rupees",
        "80 2026-11-30",
        "a @ b",
        "",
    ],
)
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert masked(text) == text


@given(st.integers(min_value=2 * 10**10, max_value=10**11 - 1), st.sampled_from(["", " ", "-"]))
def test_no_aadhaar_number_is_left(first: int, gap: str) -> None:
    number = f"{first}{verhoeff.calc_check_digit(str(first))}"
    spelled = gap.join((number[:4], number[4:8], number[8:]))
    assert masked(f"x {spelled} y") == "x [Aadhaar] y"


@given(st.text(max_size=300))
def test_masking_twice_masks_no_more(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_long_texts_take_no_longer_than_they_are() -> None:
    for text in ("a" * 200_000 + "@", "@" * 200_000, "8888 " * 40_000, "eyJ" * 60_000):
        assert len(masked(text)) <= len(text) + 10_000


def test_a_number_of_the_log_that_is_one_becomes_a_text() -> None:
    given = {"n": int(AADHAAR), "m": 9_876_543_210, "ok": True, "in": [AADHAAR, 7, None]}
    assert masked_value(given) == {
        "n": "[Aadhaar]",
        "m": "[phone]",
        "ok": True,
        "in": ["[Aadhaar]", 7, None],
    }


@pytest.mark.parametrize("formatter", [JsonLines(), PlainLines()])
def test_lines_and_tracebacks_are_masked(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(f"{AADHAAR} of rahul@brightlend.com")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "for %s", (AADHAAR,), sys.exc_info()
        )
    record.given = {"number": int(AADHAAR), "bearer": f"Bearer {TOKEN}"}
    line = formatter.format(record)
    assert "[Aadhaar] of [e-mail]" in line
    for secret in (AADHAAR, "rahul@", TOKEN):
        assert secret not in line
    if isinstance(formatter, JsonLines):
        assert json.loads(line)["given"] == {"number": "[Aadhaar]", "bearer": "Bearer [token]"}
