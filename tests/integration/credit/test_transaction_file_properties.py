"""For any mixture of good and faulty rows: accepted + duplicate + rejected is the file."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credit.models import BankTransaction
from tests.integration.credit.bank_files import Counts, borrowers, counts, load, rejected, row
from tests.properties import as_many
from users.models import Borrower

pytestmark = pytest.mark.django_db

_examples = count(1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A record of a file: its bytes, and what must become of it."""

    content: bytes
    paise: int
    code: str | None = None

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return self.content.count(b"\n")


def good(person: Borrower, paise: int, description: str) -> Piece:
    """Return a row that must be posted."""
    amount = f"{paise // 100}.{paise % 100:02d}"
    return Piece(row(person, amount=amount, description=description), paise)


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "too_many_fields": lambda line: line.replace(b"\n", b",more\n"),
    "not_utf8": lambda line: line.replace(b"\n", b"\xe9\n"),
    "nul_character": lambda line: line.replace(b"\n", b"\0\n"),
    "unclosed_quote": lambda line: line.replace(b"CREDIT,", b'CREDIT,"'),
    "unknown_user": lambda line: b"BC-USER-999999999" + line[line.index(b",") :],
    "date_impossible": lambda line: line.replace(b"2025-03-15", b"2025-02-31"),
    "date_in_future": lambda line: line.replace(b"2025-03-15", b"2125-03-15"),
    "type_unknown": lambda line: line.replace(b"CREDIT", b"LOAN"),
    "amount_malformed": lambda line: line.replace(b".", b"e"),
}
WITH_READABLE_AMOUNT = {"unknown_user", "date_impossible", "date_in_future", "type_unknown"}


@st.composite
def pieces(draw: st.DrawFn) -> list[tuple[int, int, str, str | None]]:
    """Return what records to make: whose, how much, the description, and the fault if any."""
    return draw(
        st.lists(
            st.tuples(
                st.integers(min_value=0, max_value=2),
                st.integers(min_value=1, max_value=10**11),
                st.sampled_from(["TEA", "RENT, MARCH", "two\nlines", '"', "चाय", ""]),
                st.none() | st.sampled_from(sorted(FAULTS)),
            ),
            max_size=30,
        )
    )


@settings(
    max_examples=as_many(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(made=pieces(), block_bytes=st.integers(min_value=64, max_value=4_096))
def test_no_row_and_no_paisa_is_lost(
    made: list[tuple[int, int, str, str | None]], block_bytes: int, three_people: list[Borrower]
) -> None:
    example = f"{next(_examples)} "
    records = []
    for owner, paise, description, fault in made:
        piece = good(three_people[owner], paise, example + description)
        if fault is None:
            records.append(piece)
            continue
        plain = good(three_people[owner], paise, "TEA")
        readable = paise if fault in WITH_READABLE_AMOUNT else 0
        records.append(Piece(FAULTS[fault](plain.content), readable, fault))

    content = b"".join(record.content for record in records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("credit.transactions_file.source.BLOCK_BYTES", block_bytes)
        first, again = load(content).file, load(content).file

    taken = [record for record in records if record.code is None]
    refused = [record for record in records if record.code is not None]
    assert counts(first) == Counts(len(taken), 0, len(refused))
    assert counts(again) == Counts(0, len(taken), len(refused))
    assert first.amount_paise == again.amount_paise == sum(record.paise for record in records)
    assert first.accepted_amount_paise == sum(record.paise for record in taken)
    assert again.duplicate_amount_paise == first.accepted_amount_paise
    assert first.rejected_amount_paise == sum(record.paise for record in refused)
    assert first.unreadable_amounts == sum(
        record.code not in WITH_READABLE_AMOUNT for record in refused
    )
    assert rejected(first) == rejected(again) == expected_rejections(records)
    posted = BankTransaction.objects.filter(file=first).values_list("amount_paise", flat=True)
    assert sorted(posted) == sorted(record.paise for record in taken)


def expected_rejections(records: list[Piece]) -> list[tuple[int, str]]:
    """Return line and code of each faulty record, counting lines from the header."""
    line, expected = 2, []
    for record in records:
        if record.code is not None:
            expected.append((line, record.code))
        line += record.lines
    return expected


@pytest.fixture
def three_people() -> list[Borrower]:
    """Return three borrowers."""
    return borrowers(3)
