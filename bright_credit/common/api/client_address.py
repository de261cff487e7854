"""Where a call comes from: the address of the client, behind as many proxies as we know of."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings

# A proxy in front makes every caller look local, so its marks end the sandbox's trust.
_PROXY_HEADERS = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)
_UNKNOWN = "unknown"


def address_in(meta: Mapping[str, Any]) -> str:
    """Return the address a request came from, as our own nearest proxy saw it.

    Each proxy that is trusted (`BRIGHTLEND_TRUSTED_PROXIES`) has added one address at the end of
    `X-Forwarded-For`; what stands before those was written by the client and is not believed.
    """
    direct = str(meta.get("REMOTE_ADDR", ""))
    hops: int = settings.TRUSTED_PROXIES
    if not hops:
        return direct
    chain = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    told = chain[-hops].strip() if len(chain) >= hops else ""
    return told[:45] or direct


def place_of(meta: Mapping[str, Any]) -> str:
    """Return what attempts from an address are counted under: of IPv6 the network it is in.

    A customer of a provider has a whole network of IPv6 addresses, and one of IPv4.
    """
    return _network(address_in(meta))


def is_direct_loopback(meta: Mapping[str, Any]) -> bool:
    """Return whether a request came from this machine itself, through no proxy."""
    if any(header in meta for header in _PROXY_HEADERS):
        return False
    try:
        address = ip_address(str(meta.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _network(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return _UNKNOWN
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
