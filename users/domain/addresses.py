"""Which addresses of the internet a server of ours may be made to call.

Whoever names a webhook's address makes our server connect to it. It must not come to reach what
only our own network reaches: ourselves, neighbours, and the metadata services of clouds.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

#: Public by their numbers, and yet a cloud's own: Azure's host, which tells machines their secrets.
_CLOUD: Final = (IPv4Network("168.63.129.16/32"),)

#: The translation prefixes that carry an IPv4 address in their last four bytes.
_CARRIERS: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_LOCAL_CARRIER: Final = IPv6Network("64:ff9b:1::/48")


def as_literal(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet, whatever it is wrapped in."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address):
        return (
            address.scope_id is None
            and address not in _LOCAL_CARRIER
            and address in IPv6Network("2000::/3")
            and address.is_global
            and not address.is_multicast
        )
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _CLOUD)
    )


def _carried(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _CARRIERS):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
