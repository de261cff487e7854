"""What a request is called in logs, metrics and traces: its route, never its address."""

import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest

LIVENESS = "/healthz"
READINESS = "/readyz"
METRICS = "/metrics"

#: Asked every few seconds by machines. A line for each would bury the others.
NOT_LOGGED_WHEN_WELL = frozenset({LIVENESS, READINESS, METRICS})

STATIC = "static"
UNMATCHED = "unmatched"

_CONVERTER = re.compile(r"<\w+:(\w+)>")
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def route_of(request: HttpRequest) -> str:
    """Return the pattern that a request matched, such as `/api/v1/loans/<loan_id>`."""
    if request.resolver_match is not None:
        return _without_converters(request.resolver_match.route)
    if request.path in NOT_LOGGED_WHEN_WELL:
        return request.path
    return STATIC if request.path.startswith(settings.STATIC_URL) else UNMATCHED


@cache
def _without_converters(route: str) -> str:
    return "/" + _CONVERTER.sub(r"<\1>", route)


def method_of(request: HttpRequest) -> str:
    """Return the method; one that nobody knows has no name of its own to be counted under."""
    return request.method if request.method in _METHODS else "OTHER"
