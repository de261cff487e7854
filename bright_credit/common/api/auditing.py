"""Who is at work, told to the database for its audit trail: of every request that may write."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty

from bright_credit.common.api.caller import address_of, caller_of
from bright_credit.common.api.request_id import current_request_id
from bright_credit.common.audit_trail.context import TellsWho

Handler = Callable[[HttpRequest], HttpResponseBase]

_READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_LONGEST = 200


class AuditContextMiddleware:
    """Name the caller, the route and the address in every transaction of a request that writes."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if request.method in _READS:
            return self.get_response(request)
        with connection.execute_wrapper(TellsWho(_Description(request))):
            return self.get_response(request)


class _Description:
    """A request as the audit trail knows it, described anew when its caller becomes known."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = self
        self.text = ""

    def __call__(self) -> str:
        user = _known_user(self.request)
        if user is not self.user:
            self.user, self.text = user, json.dumps(_described(self.request, user))
        return self.text


def _known_user(request: HttpRequest) -> Any:
    """Return who calls, if that was asked for already; asking here would be a statement more."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        wrapped = vars(user)["_wrapped"]
        return None if wrapped is empty else wrapped
    return user


def _described(request: HttpRequest, user: Any) -> dict[str, str]:
    address = address_of(request)
    known = user is not None and user.is_authenticated
    route = request.resolver_match.route if request.resolver_match else request.path
    in_admin = request.path.startswith("/admin/")
    return {
        "origin": "ADMIN" if in_admin else "API",
        "actor": caller_of(request).name if known else "anonymous",
        "actor_name": user.get_username() if known else "",
        "address": address,
        "request_id": current_request_id(),
        "action": f"{request.method} /{route.lstrip('/')}"[:_LONGEST],
        "reason": request.POST.get("reason", "")[:_LONGEST] if in_admin else "",
    }
