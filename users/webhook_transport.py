"""One request to an address that somebody else has named, and no way further.

The name is resolved once, every address it has is looked at, and the connection goes to one of
those very addresses: a name that answers differently the next moment gains nothing. TLS still asks
for the certificate of the name. No redirect is followed, no proxy asked, no cookie kept; the answer
is read to a bound and forgotten, and the whole of it has a deadline.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

import httpcore

from users.domain.addresses import Address, is_public

#: Which addresses may be connected to.
AddressPolicy = Callable[[Address], bool]

DEADLINE_SECONDS: Final = 15
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 10
MAX_ANSWER_BYTES: Final = 64 * 1024
_MAX_ADDRESSES_TRIED: Final = 2


class AddressRefused(Exception):
    """The name stands for an address that is not one of the public internet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is sent: where to, with which headers, and the body."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request: the status, if there was one, and a word for how it went.

    `delivered`; `answered` with another status than 2xx; `redirected`; `gone` (410);
    `address_refused`, `not_resolved`, `not_reached`, `tls_failed`, `timed_out`, `malformed`.
    """

    outcome: str
    status: int | None = None
    duration_ms: int = 0

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver said that it has taken the message."""
        return self.outcome == "delivered"


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were looked at, and to nothing else."""

    def __init__(self, allows: AddressPolicy) -> None:
        self._allows = allows
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Any = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, look at every address, and connect to those."""
        addresses = await _resolve(host, port)
        if not addresses or not all(self._allows(address) for address in addresses):
            raise AddressRefused
        failure: Exception | None = None
        for address in addresses[:_MAX_ADDRESSES_TRIED]:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout=timeout, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or AddressRefused

    async def sleep(self, seconds: Any) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


async def _resolve(host: str, port: int) -> Sequence[Address]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


def send_all(
    parcels: Sequence[Parcel],
    *,
    https_only: bool,
    allows: AddressPolicy = is_public,
    trust: ssl.SSLContext | None = None,
) -> list[Answer]:
    """Send them, all at once, and return the answers in their order. Raises nothing of theirs.

    `allows` and `trust` are for tests that send to their own receiver.
    """
    context = trust or ssl.create_default_context()
    return asyncio.run(_send_all(parcels, allows, context, https_only))


async def _send_all(
    parcels: Sequence[Parcel], allows: AddressPolicy, trust: ssl.SSLContext, https_only: bool
) -> list[Answer]:
    async with httpcore.AsyncConnectionPool(
        ssl_context=trust, network_backend=_CheckedBackend(allows), max_connections=None
    ) as pool:
        sending = (_send(pool, parcel, https_only=https_only) for parcel in parcels)
        return list(await asyncio.gather(*sending))


async def _send(pool: httpcore.AsyncConnectionPool, parcel: Parcel, *, https_only: bool) -> Answer:
    if https_only and not parcel.url.startswith("https://"):
        return Answer(outcome="address_refused")
    began = time.monotonic_ns()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            status, outcome = await _exchange(pool, parcel)
    except Exception as error:
        status, outcome = None, _word_for(error)
    return Answer(
        outcome=outcome, status=status, duration_ms=(time.monotonic_ns() - began) // 1_000_000
    )


async def _exchange(pool: httpcore.AsyncConnectionPool, parcel: Parcel) -> tuple[int, str]:
    limits = {"connect": _CONNECT_SECONDS, "read": _READ_SECONDS, "write": _READ_SECONDS}
    async with pool.stream(
        "POST",
        parcel.url,
        headers=list(parcel.headers.items()),
        content=parcel.body,
        extensions={"timeout": limits},
    ) as response:
        read = 0
        async for chunk in response.aiter_stream():
            read += len(chunk)
            if read > MAX_ANSWER_BYTES:
                break  # what it says is of no use to us; leaving closes the connection
        return response.status, _word_of(response.status)


def _word_of(status: int) -> str:
    if status == 410:
        return "gone"
    return {2: "delivered", 3: "redirected"}.get(status // 100, "answered")


def _word_for(error: Exception) -> str:
    match error:
        case AddressRefused():
            return "address_refused"
        case TimeoutError() | httpcore.TimeoutException():
            return "timed_out"
        case socket.gaierror() | UnicodeError():
            return "not_resolved"
        case httpcore.ProtocolError():
            return "malformed"
        case httpcore.NetworkError() if _came_of_tls(error):
            return "tls_failed"
        case _:
            return "not_reached"


def _came_of_tls(error: BaseException) -> bool:
    cause = error.__cause__ or error.__context__
    return isinstance(cause, ssl.SSLError) or (cause is not None and _came_of_tls(cause))
