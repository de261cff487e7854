"""Public ids: read only as they are written."""

import pytest

from bright_credit.common.public_id import key_of, year_and_key_of


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("BC-USER-001", 1),
        ("BC-USER-999", 999),
        ("BC-USER-1000", 1000),
        ("BC-USER-9223372036854775807", 2**63 - 1),
    ],
)
def test_an_id_gives_its_key(text: str, key: int) -> None:
    assert key_of(text, prefix="BC-USER-", width=3) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BC-USER-",
        "BC-USER-0",
        "BC-USER-000",
        "BC-USER-1",
        "BC-USER-01",
        "BC-USER-0001",
        "BC-USER--01",
        "BC-USER-+01",
        "BC-USER-00१",
        "BC-USER-001 ",
        "BC-USER-001\n",
        "bc-user-001",
        "XBC-USER-001",
        "BC-USER-BC-USER-001",
        "BC-USER-9223372036854775808",
        "BC-USER-" + "9" * 100_000,
        "LN-2025-0001",
    ],
)
def test_what_is_written_otherwise_is_no_id(text: str) -> None:
    assert key_of(text, prefix="BC-USER-", width=3) is None


def test_a_loans_id_gives_its_year_and_key() -> None:
    assert year_and_key_of("LN-2026-0457", prefix="LN-", width=4) == (2026, 457)
    assert year_and_key_of("LN-2026-10457", prefix="LN-", width=4) == (2026, 10_457)


@pytest.mark.parametrize(
    "text",
    [
        "LN-2026",
        "LN-2026-",
        "LN-2026-457",
        "LN-26-0457",
        "LN-२०२६-0457",
        "LN-2026-0457-1",
        "2026-0457",
        "LN-02026-0457",
        "LN-2026-00457",
        "LN--2026-0457",
    ],
)
def test_what_is_written_otherwise_is_no_loans_id(text: str) -> None:
    assert year_and_key_of(text, prefix="LN-", width=4) is None
