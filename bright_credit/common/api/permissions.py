"""Who may call: staff always; in the sandbox also anyone on this very machine."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

# A proxy in front makes every caller look local, so its marks end the sandbox's trust.
_PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)


def is_direct_loopback(meta: dict[str, Any]) -> bool:
    """Return whether a request came from this machine itself, through no proxy."""
    if any(header in meta for header in _PROXY_HEADERS):
        return False
    try:
        address = ip_address(str(meta.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


class SandboxLoopbackOrStaff(BasePermission):
    """Allow staff; in sandbox mode also anonymous calls from loopback."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the caller may use the API."""
        if request.user.is_authenticated:
            return bool(request.user.is_staff)
        return settings.BRIGHTLEND_MODE == "sandbox" and is_direct_loopback(request.META)
