"""Small files under `var/` that only their owner may read, written whole or not at all."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LOG_LIMIT_BYTES = 5 * 1024 * 1024


def private_directory(path: Path) -> Path:
    """Make `path` and its missing parents, closed to everybody else, and return it."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    return path


def read_text(path: Path) -> str | None:
    """Return the stripped text of a small file, or None when there is none (or nothing in it)."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file of mode 0600 in one step: a reader sees the old text or the new."""
    temporary = _private_temporary(path, text)
    os.replace(temporary, path)


def create_private(path: Path, text: str) -> str:
    """Write `path` unless it exists, and return what it holds: the first writer wins."""
    temporary = _private_temporary(path, text)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    finally:
        os.unlink(temporary)
    return text


def _private_temporary(path: Path, text: str) -> str:
    handle, name = tempfile.mkstemp(dir=private_directory(path.parent), prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    return name


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever holds it. The system frees it if we die."""
    private_directory(path.parent)
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class HeldLock:
    """A lock file held until `release`, or until this process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._stream = private_directory(path.parent).joinpath(path.name).open("a")

    @classmethod
    def try_take(cls, path: Path) -> "HeldLock | None":
        """Return the held lock, or None when another process holds it."""
        lock = cls(path)
        try:
            fcntl.flock(lock._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.release()
            return None
        return lock

    def release(self) -> None:
        """Let go of the lock."""
        self._stream.close()


def log_file(var: Path, name: str) -> Path:
    """Return the path of a log under `var/log`, setting a large one aside first."""
    path = private_directory(var / "log") / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_LIMIT_BYTES:
            os.replace(path, path.with_suffix(".log.1"))
    return path


def last_lines(path: Path, count: int = 8) -> str:
    """Return the end of a log, for the sentence that says what went wrong."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - 4096))
            lines = stream.read().decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-count:])
