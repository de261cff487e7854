"""Every refusal as an RFC 9457 problem: from our own errors, from DRF's, and from Django's.

A failure nobody foresaw stays a failure: it is logged with its traceback by Django and answered
with a 500 that tells nothing. What a client sends must never lead there.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views import defaults
from django.views.csrf import csrf_failure as html_csrf_failure
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from bright_credit.common.api.codes import (
    BEARER_CHALLENGE,
    CODES_PATH,
    ErrorCode,
    domain_code,
    http_code,
    known_code,
)
from bright_credit.common.api.rate_limits import refused_too_often
from bright_credit.common.api.renderers import ProblemRenderer, to_json
from bright_credit.common.errors import DomainError, NotAuthenticated, TooMany

PROBLEM_MEDIA_TYPE = ProblemRenderer.media_type
API_PREFIX = "/api/"

# lock_not_available, deadlock_detected, serialization_failure: nothing is wrong with the request.
_RETRYABLE_SQLSTATES = frozenset({"55P03", "40P01", "40001"})
# query_canceled: by `statement_timeout`.
_TOO_LONG = "57014"
# Connections refused or lost, too many of them, disk or memory full, shutting down, starting up.
# None at all: the server was not reached, or the connection ended under a statement.
_UNAVAILABLE_SQLSTATES = ("08", "53", "57P")

_log = logging.getLogger(__name__)


def problem(
    entry: ErrorCode,
    *,
    detail: str,
    path: str,
    errors: tuple[Mapping[str, Any], ...] = (),
    extra: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return the members of a problem; `extra` adds members and cannot replace any."""
    members: dict[str, Any] = {
        "type": f"{CODES_PATH}#{entry.code}",
        "title": entry.title,
        "status": entry.status,
        "code": entry.code,
        "detail": detail,
        "instance": path,
    }
    if errors:
        members["errors"] = list(errors)
    return {**(extra or {}), **members}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an exception raised in a view; None for one that nobody foresaw."""
    request = context["request"]
    answer = _answer(refused_too_often(request, exc), path=request.path)
    if answer is None:
        return None
    set_rollback()
    # Whatever the client accepts, and even when nothing it accepts exists: a problem is a problem.
    request.accepted_renderer = ProblemRenderer()
    request.accepted_media_type = PROBLEM_MEDIA_TYPE
    return answer


def _answer(exc: Exception, *, path: str) -> Response | None:
    if isinstance(exc, DomainError):
        return _domain_answer(exc, path=path)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, OperationalError | InterfaceError):
        return _database_answer(exc, path=path)
    if isinstance(exc, exceptions.ValidationError):
        return _validation_answer(exc, path=path)
    if isinstance(exc, exceptions.APIException):
        return _http_answer(exc, path=path)
    return None


def _domain_answer(exc: DomainError, *, path: str) -> Response:
    entry = domain_code(type(exc))
    errors = (_field_error(exc.field, code=exc.code, detail=exc.message),) if exc.field else ()
    body = problem(entry, detail=exc.message, path=path, errors=errors, extra=exc.extra)
    return Response(body, status=entry.status, headers=_domain_headers(exc))


def _domain_headers(exc: DomainError) -> dict[str, str]:
    if isinstance(exc, NotAuthenticated):
        return {"WWW-Authenticate": BEARER_CHALLENGE}
    if isinstance(exc, TooMany):
        return {"Retry-After": str(exc.retry_after_seconds)}
    return {}


def _validation_answer(exc: exceptions.ValidationError, *, path: str) -> Response:
    errors = tuple(_flatten(exc.detail))
    entry = http_code("invalid")
    count = "One value is" if len(errors) == 1 else f"{len(errors)} values are"
    body = problem(entry, detail=f"{count} not acceptable; see errors.", path=path, errors=errors)
    return Response(body, status=entry.status)


def _http_answer(exc: exceptions.APIException, *, path: str) -> Response:
    codes = exc.get_codes()
    entry = known_code(codes if isinstance(codes, str) else "", status=exc.status_code)
    headers: dict[str, str] = {}
    if authenticate := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = authenticate
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, int(-(-wait // 1))))
    body = problem(entry, detail=str(exc.detail), path=path)
    return Response(body, status=exc.status_code, headers=headers)


def _database_answer(exc: OperationalError | InterfaceError, *, path: str) -> Response | None:
    """Answer what is wrong with the database and not with the request; a bug stays a bug."""
    sqlstate: str | None = getattr(exc.__cause__, "sqlstate", None)
    if sqlstate in _RETRYABLE_SQLSTATES:
        entry, wait = http_code("try_again"), 1
    elif sqlstate == _TOO_LONG:
        _log.error("The database took too long for a request.", exc_info=exc)
        entry, wait = http_code("took_too_long"), 5
    elif sqlstate is None or sqlstate.startswith(_UNAVAILABLE_SQLSTATES):
        _log.error("The database cannot serve a request.", exc_info=exc)
        entry, wait = http_code("unavailable"), 5
    else:
        return None
    body = problem(entry, detail=entry.meaning, path=path)
    return Response(body, status=entry.status, headers={"Retry-After": str(wait)})


def _field_error(field: str | None, *, code: str, detail: str) -> dict[str, Any]:
    return {"field": field, "code": code, "detail": detail}


def _flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield one error per message of DRF's nested detail, with the dotted path of its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = () if name == "non_field_errors" else (str(name),)
            yield from _flatten(inner, (*path, *step))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            step = (str(index),) if isinstance(inner, dict | list) else ()
            if inner:
                yield from _flatten(inner, (*path, *step))
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield _field_error(".".join(path) or None, code=code, detail=str(detail))


def _plain_answer(code: str, request: HttpRequest, *, detail: str) -> HttpResponse:
    entry = http_code(code)
    return HttpResponse(
        to_json(problem(entry, detail=detail, path=request.path)),
        status=entry.status,
        content_type=PROBLEM_MEDIA_TYPE,
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what Django itself found wrong with a request (`handler400`)."""
    if not request.path.startswith(API_PREFIX):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _plain_answer("body_too_large", request, detail="The body is above the limit.")
    return _plain_answer("bad_request", request, detail="The request breaks a rule of HTTP.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer a refusal from outside the API's views (`handler403`)."""
    if not request.path.startswith(API_PREFIX):
        return defaults.permission_denied(request, exception)
    return _plain_answer("permission_denied", request, detail="You may not do this.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer an address that does not exist (`handler404`)."""
    if not request.path.startswith(API_PREFIX):
        return defaults.page_not_found(request, exception)
    return _plain_answer("not_found", request, detail="There is no such address.")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer an unforeseen failure with nothing of its cause (`handler500`).

    Also the database's, when it meets a page and not a view of the API.
    """
    failure = sys.exc_info()[1]
    if isinstance(failure, OperationalError | InterfaceError):
        answer = _database_answer(failure, path=request.path)
        if answer is not None:
            return _unavailable(request, answer)
    if not request.path.startswith(API_PREFIX):
        return defaults.server_error(request)
    return _plain_answer(
        "internal_error", request, detail="Something failed on our side. It has been logged."
    )


def _unavailable(request: HttpRequest, answer: Response) -> HttpResponseBase:
    response: HttpResponse = defaults.server_error(request)
    if request.path.startswith(API_PREFIX):
        response = HttpResponse(to_json(answer.data), content_type=PROBLEM_MEDIA_TYPE)
    response.status_code = answer.status_code
    response["Retry-After"] = answer["Retry-After"]
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Answer a missing or wrong CSRF token (`CSRF_FAILURE_VIEW`)."""
    if not request.path.startswith(API_PREFIX):
        return html_csrf_failure(request, reason=reason)
    return _plain_answer("csrf_failed", request, detail="The CSRF token is missing or wrong.")
