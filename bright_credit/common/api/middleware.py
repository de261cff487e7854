"""What every answer carries, whatever made it: a name, rules for browsers, an entity tag."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.http.response import HttpResponse
from django.utils.http import parse_etags

from bright_credit.common.api.deprecation import deprecation_headers
from bright_credit.common.api.rate_limits import rate_limit_headers
from bright_credit.common.api.request_id import REQUEST_ID_HEADER, begin_request, end_request

REQUEST_ID_KEY = "brightlend.request_id"
API_PREFIX = "/api/"

Handler = Callable[[HttpRequest], HttpResponseBase]

_KEPT_WHEN_NOT_MODIFIED = ("ETag", "Vary", "Cache-Control", "Content-Location")


class RequestIdMiddleware:
    """Give each request an id (the caller's own, if it is sane) and send it back.

    It is the outermost, so the lines that all the others log have the id as well. Django logs a
    refusal after the outermost, so the id is kept until the answer has been sent.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        request_finished.connect(end_request, dispatch_uid="brightlend.request_id")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        request_id = begin_request(request.headers.get(REQUEST_ID_HEADER, ""))
        request.META[REQUEST_ID_KEY] = request_id
        response = self.get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        return response


class SecurityHeadersMiddleware:
    """Tell browsers what a page may do: the policy of the longest prefix of its address.

    Answers under `/api/` are marked `no-store`: they are about people's money.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        policies: dict[str, str] = settings.CONTENT_SECURITY_POLICIES
        self.policies = sorted(policies.items(), key=lambda item: -len(item[0]))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        policy = next(policy for prefix, policy in self.policies if request.path.startswith(prefix))
        response["Content-Security-Policy"] = policy
        response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path.startswith(API_PREFIX):
            response["Cache-Control"] = "no-store"
        return response


class ApiHeadersMiddleware:
    """Say how much of its rate limit a caller has left, and what is about to be taken away."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        if request.path.startswith(API_PREFIX):
            for name, value in rate_limit_headers(request).items():
                response[name] = value
            for name, value in deprecation_headers(request).items():
                response[name] = value
        return response


class ConditionalReadMiddleware:
    """Tag what is read from the API by its content; who has it already is sent no copy (304).

    The answer has been computed by then: what is saved is its transport, and the client's work.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self.get_response(request)
        if (
            request.method not in {"GET", "HEAD"}
            or response.status_code != 200
            or not isinstance(response, HttpResponse)
            or not request.path.startswith(API_PREFIX)
        ):
            return response
        tag = f'"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
        response["ETag"] = tag
        if not _is_among(tag, request.headers.get("If-None-Match", "")):
            return response
        unmodified = HttpResponseNotModified()
        for name in _KEPT_WHEN_NOT_MODIFIED:
            if name in response:
                unmodified[name] = response[name]
        unmodified.cookies = response.cookies
        return unmodified


def _is_among(tag: str, header: str) -> bool:
    """Return whether a tag is among those of an `If-None-Match`, which compares weakly."""
    given = parse_etags(header)
    return "*" in given or tag in {each.removeprefix("W/") for each in given}
