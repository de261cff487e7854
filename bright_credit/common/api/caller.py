"""Who makes a request, by one name: what an idempotency key and a rate limit are bound to."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest
from rest_framework.request import Request

from bright_credit.common.api.client_address import address_in


class CallerKind(StrEnum):
    """The kinds of callers, each with its own rate limit."""

    STAFF = "staff"
    BORROWER = "borrower"
    PARTNER = "partner"
    LOCAL = "local"
    ANONYMOUS = "anonymous"


_KINDS = {
    "staff": CallerKind.STAFF,
    "borrower": CallerKind.BORROWER,
    "partner": CallerKind.PARTNER,
    "sandbox": CallerKind.LOCAL,
}


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
    if user is None or not user.is_authenticated:
        return Caller(kind=CallerKind.ANONYMOUS, identity=address, address=address)
    # A login has no kind; whoever else authentication has found says what it is.
    kind = _KINDS[getattr(user, "kind", "staff")]
    return Caller(kind=kind, identity="" if user.pk is None else str(user.pk), address=address)


def address_of(request: Request | HttpRequest) -> str:
    """Return the address a request came from.

    Each proxy that is trusted (`BRIGHTLEND_TRUSTED_PROXIES`) has added one address at the end of
    `X-Forwarded-For`; what stands before those was written by the client and is not believed.
    """
    return address_in(request.META)
