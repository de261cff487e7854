"""Lines of the log: JSON for machines, plain for people; both without what a failing row held.

Knows nothing of Django, so that the web server's own lines are written the same way before there
are settings.
"""

import logging
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import psycopg
from pythonjsonlogger.json import JsonFormatter

from bright_credit.common.api.request_id import current_request_id
from bright_credit.common.masking import masked, masked_value

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

PLAIN = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"

_FIELDS = ("levelname", "name", "message")
_NAMES = {"levelname": "level", "name": "logger"}
_LONGEST_CHAIN = 10


class JsonLines(JsonFormatter):
    """One JSON object a line: when, level, logger, message, request, and what else is given."""

    def __init__(self, **options: Any) -> None:
        super().__init__(_FIELDS, rename_fields=_NAMES, json_ensure_ascii=False, **options)

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Say when it was, in UTC, and which request it belongs to."""
        at = datetime.fromtimestamp(record.created, UTC)
        log_data["at"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)
        log_data["request_id"] = getattr(record, "request_id", None) or current_request_id()
        for name in ("request", "server_time"):  # objects that Django and runserver attach
            log_data.pop(name, None)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Mask what looks personal or secret, in every value."""
        return {name: masked_value(value) for name, value in log_data.items()}

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name that logging calls
        """Return the traceback without the values of rows."""
        return without_values(ei)


class PlainLines(logging.Formatter):
    """A line for people, with the request's id in brackets."""

    def __init__(self) -> None:
        super().__init__(PLAIN)

    def format(self, record: logging.LogRecord) -> str:
        """Name the request, also in lines that came before the filter that does; mask the rest."""
        if not hasattr(record, "request_id"):
            record.request_id = current_request_id()
        return masked(super().format(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name that logging calls
        """Return the traceback without the values of rows."""
        return without_values(ei)


def without_values(ei: ExcInfo) -> str:
    """Return a traceback as Python writes it, with the first line alone of what PostgreSQL said.

    The lines after the first (DETAIL, CONTEXT) quote the row at fault: a name, an e-mail address.
    """
    error = ei[1]
    if error is None:
        return ""
    parts = [_one(link) for link in _chain(error)]
    return "\n\nThe above exception led to this one:\n\n".join(reversed(parts))


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if link is None:
            return
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _one(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    said = str(error)
    if isinstance(error, psycopg.Error) or isinstance(error.__cause__, psycopg.Error):
        said = said.partition("\n")[0]
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    return f"Traceback (most recent call last):\n{frames}{name}: {said}"


#: The styles that a line may be written in, and who writes it so.
FORMATTERS: Mapping[str, str] = {"json": "JsonLines", "plain": "PlainLines"}


def logging_settings(*, style: str, level: str) -> dict[str, Any]:
    """Return the logging of Django and Celery: to stderr, in a style. Raise ValueError for none."""
    return {
        **_to_stderr(style),
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # A refusal is in the line of its request. Django's own would tell its address as well.
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }


def web_server_logging(*, style: str, level: str) -> dict[str, Any]:
    """Return the web server's own logging (`logconfig_dict` of gunicorn), written alike."""
    return {
        **_to_stderr(style),
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"gunicorn.error": {"handlers": ["stderr"], "propagate": False}},
    }


def _to_stderr(style: str) -> dict[str, Any]:
    if style not in FORMATTERS:
        raise ValueError(f"lines are written as one of {', '.join(FORMATTERS)}")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{FORMATTERS[style]}"}},
        "filters": {"request_id": {"()": "bright_credit.common.api.request_id.RequestIdFilter"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id"],
            }
        },
    }
