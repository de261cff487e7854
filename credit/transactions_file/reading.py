"""From bytes to rows of text, block by block, with the line each row starts on.

A block is a few megabytes of whole lines. Its plain lines (no quote, five fields, clean text) are
parsed together by pandas; a line with a quote goes the careful way, record by record; whatever is
no row of five texts becomes a fault. Every line of the file ends in exactly one of the three, but
for blank ones, which hold nothing and are counted.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from credit.transactions_file.block import Block, BlockReader
from credit.transactions_file.header import after_header
from credit.transactions_file.layout import MAX_LINE_BYTES
from credit.transactions_file.records import lines_of
from credit.transactions_file.source import Source

_FIRST_ROW_LINE = 2


@dataclass(frozen=True, slots=True)
class _Cut:
    """Bytes cut behind the last line end: whole lines, and the beginning of the next."""

    lines: bytes
    rest: bytes


def read_blocks(source: Source) -> Iterator[Block]:
    """Yield the rows of a file, after checking its header.

    While a block is looked at, a thread reads the next one. Raises `FileRefused` for a file that is
    empty, is not UTF-8 text, has another header, or is too large. Memory is bounded by two blocks,
    not by the file or its longest line.
    """
    blocks = _blocks(source)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as reader:
        following = reader.submit(next, blocks, None)
        while (block := following.result()) is not None:
            following = reader.submit(next, blocks, None)
            yield block


def _blocks(source: Source) -> Iterator[Block]:
    chunks = source.chunks()
    carried, line_number = after_header(next(chunks, b"")), _FIRST_ROW_LINE
    at_end = False
    while not at_end:
        chunk = next(chunks, None)
        at_end = chunk is None
        cut = _cut(_bounded(carried) + (chunk or b""), at_end=at_end)
        reader = BlockReader(
            lines_of(cut.lines),
            first_line=line_number,
            more_follow=not at_end,
            cut_off=at_end and not carried.endswith(b"\n") and bool(cut.lines),
        )
        yield reader.read()
        line_number += reader.lines_done
        carried = reader.left_over + cut.rest


def _cut(data: bytes, *, at_end: bool) -> _Cut:
    """Return the whole lines with plain line ends; at the file's end a cut line counts as one."""
    if at_end and data and not data.endswith(b"\n"):
        data += b"\n"
    end = data.rfind(b"\n") + 1
    return _Cut(data[:end].replace(b"\r\n", b"\n"), data[end:])


def _bounded(carried: bytes) -> bytes:
    """Return the bytes with an unfinished last line cut to where it is known to be too long."""
    start = carried.rfind(b"\n") + 1
    return carried[: start + MAX_LINE_BYTES + 1]
