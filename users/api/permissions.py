"""Whether a caller may call: each view says by its `access` what it takes, and nothing else is."""

from collections.abc import Mapping
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.domain.callers import Caller, CallerKind, Rule


def caller_of(request: Request) -> Caller:
    """Return who calls, for selectors and services; a request without a caller has none."""
    caller = request.auth
    if not isinstance(caller, Caller):
        raise TypeError("the request has no caller: its view is open to anybody")
    return caller


def rule_of(view: Any, method: str | None) -> Rule | None:
    """Return a view's rule for a method; reading the headers only is reading."""
    rules: Mapping[str, Rule] = getattr(view, "access", {})
    return rules.get("GET" if method == "HEAD" else str(method))


class FollowsAccessRule(BasePermission):
    """Allow whom the view's rule for the method allows. No rule: nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the caller may call this method here."""
        rule = rule_of(view, request.method)
        if rule is not None and rule.anybody:
            return True
        if not hasattr(view, str(request.method).lower()):
            return True  # to be told which methods there are: a 405
        caller = request.auth
        if not isinstance(caller, Caller):
            return False
        if request.method == "OPTIONS":
            return True
        if rule is None or not rule.allows(caller):
            return False
        if caller.kind is CallerKind.STAFF:
            return bool(request.user.has_perm(rule.permission))
        return True
