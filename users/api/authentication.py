"""Who calls: staff by their session, borrowers and partners by a bearer, the sandbox's own user."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from bright_credit.common.api.client_address import is_direct_loopback
from bright_credit.common.api.codes import BEARER_CHALLENGE
from users import tokens
from users.domain.callers import SANDBOX, Caller, CallerKind
from users.domain.scopes import Scope
from users.selectors import open_session
from users.services.partners import partner_key_of
from users.services.staff import is_verified

Proven = tuple[Any, Caller]


class BearerAuthentication(BaseAuthentication):
    """A borrower's access token, or a partner's key, in the header `Authorization: Bearer …`."""

    def authenticate(self, request: Request) -> Proven | None:
        """Return the caller; None without a bearer. A bearer that is not good is refused."""
        text = _bearer(request)
        if text is None:
            return None
        now = timezone.now()
        caller = _partner(text, now) if text.startswith(tokens.KEY_PREFIX) else _borrower(text, now)
        if caller is None:
            raise AuthenticationFailed("The bearer is not valid, or not any more.")
        return caller, caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that makes a call without proof a 401."""
        return BEARER_CHALLENGE


def _bearer(request: Request) -> str | None:
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "bearer" or not text.strip():
        raise AuthenticationFailed("The header Authorization must be `Bearer` and a token.")
    return str(text.strip())


@sensitive_variables()
def _partner(text: str, now: datetime) -> Caller | None:
    key = partner_key_of(text, now=now)
    if key is None:
        return None
    scopes = frozenset(Scope(scope) for scope in key.scopes)
    return Caller(CallerKind.PARTNER, key.partner_id, scopes=scopes)


@sensitive_variables()
def _borrower(text: str, now: datetime) -> Caller | None:
    try:
        claims = tokens.read_access_token(text)
    except tokens.InvalidToken:
        return None
    session = open_session(claims.session_id, borrower_id=claims.borrower_id, now=now)
    if session is None:
        return None
    return Caller(CallerKind.BORROWER, session.borrower_id, session_id=session.pk.hex)


class StaffSessionAuthentication(SessionAuthentication):
    """The admin's session, CSRF-checked, with its second factor, also for the API."""

    def authenticate(self, request: Request) -> Proven | None:
        """Return the login and its caller; None without a session that staff signed in to."""
        proven = super().authenticate(request)
        if proven is None:
            return None
        user = proven[0]
        if not user.is_staff or not is_verified(user):
            raise PermissionDenied
        return user, Caller(CallerKind.STAFF, user.pk)

    def enforce_csrf(self, request: Any) -> None:
        """Refuse an unsafe call whose CSRF token is missing, under a code of its own."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(
                "The CSRF token is missing or wrong.", code="csrf_failed"
            ) from error


class SandboxAuthentication(BaseAuthentication):
    """In the sandbox, whoever calls from this very machine without saying who they are."""

    def authenticate(self, request: Request) -> Proven | None:
        """Return the sandbox's caller for a direct call from loopback, while that is open."""
        if settings.OPEN_TO_LOOPBACK and is_direct_loopback(request.META):
            return SANDBOX, SANDBOX
        return None
