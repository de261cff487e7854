"""The bytes of a bank-transaction file: opened once, read in order, digested as read.

A file is refused when it changes under the reader (its size or its time of change moved): half of
one state and half of another was read. When a new file took its name meanwhile, what was read is
whole, and is loaded with a warning; the new one is for the next run.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from credit.transactions_file.layout import BLOCK_BYTES, FileRefused, RefusalCode, Warn


class Source:
    """A file being read: its bytes in chunks, how many there were, and their digest."""

    def __init__(self, stream: BinaryIO, *, max_bytes: int, path: Path | None = None) -> None:
        self._stream = stream
        self._path = path
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()
        self._opened = os.fstat(stream.fileno()) if path else None
        self.bytes_read = 0
        if self.size_bytes is not None:
            self._require_size(self.size_bytes)

    @property
    def size_bytes(self) -> int | None:
        """The size when the file was opened; None for a stream that does not know."""
        return self._opened.st_size if self._opened else None

    @property
    def sha256(self) -> str:
        """The digest of what was read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes. Raises `FileRefused` when there are too many."""
        while chunk := self._full_chunk():
            self.bytes_read += len(chunk)
            self._require_size(self.bytes_read)
            self._digest.update(chunk)
            yield chunk

    def require_unchanged(self) -> tuple[Warn, ...]:
        """Return what happened to the file's name meanwhile.

        Raises `FileRefused` when the file itself was written to while it was read.
        """
        if self._path is None or self._opened is None:
            return ()
        now = os.fstat(self._stream.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._opened.st_size, self._opened.st_mtime_ns) or (
            self.bytes_read != now.st_size
        ):
            raise FileRefused(
                RefusalCode.CHANGED,
                "The file was written to while it was read; nothing was loaded.",
            )
        try:
            there = self._path.stat()
        except OSError:
            return (Warn.REPLACED_WHILE_READ,)
        same = (there.st_dev, there.st_ino) == (now.st_dev, now.st_ino)
        return () if same else (Warn.REPLACED_WHILE_READ,)

    def _full_chunk(self) -> bytes:
        """Return the next bytes, fewer than a block only at the end: a stream may give less."""
        parts: list[bytes] = []
        missing = BLOCK_BYTES
        while missing and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _require_size(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise FileRefused(
                RefusalCode.TOO_LARGE,
                f"The file is larger than {self._max_bytes} bytes, the limit that is set.",
            )


@contextmanager
def open_source(path: Path, *, max_bytes: int) -> Iterator[Source]:
    """Open a file for reading. Raises `FileRefused` when it is missing or not a plain file."""
    try:
        # Without waiting: a named pipe that nobody writes to would hang the reader.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise FileRefused(RefusalCode.MISSING, "There is no such file.") from error
    except OSError as error:
        raise FileRefused(RefusalCode.UNREADABLE, "The file cannot be opened.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileRefused(RefusalCode.UNREADABLE, "This is not a plain file.")
    with os.fdopen(descriptor, "rb") as stream:
        yield Source(stream, max_bytes=max_bytes, path=path)
