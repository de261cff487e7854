"""From bytes to rows: every line of a file ends as a row, a fault, or a blank, with its number."""

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit.transactions_file import source as source_module
from credit.transactions_file.layout import (
    MAX_LINE_BYTES,
    FileRefused,
    RefusalCode,
    RejectCode,
)
from credit.transactions_file.reading import read_blocks
from credit.transactions_file.source import Source
from tests.unit.credit.cases import unhurried

HEADER = b"user_id,transaction_date,amount,type,description\n"
ROW = b"BC-USER-001,2025-03-15,250000,CREDIT,SALARY\n"
FIELDS = ("BC-USER-001", "2025-03-15", "250000", "CREDIT", "SALARY")

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a file: rows and faults by line number, and the number of blank lines."""

    rows: tuple[Row, ...]
    faults: tuple[tuple[int, str], ...]
    blank_lines: int
    cut_off: bool


def read(content: bytes, *, block_bytes: int = 4 * 1024 * 1024) -> Reading:
    """Read a whole file in blocks of this size."""
    rows: list[Row] = []
    faults: list[tuple[int, str]] = []
    blank_lines, cut_off = 0, False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_module, "BLOCK_BYTES", block_bytes)
        for block in read_blocks(Source(io.BytesIO(content), max_bytes=10**9)):
            fields = block.table.itertuples(index=False, name=None)
            rows.extend(zip(block.line_numbers.tolist(), fields, strict=True))
            faults.extend((fault.line_number, fault.code.value) for fault in block.faults)
            assert len(block.encoded) == len(block.table)
            blank_lines += block.blank_lines
            cut_off |= block.cut_off
    return Reading(tuple(sorted(rows)), tuple(sorted(faults)), blank_lines, cut_off)


def faults_of(content: bytes) -> tuple[tuple[int, str], ...]:
    """Return the faults of a file that begins with the header."""
    return read(HEADER + content).faults


class TestHeader:
    @pytest.mark.parametrize(
        "header",
        [
            HEADER,
            b"\xef\xbb\xbf" + HEADER,
            HEADER.replace(b"\n", b"\r\n"),
            b'"user_id","transaction_date","amount","type","description"\n',
        ],
    )
    def test_the_right_columns_are_taken_with_or_without_a_bom(self, header: bytes) -> None:
        assert read(header + ROW).rows == ((2, FIELDS),)

    @pytest.mark.parametrize("content", [HEADER, HEADER.rstrip(b"\n")])
    def test_a_header_alone_holds_no_row(self, content: bytes) -> None:
        assert read(content) == Reading((), (), 0, cut_off=False)

    @pytest.mark.parametrize(
        ("content", "code", "words"),
        [
            (b"", RefusalCode.EMPTY, "empty"),
            (b"\xef\xbb\xbf", RefusalCode.EMPTY, "empty"),
            (b"\n\n", RefusalCode.EMPTY, "empty"),
            (ROW, RefusalCode.WRONG_HEADER, "Missing: user_id"),
            (b"user_id,amount\n", RefusalCode.WRONG_HEADER, "Missing: transaction_date, type"),
            (
                b"user_id,transaction_date,type,amount,description\n",
                RefusalCode.WRONG_HEADER,
                "another order",
            ),
            (
                b"user_id,transaction_date,amount,type,description,balance\n",
                RefusalCode.WRONG_HEADER,
                "Unexpected: balance",
            ),
            (
                b"user_id,transaction_date,amount,amount,type,description\n",
                RefusalCode.WRONG_HEADER,
                "Repeated: amount",
            ),
            (HEADER.upper(), RefusalCode.WRONG_HEADER, "Missing: user_id"),
            (HEADER.replace(b",", b", "), RefusalCode.WRONG_HEADER, "Missing"),
            (HEADER.replace(b",", b";"), RefusalCode.WRONG_HEADER, "set apart by commas"),
            (HEADER.replace(b",", b"\t"), RefusalCode.WRONG_HEADER, "set apart by commas"),
            (b"\xef\xbb\xbf\xef\xbb\xbf" + HEADER, RefusalCode.WRONG_HEADER, "Missing: user_id"),
            (HEADER.replace(b"type", b"t\xffpe"), RefusalCode.WRONG_HEADER, "not a line"),
            (HEADER.decode().encode("utf-16"), RefusalCode.NOT_UTF8, "must be UTF-8"),
            (b"\xfe\xff" + HEADER.decode().encode("utf-16-be"), RefusalCode.NOT_UTF8, "UTF-8"),
            (HEADER.decode().encode("utf-16-le"), RefusalCode.WRONG_HEADER, "Missing"),
            (HEADER.replace(b"\n", b"\r") + ROW, RefusalCode.WRONG_HEADER, "not a line"),
            (b"PK\x03\x04" + b"\0" * 100, RefusalCode.WRONG_HEADER, "not a line"),
            (b"x" * 100_000, RefusalCode.WRONG_HEADER, "not a line"),
            (b"a," * 100_000 + b"\n" + ROW, RefusalCode.WRONG_HEADER, "Missing"),
        ],
    )
    def test_another_header_refuses_the_file_and_says_why(
        self, content: bytes, code: RefusalCode, words: str
    ) -> None:
        with pytest.raises(FileRefused, match=words) as refusal:
            read(content)
        assert refusal.value.code is code


class TestLines:
    def test_line_numbers_are_those_of_the_file(self) -> None:
        quoted = ROW.replace(b"SALARY", b'"SAL\nARY"')
        reading = read(HEADER + ROW + b"\n" + quoted + ROW + b"x\n" + ROW)
        assert [line for line, _ in reading.rows] == [2, 4, 6, 8]
        assert reading.faults == ((7, "too_few_fields"),)
        assert reading.blank_lines == 1

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            (b"BC-USER-001,2025-03-15,250000,CREDIT", RejectCode.TOO_FEW_FIELDS),
            (b"BC-USER-001", RejectCode.TOO_FEW_FIELDS),
            (b" ", RejectCode.TOO_FEW_FIELDS),
            (ROW[:-1] + b",", RejectCode.TOO_MANY_FIELDS),
            (b"," * 100_00, RejectCode.TOO_MANY_FIELDS),
            (ROW[:-1] + b',"x,y"', RejectCode.TOO_MANY_FIELDS),
            (b'BC-USER-001,"2025-03-15"', RejectCode.TOO_FEW_FIELDS),
            (ROW[:-1].replace(b"SALARY", b"CAF\xc9"), RejectCode.NOT_UTF8),
            (ROW[:-1].replace(b"SALARY", b"\xc3"), RejectCode.NOT_UTF8),
            (ROW[:-1].replace(b"SALARY", b"\xed\xa0\x80"), RejectCode.NOT_UTF8),
            (ROW[:-1].replace(b"SALARY", b"SAL\0ARY"), RejectCode.NUL_CHARACTER),
            (ROW[:-1].replace(b"SALARY", b"SAL\x1b[31mARY"), RejectCode.CONTROL_CHARACTER),
            (ROW[:-1].replace(b"SALARY", b"SAL\rARY"), RejectCode.CONTROL_CHARACTER),
            (ROW[:-1].replace(b"SALARY", b"x" * MAX_LINE_BYTES), RejectCode.LINE_TOO_LONG),
            (ROW[:-1].replace(b"SALARY", b'"open'), RejectCode.UNCLOSED_QUOTE),
            (ROW[:-1].replace(b"SALARY", b'"a"b'), RejectCode.MISPLACED_QUOTE),
            (ROW[:-1].replace(b"SALARY", b'"open\0'), RejectCode.NUL_CHARACTER),
        ],
    )
    def test_a_line_that_is_no_row_is_a_fault_and_its_neighbours_are_rows(
        self, line: bytes, code: RejectCode
    ) -> None:
        reading = read(HEADER + ROW + line + b"\n" + ROW)
        assert reading.faults == ((3, code.value),)
        assert reading.rows == ((2, FIELDS), (4, FIELDS))

    def test_line_ends_of_windows_are_no_part_of_a_row(self) -> None:
        windows = (HEADER + ROW + ROW.replace(b"SALARY", b'"SAL\nARY"')).replace(b"\n", b"\r\n")
        multiline = (*FIELDS[:4], "SAL\nARY")
        assert read(windows).rows == ((2, FIELDS), (3, multiline))

    def test_texts_that_parsers_like_to_guess_stay_texts(self) -> None:
        texts = ("NA", "NaN", "1e5", "", "null")
        assert read(HEADER + ",".join(texts).encode() + b"\n").rows == ((2, texts),)

    def test_a_byte_order_mark_inside_the_file_is_not_swallowed(self) -> None:
        reading = read(HEADER + b"\xef\xbb\xbf" + ROW + b"\xef\xbb\xbf" + ROW, block_bytes=60)
        assert [fields[0] for _, fields in reading.rows] == ["\ufeffBC-USER-001"] * 2

    def test_a_line_longer_than_many_blocks_is_one_fault(self) -> None:
        endless = b"x" * 2_000_000 + b"\n"
        reading = read(HEADER + ROW + endless + ROW, block_bytes=100_000)
        assert reading.faults == ((3, "line_too_long"),)
        assert reading.rows == ((2, FIELDS), (4, FIELDS))

    def test_an_unclosed_quote_does_not_swallow_the_rest(self) -> None:
        unclosed = ROW.replace(b"SALARY", b'"SALARY')
        reading = read(HEADER + unclosed + ROW * 500)
        assert reading.faults == ((2, "unclosed_quote"),)
        assert len(reading.rows) == 500


class TestTheEnd:
    def test_a_last_row_without_line_end_is_a_row(self) -> None:
        reading = read(HEADER + ROW + ROW[:-1])
        assert len(reading.rows) == 2
        assert reading.cut_off

    @pytest.mark.parametrize("kept", [1, 12, 20, 30, 36])
    def test_a_last_row_that_lacks_fields_is_cut_short(self, kept: int) -> None:
        reading = read(HEADER + ROW + ROW[:kept])
        assert reading.rows == ((2, FIELDS),)
        assert reading.faults == ((3, "cut_short"),)

    def test_a_last_row_cut_inside_its_quotes_is_cut_short(self) -> None:
        cut = ROW.replace(b"SALARY\n", b'"SAL')
        assert faults_of(ROW + cut) == ((3, "cut_short"),)

    def test_a_last_row_cut_inside_a_letter_is_not_utf8(self) -> None:
        assert faults_of(ROW.replace(b"SALARY\n", "वे".encode()[:-1])) == ((2, "not_utf8"),)


lines = st.lists(
    st.sampled_from(
        [
            ROW,
            ROW.replace(b"SALARY", b'"SAL, ARY"'),
            ROW.replace(b"SALARY", b'"SAL\nARY\n"'),
            ROW.replace(b"SALARY", b'"open'),
            ROW.replace(b"SALARY", b'"a"b'),
            ROW.replace(b"SALARY", b"CAF\xc9"),
            ROW.replace(b"SALARY", b"\0"),
            b"\n",
            b"x\n",
            b'"\n',
            b'close"\n',
            b",,,,\n",
            b",,,,,\n",
            "BC-USER-002,2025-03-15,1,DEBIT,चाय\r\n".encode(),
        ]
    ),
    max_size=12,
)


@unhurried
@given(lines, st.integers(min_value=49, max_value=200), st.booleans())
def test_where_a_block_ends_makes_no_difference(
    parts: list[bytes], block_bytes: int, ends_with_newline: bool
) -> None:
    content = HEADER + b"".join(parts)
    if not ends_with_newline:
        content = content.removesuffix(b"\n")
    assert read(content, block_bytes=block_bytes) == read(content)


fields = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
    | st.sampled_from(',"\n'),
    max_size=3,
)


@unhurried
@given(st.lists(st.tuples(fields, fields, fields, fields, fields), max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows(rows)
    reading = read(HEADER + text.getvalue().encode())
    assert [row for _, row in reading.rows] == rows
    assert reading.faults == ()
