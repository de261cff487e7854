"""Saying in time what will be taken away: the headers `Deprecation` and `Sunset`.

`Deprecation` (RFC 9745) says since when an operation should no longer be used, `Sunset` (RFC 8594)
the day it may stop to answer, `Link` where to read what takes its place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.http import http_date

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """Since when an operation is deprecated, when it may end, and the page that says more."""

    since: date
    sunset: date
    link: str


def deprecated(*, since: date, sunset: date, link: str) -> Callable[[Method], Method]:
    """Return a decorator that declares a view's method deprecated; its answers say so."""
    if sunset <= since:
        raise ValueError("the sunset follows the deprecation")

    def declared(method: Method) -> Method:
        method.deprecation = Deprecation(  # type: ignore[attr-defined]
            since=since, sunset=sunset, link=link
        )
        return method

    return declared


def deprecation_of(view: type[Any] | None, method: str | None) -> Deprecation | None:
    """Return what was declared for a view's method."""
    handler = getattr(view, (method or "").lower(), None)
    found: Deprecation | None = getattr(handler, "deprecation", None)
    return found


def deprecation_headers(request: HttpRequest) -> dict[str, str]:
    """Return the headers for a request to what is deprecated; none for all else."""
    match = request.resolver_match
    view = getattr(match.func, "view_class", None) if match else None
    found = deprecation_of(view, request.method)
    if found is None:
        return {}
    return {
        "Deprecation": f"@{_instant(found.since)}",
        "Sunset": http_date(_instant(found.sunset)),
        "Link": f'<{found.link}>; rel="deprecation"; type="text/html"',
    }


def _instant(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
