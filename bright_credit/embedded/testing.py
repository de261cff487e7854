"""The servers of one test session: shared by sessions that run at once, each in its own databases.

A session takes the lowest free slot. The slot's number is its database name (Django makes
`test_brightlend_<n>` of it) and its Valkey database, so two sessions in one checkout do not meet.
Slots are lock files: those of a killed session are free at once.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import HeldLock, exclusive
from bright_credit.embedded.paths import Purpose, var_directory
from bright_credit.embedded.services import ensure_services, is_named, stop_services

#: Valkey has sixteen databases.
SLOTS = 16


class TestSession:
    """The hold of one test session on the servers for tests. Made by `begin`, ended by `end`."""

    __test__ = False

    def __init__(self, slot: HeldLock) -> None:
        self._slot = slot
        self._pid = os.getpid()

    @classmethod
    def begin(cls) -> "TestSession | None":
        """Start what the environment does not name; None when it names both servers."""
        own_database = not is_named("DATABASE_URL")
        own_broker = not is_named("REDIS_URL")
        if not own_database and not own_broker:
            return None
        with exclusive(_session_lock()):
            number, slot = _take_slot()
            ensure_services(purpose=Purpose.TEST)
        if own_database:
            _rename("DATABASE_URL", f"/brightlend_{number}")
        if own_broker:
            _rename("REDIS_URL", f"/{number}")
        return cls(slot)

    def end(self) -> None:
        """Leave, and stop the servers when no other session is using them.

        A process forked by a test inherits the hold, and may not end it.
        """
        if os.getpid() != self._pid:
            return
        with exclusive(_session_lock()):
            self._slot.release()
            if not session_is_running():
                stop_services(Purpose.TEST)


def _session_lock() -> Path:
    return var_directory(Purpose.TEST) / "session.lock"


def _take_slot() -> tuple[int, HeldLock]:
    for number in range(SLOTS):
        slot = HeldLock.try_take(var_directory(Purpose.TEST) / f"slot-{number}.lock")
        if slot is not None:
            return number, slot
    raise EmbeddedServiceError(f"{SLOTS} test sessions are running in this checkout already.")


def session_is_running() -> bool:
    """Return whether a test session of this checkout holds a slot now."""
    for number in range(SLOTS):
        slot = HeldLock.try_take(var_directory(Purpose.TEST) / f"slot-{number}.lock")
        if slot is None:
            return True
        slot.release()
    return False


def _rename(variable: str, path: str) -> None:
    os.environ[variable] = urlunsplit(urlsplit(os.environ[variable])._replace(path=path))
