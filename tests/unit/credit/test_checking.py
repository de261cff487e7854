"""The rules for single fields of the bank-transaction file: a corpus with the exact verdicts."""

import time
from datetime import date

import pytest

from credit.transactions_file.checking import (
    judge_amount,
    judge_date,
    judge_description,
    judge_type,
    readable_paise,
)
from credit.transactions_file.layout import RejectCode

AS_OF = date(2026, 1, 15)

GOOD_AMOUNTS = [
    ("250000", 250_000_00),
    ("50000.5", 50_000_50),
    ("20833.33", 20_833_33),
    ("0.01", 1),
    ("1", 1_00),
    ("007", 7_00),
    ("1000000000", 10**11),
    ("1000000000.00", 10**11),
]
BAD_AMOUNTS = {
    RejectCode.AMOUNT_NOT_POSITIVE: ["0", "0.00", "-0", "-1", "-0.01", "-250000", "00000"],
    RejectCode.AMOUNT_TOO_LARGE: [
        "1000000000.01",
        "1000000001",
        "9999999999999",
        "99999999999999",
        "9" * 40,
        "1" * 30_000,
        "1" * 20 + ".50",
    ],
    RejectCode.AMOUNT_MALFORMED: [
        "",
        " ",
        "100 ",
        " 100",
        "+100",
        "1,000",
        "1,00,000.00",
        "1_000",
        "1'000",
        "1 000",
        "1.000,00",
        "100.",
        ".50",
        "1.234",
        "1.2.3",
        "1e5",
        "1E+2000000",
        "1e-2",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "inf",
        "NULL",
        "None",
        "0x10",
        "1/2",
        "₹10",
        "Rs 10",
        "10₹",
        "INR10",
        "१२३",
        "１２３",
        "٣",
        "1\u00a0000",
        "1\u200b0",
        "--1",
        "- 1",
        "−1",
        "10%",
        "=10",
        "TRUE",
        "ten",
    ],
}


@pytest.mark.parametrize(("text", "paise"), GOOD_AMOUNTS)
def test_plain_amounts_are_read_to_the_paisa(text: str, paise: int) -> None:
    assert judge_amount(text) is None
    assert readable_paise(text) == paise


@pytest.mark.parametrize(
    ("text", "code"), [(text, code) for code, texts in BAD_AMOUNTS.items() for text in texts]
)
def test_every_other_amount_is_rejected_for_its_reason_at_once(text: str, code: RejectCode) -> None:
    started = time.perf_counter()
    assert judge_amount(text) is code
    assert time.perf_counter() - started < 0.01


@pytest.mark.parametrize("text", ["0", "0.00", "00000"])
def test_nothing_is_a_readable_amount_though_no_transaction(text: str) -> None:
    assert readable_paise(text) == 0


@pytest.mark.parametrize("text", ["-1", "NaN", "1e5", "₹10", "", "1000000000.01"])
def test_what_is_no_plain_amount_is_not_readable(text: str) -> None:
    assert readable_paise(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-03-15", None),
        ("2024-02-29", None),
        ("2000-01-01", None),
        ("2026-01-15", None),
        ("2026-01-16", RejectCode.DATE_IN_FUTURE),
        ("9999-12-31", RejectCode.DATE_IN_FUTURE),
        ("1999-12-31", RejectCode.DATE_TOO_OLD),
        ("0001-01-01", RejectCode.DATE_TOO_OLD),
        ("2025-02-29", RejectCode.DATE_IMPOSSIBLE),
        ("2025-02-31", RejectCode.DATE_IMPOSSIBLE),
        ("2025-13-01", RejectCode.DATE_IMPOSSIBLE),
        ("2025-00-10", RejectCode.DATE_IMPOSSIBLE),
        ("0000-01-01", RejectCode.DATE_IMPOSSIBLE),
        ("2025-3-5", RejectCode.DATE_MALFORMED),
        ("25-03-15", RejectCode.DATE_MALFORMED),
        ("15/03/2025", RejectCode.DATE_MALFORMED),
        ("03/15/2025", RejectCode.DATE_MALFORMED),
        ("20250315", RejectCode.DATE_MALFORMED),
        ("45731", RejectCode.DATE_MALFORMED),
        ("2025-03-15T00:00:00", RejectCode.DATE_MALFORMED),
        ("2025-03-15 ", RejectCode.DATE_MALFORMED),
        ("2025-W11-6", RejectCode.DATE_MALFORMED),
        ("२०२५-०३-१५", RejectCode.DATE_MALFORMED),
        ("", RejectCode.DATE_MALFORMED),
        ("NaT", RejectCode.DATE_MALFORMED),
    ],
)
def test_dates_have_one_form_and_a_window(text: str, code: RejectCode | None) -> None:
    assert judge_date(text, as_of=AS_OF) is code


@pytest.mark.parametrize("text", ["credit", "Debit", "CR", "", "CREDIT ", "TRANSFER", "NA"])
def test_a_type_is_credit_or_debit_exactly(text: str) -> None:
    assert judge_type("CREDIT") is judge_type("DEBIT") is None
    assert judge_type(text) is RejectCode.TYPE_UNKNOWN


def test_a_description_has_at_most_500_characters() -> None:
    assert judge_description("") is None
    assert judge_description("é" * 500) is None
    assert judge_description("x" * 501) is RejectCode.DESCRIPTION_TOO_LONG
