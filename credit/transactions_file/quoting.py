"""Records with quotes: one at a time, strictly, and never swallowing the lines that follow.

A quoted field may hold commas, doubled quotes and line ends. A quote that is opened and not closed
costs its own line only: the record is given up as soon as a following line looks like a row of its
own, and after a bounded number of lines in any case.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from credit.transactions_file.layout import MAX_RECORD_LINES, RejectCode

#: A record whose last field is still open: complete fields, then a quote without its partner.
_LEFT_OPEN = re.compile(r'(?:(?:"(?:[^"]|"")*+"|[^",][^,]*+|),)*+"(?:[^"]|"")*+', re.DOTALL)

#: A line that starts like a row: a borrower's id, or anything and then a date.
_LIKE_A_ROW = re.compile(r"\W*BC-USER-|[^,]*,\W*[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\W*,")


@dataclass(frozen=True, slots=True)
class QuotedRecord:
    """The fields of a record and the number of lines it took."""

    fields: tuple[str, ...]
    lines: int


def quoted_record(lines: Sequence[str], *, more_follow: bool) -> QuotedRecord | RejectCode | None:
    """Return the record that starts with the first of these lines, or why it is none.

    `lines` are without their line ends. None means that the record is still open at the end of the
    lines and more of them follow.
    """
    text = lines[0]
    for count in range(1, MAX_RECORD_LINES + 1):
        if not _LEFT_OPEN.fullmatch(text):
            return _fields(text, lines=count)
        if count == len(lines):
            return None if more_follow and count < MAX_RECORD_LINES else RejectCode.UNCLOSED_QUOTE
        if _LIKE_A_ROW.match(lines[count]):
            return RejectCode.UNCLOSED_QUOTE
        text = f"{text}\n{lines[count]}"
    return RejectCode.UNCLOSED_QUOTE


def _fields(text: str, *, lines: int) -> QuotedRecord | RejectCode:
    try:
        fields = next(csv.reader([text], strict=True))
    except csv.Error:
        return RejectCode.MISPLACED_QUOTE
    return QuotedRecord(tuple(fields), lines)
