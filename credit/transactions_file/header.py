"""The first line of the file: exactly the columns that are expected, in their order."""

import csv

from credit.transactions_file.layout import COLUMNS, MAX_LINE_BYTES, FileRefused, RefusalCode

_BOM = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")


def after_header(start: bytes) -> bytes:
    """Return what follows the header in the first bytes of a file; one byte-order mark may lead it.

    Raises `FileRefused` for a file that is empty, is not UTF-8, or has another header.
    """
    if start.startswith(_OTHER_MARKS):
        raise FileRefused(RefusalCode.NOT_UTF8, "The file is UTF-16 or UTF-32; it must be UTF-8.")
    text = start.removeprefix(_BOM)
    if not text.strip():
        raise FileRefused(RefusalCode.EMPTY, "The file is empty; it has not even a header.")
    line, _, rest = text.partition(b"\n")
    _require_columns(line.removesuffix(b"\r"))
    return rest


def _require_columns(line: bytes) -> None:
    try:
        names = next(csv.reader([line[:MAX_LINE_BYTES].decode()], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        names = []
    if tuple(names) != COLUMNS:
        raise FileRefused(
            RefusalCode.WRONG_HEADER,
            f"The first line must be exactly {','.join(COLUMNS)}. {_difference(names)}",
        )


def _difference(names: list[str]) -> str:
    """Return what is wrong with these column names, in one sentence."""
    if len(names) < 2:
        return "It is not a line of column names set apart by commas."
    missing = [name for name in COLUMNS if name not in names]
    extra = [ascii(name)[1:-1][:40] for name in names if name not in COLUMNS]
    twice = sorted({name for name in COLUMNS if names.count(name) > 1})
    for words, columns in (("Missing", missing), ("Unexpected", extra), ("Repeated", twice)):
        if columns:
            return f"{words}: {', '.join(columns[:5])}."
    return "The columns are in another order."
