"""Many records in one stretch of bytes, found and picked out without a loop over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
Flags: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]
Bytes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint8]]

NEWLINE = ord("\n")


@dataclass(frozen=True, slots=True)
class Records:
    """Records that follow each other without a gap: `data`, and where each of them ends."""

    data: bytes
    stops: Numbers

    def __len__(self) -> int:
        return len(self.stops)

    @property
    def lengths(self) -> Numbers:
        """The number of bytes of each record, its final newline included."""
        return np.diff(self.stops, prepend=0)

    def raw(self, index: int) -> bytes:
        """Return one record without its final newline."""
        start = int(self.stops[index - 1]) if index else 0
        return self.data[start : int(self.stops[index]) - 1]

    def bytes_of(self, chosen: Flags) -> bytes:
        """Return the chosen records, one after the other."""
        if chosen.all():
            return self.data
        every_byte: Bytes = np.frombuffer(self.data, dtype=np.uint8)
        return every_byte[np.repeat(chosen, self.lengths)].tobytes()

    def marked(self, places: Numbers) -> Flags:
        """Return which records hold at least one of these places in the data."""
        marked: Flags = np.zeros(len(self), dtype=np.bool_)
        marked[self.holding(places)] = True
        return marked

    def holding(self, places: Numbers) -> Numbers:
        """Return the index of the record that holds each of these places in the data."""
        return np.searchsorted(self.stops, places, side="right")


def lines_of(data: bytes) -> Records:
    """Return the lines of a stretch of bytes that ends with a newline."""
    return Records(data, np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == NEWLINE) + 1)


def joined(plain: bytes, plain_lengths: Numbers, others: Sequence[bytes]) -> Records:
    """Return records given as one stretch of bytes, followed by others given one by one."""
    lengths = np.concatenate(
        [plain_lengths, np.fromiter(map(len, others), dtype=np.int64, count=len(others))]
    )
    return Records(b"".join([plain, *others]), np.cumsum(lengths))
