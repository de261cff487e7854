"""Who calls: staff by their session, with the challenge that makes an anonymous call a 401."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class StaffSessionAuthentication(SessionAuthentication):
    """The admin's session, CSRF-checked, also for the API."""

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; without one DRF would answer 403 to a caller it does not know."""
        return 'Session realm="BrightLend"'

    def enforce_csrf(self, request: Any) -> None:
        """Refuse an unsafe call whose CSRF token is missing, under a code of its own."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(
                "The CSRF token is missing or wrong.", code="csrf_failed"
            ) from error
