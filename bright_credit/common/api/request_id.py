"""The name of the request that is being answered, for its answer and for every line logged."""

import logging
import re
import uuid
from contextvars import ContextVar
from typing import Any

REQUEST_ID_HEADER = "X-Request-ID"

#: What stands in a line that was logged outside of a request.
NO_REQUEST = "-"

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str] = ContextVar("brightlend_request_id", default=NO_REQUEST)


def begin_request(given: str) -> str:
    """Return the id of a request that begins: the caller's own, if it is sane, or a new one."""
    request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
    _current.set(request_id)
    return request_id


def end_request(**_signal: Any) -> None:
    """Forget the request that was answered (a receiver of `request_finished`)."""
    _current.set(NO_REQUEST)


def current_request_id() -> str:
    """Return the id of the request that is being answered, or `-`."""
    return _current.get()


class RequestIdFilter(logging.Filter):
    """Give each record the id of its request, as `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Name the request; let every record pass."""
        record.request_id = current_request_id()
        return True
