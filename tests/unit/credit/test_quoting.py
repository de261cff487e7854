"""Records with quotes, read strictly and without swallowing what follows."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.transactions_file.layout import MAX_RECORD_LINES, RejectCode
from credit.transactions_file.quoting import QuotedRecord, quoted_record
from tests.unit.credit.cases import unhurried

ROW = "BC-USER-002,2025-03-16,100,DEBIT,TEA"


def read(*lines: str, more_follow: bool = False) -> QuotedRecord | RejectCode | None:
    """Read the record that starts with the first line."""
    return quoted_record(lines, more_follow=more_follow)


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (['a,b,"c,d"'], ("a", "b", "c,d")),
        (['"a","b"'], ("a", "b")),
        (['a,"say ""hi"""'], ("a", 'say "hi"')),
        (['a,""'], ("a", "")),
        (['a,"one', 'two"', ROW], ("a", "one\ntwo")),
        (['a,"one', "", 'three",b'], ("a", "one\n\nthree", "b")),
        (['a,"b"",c', 'd"'], ("a", 'b",c\nd')),
        (['a,5" PIPE'], ("a", '5" PIPE')),
        (['a,"x\u2028y",b'], ("a", "x\u2028y", "b")),
    ],
)
def test_well_formed_records_are_read(lines: list[str], fields: tuple[str, ...]) -> None:
    record = read(*lines)
    assert isinstance(record, QuotedRecord)
    assert record.fields == fields


def test_a_record_says_how_many_lines_it_took() -> None:
    assert read('a,"one', "two", 'three"', ROW) == QuotedRecord(("a", "one\ntwo\nthree"), 3)


@pytest.mark.parametrize(
    "following",
    [
        [ROW],
        [ROW, 'still open"'],
        ['BC-USER-003,2025-03-17,5,DEBIT,"X"'],
        ['"BC-USER-003","2025-03-17","5","DEBIT","X"'],
        ["someone,15/03/2025,5,DEBIT,X"],
        [],
        ["no end"] * MAX_RECORD_LINES + ['late end"'],
    ],
)
def test_a_quote_that_is_never_closed_costs_its_own_line_only(following: list[str]) -> None:
    assert read('a,b,c,d,"open', *following) is RejectCode.UNCLOSED_QUOTE


@pytest.mark.parametrize("line", ['a,"b"c', '"a" ,b', 'a,"b" "c"'])
def test_text_after_a_closing_quote_is_refused(line: str) -> None:
    assert read(line) is RejectCode.MISPLACED_QUOTE


def test_an_open_record_waits_for_lines_that_are_still_to_come() -> None:
    assert read('a,"open', "and", more_follow=True) is None


def test_an_open_record_does_not_wait_beyond_its_bound() -> None:
    lines = ['a,"open'] + ["and"] * (MAX_RECORD_LINES - 1)
    assert read(*lines, more_follow=True) is RejectCode.UNCLOSED_QUOTE


@pytest.mark.parametrize("text", ['"' * 60_001, 'a,"' + '""' * 30_000, '"",' * 20_000 + '"'])
def test_hostile_quotes_cost_little_time(text: str) -> None:
    started = time.perf_counter()
    assert read(text) is not None
    assert time.perf_counter() - started < 1


@unhurried
@given(st.lists(st.text(alphabet=st.sampled_from('ab",\n')), min_size=1, max_size=6))
def test_what_was_quoted_by_the_rules_is_read_back(fields: list[str]) -> None:
    text = ",".join('"' + field.replace('"', '""') + '"' for field in fields)
    lines = text.split("\n")
    record = read(*lines)
    if len(lines) <= MAX_RECORD_LINES:
        assert record == QuotedRecord(tuple(fields), len(lines))
    else:
        assert record is RejectCode.UNCLOSED_QUOTE
