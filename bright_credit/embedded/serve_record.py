"""What a running `serve` writes down, so that the next one finds what a kill -9 left behind."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bright_credit.embedded.files import read_text, write_private
from bright_credit.embedded.process import ProcessInfo, inspect


@dataclass(frozen=True, slots=True)
class RecordedProcess:
    """A process by what proves its identity later: id and start."""

    name: str
    pid: int
    started: str

    @classmethod
    def of(cls, name: str, pid: int) -> "RecordedProcess | None":
        """Describe a process that runs now; None when it does not."""
        process = inspect(pid)
        return None if process is None else cls(name, pid, process.started)

    def running(self) -> ProcessInfo | None:
        """Return the process if it is still the same one."""
        process = inspect(self.pid)
        return process if process is not None and process.started == self.started else None


@dataclass(frozen=True, slots=True)
class ServeRecord:
    """One run of `serve`: itself, its port, its children."""

    supervisor: RecordedProcess
    port: int
    children: tuple[RecordedProcess, ...]


def record_path(var: Path) -> Path:
    """Return where the record is kept."""
    return var / "serve.json"


def write_record(var: Path, record: ServeRecord) -> None:
    """Replace the record."""
    write_private(record_path(var), json.dumps(asdict(record)))


def read_record(var: Path) -> ServeRecord | None:
    """Return the record, or None when there is none that can be read."""
    text = read_text(record_path(var))
    if text is None:
        return None
    try:
        raw = json.loads(text)
        return ServeRecord(
            supervisor=RecordedProcess(**raw["supervisor"]),
            port=int(raw["port"]),
            children=tuple(RecordedProcess(**child) for child in raw["children"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def forget_record(var: Path) -> None:
    """Remove the record at an orderly end."""
    record_path(var).unlink(missing_ok=True)
