"""The folder of a private server under `var/`: its files, and the process that they name."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import read_text
from bright_credit.embedded.process import ProcessInfo, inspect, works_in


class ServerFolder(ABC):
    """What a server keeps: data, password, port, process id. Reading it starts nothing."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable
        self.folder = var / self.name
        self.data = self.folder / "data"

    def process(self) -> ProcessInfo | None:
        """Return the running server of this folder; a process that merely reuses its id is none."""
        process = inspect(self._recorded_pid() or 0)
        if process is None:
            return None
        return process if self._is_own(process) else None

    @abstractmethod
    def _recorded_pid(self) -> int | None:
        """Return the process id that the server wrote down, possibly long ago."""

    @property
    def _lock(self) -> Path:
        return self.var / f"{self.name}.lock"

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    def _port(self) -> int | None:
        text = read_text(self._port_file)
        return int(text) if text is not None and text.isdecimal() else None

    def _password(self) -> str:
        password = read_text(self.folder / "password")
        if password is None:
            raise EmbeddedServiceError(
                f"The password of the private {self.title} is missing ({self.folder}/password). "
                "`make clean` removes the private servers with their data; they are then made anew."
            )
        return password

    def _is_own(self, process: ProcessInfo) -> bool:
        # Each server names its folder in its command line; its working directory still tells when
        # the checkout was moved while the server ran.
        return str(self.folder) in process.command or works_in(process, self.data)
