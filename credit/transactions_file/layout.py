"""What the bank-transaction file must look like, and every reason to turn a row or a file away."""

from enum import StrEnum
from typing import Final

from credit.domain.narration import MAX_DESCRIPTION_LENGTH

COLUMNS: Final = ("user_id", "transaction_date", "amount", "type", "description")

#: Bytes read at a time. Memory in use is a few dozen times this, whatever the file's size.
BLOCK_BYTES: Final = 4 * 1024 * 1024

#: What PostgreSQL may use to sort the rows of a file by their keys, before it turns to the disk.
SORT_MEMORY: Final = "256MB"

#: The longest line that is looked at, in bytes, and the most lines one quoted record may run over.
MAX_LINE_BYTES: Final = 64 * 1024
MAX_RECORD_LINES: Final = 20

#: One hundred crore rupees in one transaction. A file of two gibibytes holds fewer than 2**26 rows,
#: so sums of amounts up to this stay below 2**63 paise.
MAX_AMOUNT_PAISE: Final = 10**11

#: Banks kept no such files before this year.
EARLIEST_YEAR: Final = 2000


class RejectCode(StrEnum):
    """Why a row was not posted. Stable; the words are in `REJECT_REASONS`."""

    NOT_UTF8 = "not_utf8"
    NUL_CHARACTER = "nul_character"
    CONTROL_CHARACTER = "control_character"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    MISPLACED_QUOTE = "misplaced_quote"
    CUT_SHORT = "cut_short"
    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    UNKNOWN_USER = "unknown_user"
    DATE_MALFORMED = "date_malformed"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_IN_FUTURE = "date_in_future"
    DATE_TOO_OLD = "date_too_old"
    AMOUNT_MALFORMED = "amount_malformed"
    AMOUNT_NOT_POSITIVE = "amount_not_positive"
    AMOUNT_TOO_LARGE = "amount_too_large"
    TYPE_UNKNOWN = "type_unknown"
    DESCRIPTION_TOO_LONG = "description_too_long"


REJECT_REASONS: Final[dict[RejectCode, str]] = {
    RejectCode.NOT_UTF8: "The line has bytes that are not UTF-8.",
    RejectCode.NUL_CHARACTER: "The line has a NUL character.",
    RejectCode.CONTROL_CHARACTER: "The line has a control character.",
    RejectCode.LINE_TOO_LONG: f"The line is longer than {MAX_LINE_BYTES} bytes.",
    RejectCode.UNCLOSED_QUOTE: "A quote is opened and never closed.",
    RejectCode.MISPLACED_QUOTE: "Text follows a closing quote before the next comma.",
    RejectCode.CUT_SHORT: "The file ends in the middle of this row.",
    RejectCode.TOO_FEW_FIELDS: f"The row has fewer than {len(COLUMNS)} fields.",
    RejectCode.TOO_MANY_FIELDS: f"The row has more than {len(COLUMNS)} fields.",
    RejectCode.UNKNOWN_USER: "There is no borrower with this user_id.",
    RejectCode.DATE_MALFORMED: "transaction_date must be written YYYY-MM-DD.",
    RejectCode.DATE_IMPOSSIBLE: "transaction_date is not a day of the calendar.",
    RejectCode.DATE_IN_FUTURE: "transaction_date is in the future.",
    RejectCode.DATE_TOO_OLD: f"transaction_date is before {EARLIEST_YEAR}.",
    RejectCode.AMOUNT_MALFORMED: "amount must be plain rupees with at most two decimals.",
    RejectCode.AMOUNT_NOT_POSITIVE: "amount must be more than zero.",
    RejectCode.AMOUNT_TOO_LARGE: "amount must be at most 1000000000 rupees.",
    RejectCode.TYPE_UNKNOWN: "type must be CREDIT or DEBIT.",
    RejectCode.DESCRIPTION_TOO_LONG: (
        f"description must have at most {MAX_DESCRIPTION_LENGTH} characters."
    ),
}


class RefusalCode(StrEnum):
    """Why a whole file was turned away, and nothing of it posted."""

    MISSING = "file_missing"
    UNREADABLE = "file_unreadable"
    TOO_LARGE = "file_too_large"
    EMPTY = "file_empty"
    NOT_UTF8 = "file_not_utf8"
    WRONG_HEADER = "wrong_header"
    CHANGED = "file_changed"


class FileRefused(Exception):
    """The file as a whole cannot be taken; `code` and the message say why."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Warn(StrEnum):
    """What is worth knowing of a file that was loaded all the same."""

    NO_FINAL_NEWLINE = "no_final_newline"
    BLANK_LINES = "blank_lines"
    REPLACED_WHILE_READ = "replaced_while_read"
