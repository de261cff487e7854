"""The account of one file: what was in it and what became of it, which must be the same sum."""

from dataclasses import dataclass

from credit.models import MAX_RAW_LENGTH
from credit.transactions_file.block import Block
from credit.transactions_file.checking import Checked
from credit.transactions_file.layout import REJECT_REASONS, RejectCode, Warn
from credit.transactions_file.loading import Posted, Rejection, Total


class FileDoesNotAddUp(RuntimeError):
    """Rows or paise of a file are unaccounted for: a fault of the program; nothing is posted."""


@dataclass(slots=True)
class Manifest:
    """Counts and sums, gathered block by block.

    `rows` and `amount_paise` are taken from the rows as read, before anything is decided on them;
    what became of them is counted apart, so that the two can be compared.
    """

    rows: int = 0
    amount_paise: int = 0
    unreadable_amounts: int = 0
    rejected_rows: int = 0
    rejected_amount_paise: int = 0
    blank_lines: int = 0
    cut_off: bool = False

    def count(self, block: Block, checked: Checked) -> None:
        """Take one block into account."""
        readable, good = checked.readable, checked.good
        amounts = checked.amounts_paise
        self.rows += block.rows
        self.amount_paise += int(amounts[readable].sum())
        self.unreadable_amounts += int((~readable).sum()) + len(block.faults)
        self.rejected_rows += int((~good).sum()) + len(block.faults)
        self.rejected_amount_paise += int(amounts[~good & readable].sum())
        self.blank_lines += block.blank_lines
        self.cut_off |= block.cut_off

    @property
    def warnings(self) -> tuple[Warn, ...]:
        """What is worth knowing of the file though it was loaded."""
        cut_off = (Warn.NO_FINAL_NEWLINE,) if self.cut_off else ()
        return cut_off + ((Warn.BLANK_LINES,) if self.blank_lines else ())

    def duplicates(self, posted: Posted) -> Total:
        """Return what was there before. Raises `FileDoesNotAddUp` when anything is unaccounted for.

        What was staged and posted is as the database counted it.
        """
        staged = posted.staged
        accounted = Total(
            rows=staged.rows + self.rejected_rows,
            amount_paise=staged.amount_paise + self.rejected_amount_paise,
        )
        if accounted != Total(rows=self.rows, amount_paise=self.amount_paise):
            raise FileDoesNotAddUp(
                f"the file has {self.rows} rows, {self.amount_paise} paise; "
                f"accounted for are {accounted}"
            )
        return Total(
            rows=staged.rows - posted.total.rows,
            amount_paise=staged.amount_paise - posted.total.amount_paise,
        )


def rejections(block: Block, checked: Checked) -> list[Rejection]:
    """Return the rows of a block that are not posted, each with its line and the reason."""
    rows = [
        _rejection(int(block.line_numbers[row]), checked.code(row), block.encoded.raw(row))
        for row in (~checked.good).nonzero()[0].tolist()
    ]
    faults = [_rejection(fault.line_number, fault.code, fault.raw) for fault in block.faults]
    return rows + faults


def _rejection(line_number: int, code: RejectCode, raw: bytes) -> Rejection:
    return Rejection(
        line_number=line_number, code=code, reason=REJECT_REASONS[code], raw=shown(raw)
    )


def shown(raw: bytes) -> str:
    """Return a row as text that can be stored and looked at: bounded, and inert on a terminal.

    Bytes that are not UTF-8, and characters that do not print, are written as escapes.
    """
    text = raw[: 2 * MAX_RAW_LENGTH].decode(errors="backslashreplace")
    inert = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return inert if len(inert) <= MAX_RAW_LENGTH else f"{inert[: MAX_RAW_LENGTH - 1]}…"
