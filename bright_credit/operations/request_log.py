"""One line for each request: who asked for which route, what came of it, and what it cost.

No address with its values, no query, no body, no name: a route is the pattern that matched, and a
caller is a public id.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty

from bright_credit.common.api.caller import CallerKind, caller_of
from bright_credit.operations.metrics import count_request
from bright_credit.operations.routes import NOT_LOGGED_WHEN_WELL, method_of, route_of
from users.domain.identity import borrower_public_id

Handler = Callable[[HttpRequest], HttpResponseBase]

_log = logging.getLogger("brightlend.request")


class StatementCount:
    """Counts the SQL statements of a block (`connection.execute_wrapper`).

    Those that are sent together by one message count as one: it is the journeys that cost.
    """

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Count a statement and let it be executed."""
        self.count += 1
        return execute(sql, params, many, context)


class RequestLogMiddleware:
    """Log and measure each request. Right behind the one that names it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        statements = StatementCount()
        started = time.perf_counter_ns()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        took = timedelta(microseconds=(time.perf_counter_ns() - started) // 1_000)
        _write(request, response, took=took, statements=statements.count)
        count_request(request, response, took=took, statements=statements.count)
        return response


def _write(
    request: HttpRequest, response: HttpResponseBase, *, took: timedelta, statements: int
) -> None:
    status, route = response.status_code, route_of(request)
    level = logging.ERROR if status >= 500 else logging.INFO
    if route in NOT_LOGGED_WHEN_WELL and status < 400:
        level = logging.DEBUG
    if not _log.isEnabledFor(level):
        return
    kind, caller = caller_in_log(request)
    cost = {
        "method": method_of(request),
        "route": route,
        "status": status,
        "duration_ms": took // timedelta(milliseconds=1),
        "statements": statements,
        "caller": kind,
        "caller_id": caller,
    }
    _log.log(
        level,
        "%(method)s %(route)s %(status)s, %(duration_ms)s ms, %(statements)s statements, "
        "%(caller)s %(caller_id)s",
        cost,
        extra=cost,
    )


def caller_in_log(request: HttpRequest) -> tuple[str, str]:
    """Return a caller's kind and public id. Whom no view asked for is not looked up for a line."""
    user = getattr(request, "user", None)
    if user is None or (isinstance(user, SimpleLazyObject) and vars(user)["_wrapped"] is empty):
        return CallerKind.ANONYMOUS.value, "-"
    caller = caller_of(request)
    match caller.kind:
        case CallerKind.BORROWER:
            return caller.kind.value, borrower_public_id(int(caller.identity))
        case CallerKind.ANONYMOUS | CallerKind.LOCAL:
            return caller.kind.value, "-"
        case _:
            return caller.kind.value, caller.name
