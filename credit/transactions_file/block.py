"""One block of lines, sorted into plain rows, rows with quotes, and faults."""

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from credit.transactions_file.layout import (
    COLUMNS,
    MAX_LINE_BYTES,
    MAX_RECORD_LINES,
    RejectCode,
)
from credit.transactions_file.quoting import QuotedRecord, quoted_record
from credit.transactions_file.records import Bytes, Flags, Numbers, Records, joined

_HEADER_LINE = ",".join(COLUMNS).encode() + b"\n"
_COMMA, _QUOTE, _TAB, _NEWLINE, _SPACE, _DELETE = b',"\t\n \x7f'
_LAST_ASCII = 0x7F


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that is no row of five texts: its line, why, and how it stands there."""

    line_number: int
    code: RejectCode
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The rows of some lines of the file.

    `table` has a column of text for each column of the file; `line_numbers` and `encoded` (each row
    as one CSV record in UTF-8) run beside it. `faults` are the records that are no rows.
    """

    table: pd.DataFrame
    line_numbers: Numbers
    encoded: Records
    faults: tuple[Fault, ...]
    blank_lines: int
    cut_off: bool

    @property
    def rows(self) -> int:
        """How many records these lines hold, whatever will become of them."""
        return len(self.table) + len(self.faults)


class BlockReader:
    """Reads one block. Afterwards `left_over` are the lines of a record that is still open."""

    def __init__(
        self, lines: Records, *, first_line: int, more_follow: bool, cut_off: bool
    ) -> None:
        self._lines = lines
        self._first_line = first_line
        self._more_follow = more_follow
        self._cut_off = cut_off
        self._bytes: Bytes = np.frombuffer(lines.data, dtype=np.uint8)
        self._taken: Flags = np.zeros(len(lines), dtype=np.bool_)
        self._faults: list[Fault] = []
        self._quoted: list[QuotedRecord] = []
        self._quoted_lines: list[int] = []
        self.lines_done = len(lines)

    @property
    def left_over(self) -> bytes:
        """The lines that were not read because their record goes on beyond the block."""
        if self.lines_done == len(self._lines):
            return b""
        start = int(self._lines.stops[self.lines_done - 1]) if self.lines_done else 0
        return self._lines.data[start:]

    def read(self) -> Block:
        """Sort every line of the block into rows and faults."""
        with_quote = self._lines.marked(np.flatnonzero(self._bytes == _QUOTE))
        spoiled = self._spoiled()
        for index in np.flatnonzero(with_quote & ~spoiled).tolist():
            if not self._taken[index] and not self._read_quoted(index, spoiled):
                self.lines_done = index
                break
        done: Flags = np.arange(len(self._lines)) < self.lines_done
        blank: Flags = (self._lines.lengths == 1) & ~self._taken & done
        five = self._count(_COMMA) == len(COLUMNS) - 1
        plain: Flags = five & ~with_quote & ~spoiled & ~self._taken & done
        for index in np.flatnonzero(done & ~plain & ~blank & ~self._taken).tolist():
            self._fault(index, self._why_no_row(index, spoiled=bool(spoiled[index])))
        return self._block(plain, blank_lines=int(blank.sum()))

    def _block(self, plain: Flags, *, blank_lines: int) -> Block:
        plain_bytes = self._lines.bytes_of(plain)
        table = _table(plain_bytes)
        if self._quoted:
            quoted = pd.DataFrame([record.fields for record in self._quoted], columns=COLUMNS)
            table = pd.concat([table, quoted.astype(table.dtypes)], ignore_index=True)
        plain_numbers = np.flatnonzero(plain)
        quoted_numbers = np.array(self._quoted_lines, dtype=np.int64)
        return Block(
            table=table,
            line_numbers=np.concatenate([plain_numbers, quoted_numbers]) + self._first_line,
            encoded=joined(
                plain_bytes, self._lines.lengths[plain], [_encoded(row) for row in self._quoted]
            ),
            faults=tuple(self._faults),
            blank_lines=blank_lines,
            cut_off=self._cut_off,
        )

    def _spoiled(self) -> Flags:
        """Return the lines that are not looked into: too long, or bytes that are no clean text."""
        control = (self._bytes < _SPACE) & (self._bytes != _NEWLINE) & (self._bytes != _TAB)
        control |= self._bytes == _DELETE
        spoiled = self._lines.marked(np.flatnonzero(control))
        spoiled |= self._lines.lengths > MAX_LINE_BYTES + 1
        if not _is_utf8(self._lines.data):
            beyond_ascii = self._lines.marked(np.flatnonzero(self._bytes > _LAST_ASCII))
            for index in np.flatnonzero(beyond_ascii).tolist():
                spoiled[index] |= not _is_utf8(self._lines.raw(index))
        return spoiled

    def _count(self, char: int) -> Numbers:
        """Return how often a character stands in each line."""
        holders = self._lines.holding(np.flatnonzero(self._bytes == char))
        return np.bincount(holders, minlength=len(self._lines))

    def _read_quoted(self, index: int, spoiled: Flags) -> bool:
        """Read the record that starts on this line; false when it goes on beyond the block."""
        texts = [self._lines.raw(index).decode()]
        record = quoted_record(texts, more_follow=True)
        if record is None:
            last = min(index + MAX_RECORD_LINES, len(self._lines))
            for following in range(index + 1, last):
                if spoiled[following]:
                    last = following
                    break
                texts.append(self._lines.raw(following).decode())
            beyond = self._more_follow and last == len(self._lines)
            record = quoted_record(texts, more_follow=beyond)
        if record is None:
            return False
        if isinstance(record, RejectCode):
            cut = record is RejectCode.UNCLOSED_QUOTE and self._is_cut_off(index)
            self._fault(index, RejectCode.CUT_SHORT if cut else record)
        else:
            self._keep(index, record)
        return True

    def _keep(self, index: int, record: QuotedRecord) -> None:
        last = index + record.lines - 1
        if len(record.fields) == len(COLUMNS):
            self._taken[index : last + 1] = True
            self._quoted.append(record)
            self._quoted_lines.append(index)
        else:
            self._fault(index, self._wrong_count(len(record.fields), last=last), last=last)

    def _fault(self, index: int, code: RejectCode, *, last: int | None = None) -> None:
        """Set a record aside, with all the lines it takes."""
        last = index if last is None else last
        raw = b"\n".join(self._lines.raw(line) for line in range(index, last + 1))
        self._faults.append(Fault(self._first_line + index, code, raw))
        self._taken[index : last + 1] = True

    def _why_no_row(self, index: int, *, spoiled: bool) -> RejectCode:
        raw = self._lines.raw(index)
        if not spoiled:
            return self._wrong_count(raw.count(b",") + 1, last=index)
        if len(raw) > MAX_LINE_BYTES:
            return RejectCode.LINE_TOO_LONG
        if b"\0" in raw:
            return RejectCode.NUL_CHARACTER
        return RejectCode.CONTROL_CHARACTER if _is_utf8(raw) else RejectCode.NOT_UTF8

    def _wrong_count(self, fields: int, *, last: int) -> RejectCode:
        if fields > len(COLUMNS):
            return RejectCode.TOO_MANY_FIELDS
        return RejectCode.CUT_SHORT if self._is_cut_off(last) else RejectCode.TOO_FEW_FIELDS

    def _is_cut_off(self, index: int) -> bool:
        """Tell whether this is the file's last line and lacks its line end."""
        return self._cut_off and index == len(self._lines) - 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _table(plain: bytes) -> pd.DataFrame:
    """Return plain lines as columns of text: nothing is guessed, nothing is missing.

    The header is put before them so that the parser finds no byte-order mark to swallow in the
    first row of a block.
    """
    return pd.read_csv(
        io.BytesIO(_HEADER_LINE + plain),
        dtype=str,
        na_filter=False,
        keep_default_na=False,
        quoting=csv.QUOTE_NONE,
        lineterminator="\n",
        skip_blank_lines=False,
        index_col=False,
        engine="c",
    )


def _encoded(record: QuotedRecord) -> bytes:
    """Return the record as one line of CSV, every field quoted."""
    fields = (field.replace('"', '""') for field in record.fields)
    return ",".join(f'"{field}"' for field in fields).encode() + b"\n"
