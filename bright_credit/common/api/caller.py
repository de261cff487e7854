"""Who makes a request, by one name: what an idempotency key and a rate limit are bound to."""

from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from bright_credit.common.api.permissions import is_direct_loopback


class CallerKind(StrEnum):
    """The kinds of callers, each with its own rate limit."""

    STAFF = "staff"
    BORROWER = "borrower"
    PARTNER = "partner"
    LOCAL = "local"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Someone who calls: of which kind, who within it, and from which network address.

    `identity` tells callers of a kind apart: a login's key, a partner's, an anonymous caller's
    address. All local callers of the sandbox are one.
    """

    kind: CallerKind
    identity: str
    address: str

    @property
    def name(self) -> str:
        """The caller's own name space, such as `staff:7`."""
        return f"{self.kind}:{self.identity}"


def caller_of(request: Request | HttpRequest) -> Caller:
    """Return who makes a request that has been authenticated, or was found to be anonymous."""
    address = address_of(request)
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        kind = CallerKind.STAFF if user.is_staff else CallerKind.BORROWER
        return Caller(kind=kind, identity=str(user.pk), address=address)
    if settings.BRIGHTLEND_MODE == "sandbox" and is_direct_loopback(request.META):
        return Caller(kind=CallerKind.LOCAL, identity="", address=address)
    return Caller(kind=CallerKind.ANONYMOUS, identity=address, address=address)


def address_of(request: Request | HttpRequest) -> str:
    """Return the address a request came from.

    Each proxy that is trusted (`BRIGHTLEND_TRUSTED_PROXIES`) has added one address at the end of
    `X-Forwarded-For`; what stands before those was written by the client and is not believed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops: int = settings.TRUSTED_PROXIES
    if not hops:
        return direct
    chain = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    told = chain[-hops].strip() if len(chain) >= hops else ""
    return told[:45] or direct
