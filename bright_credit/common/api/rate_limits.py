"""How many requests a caller may make: a steady rate with room for a burst, counted in Redis.

Each caller has one number in Redis: the instant by which all its requests would be worked off if
they came at the steady rate (the generic cell rate algorithm). One script reads and moves it, by
the server's own clock, so requests in parallel on any number of machines are counted exactly.

The limits protect the service's speed, not its money: without Redis every request is let through,
and a payment works. Whatever must hold without Redis (guesses of a code, say) is counted in
PostgreSQL instead.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from bright_credit.common.api.caller import Caller, CallerKind, caller_of
from bright_credit.common.api.rates import Rate

STANDING_KEY = "brightlend.rate_limit"

#: How long after a failure a process does not ask Redis again, so that no request waits.
REST = timedelta(seconds=5)
TIMEOUT = timedelta(milliseconds=200)

_log = logging.getLogger(__name__)

# KEYS[1]: the caller. ARGV: microseconds from one request to the next at the steady rate; of the
# whole window. Returns: whether it is let through, requests left, and in seconds, rounded up: until
# all of the quota is there again, and how long to wait.
_TAKE = """
local interval, window, second = tonumber(ARGV[1]), tonumber(ARGV[2]), 1000000
local clock = redis.call('TIME')
local now = clock[1] * second + clock[2]
local busy_until = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local ahead = busy_until + interval - now
if ahead > window then
    return {0, 0, math.ceil((busy_until - now) / second), math.ceil((ahead - window) / second)}
end
redis.call('SET', KEYS[1], string.format('%.0f', busy_until + interval),
           'PX', math.ceil(ahead / 1000))
return {1, math.floor((window - ahead) / interval), math.ceil(ahead / second), 0}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a caller stands with its limit after a request."""

    rate: Rate
    kind: str
    allowed: bool
    remaining: int
    reset_seconds: int
    wait_seconds: int


class CallerThrottle(BaseThrottle):
    """Refuse a caller who asks more often than its kind may (429)."""

    def __init__(self) -> None:
        self._standing: Standing | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request and return whether it is let through."""
        self._standing = take(caller_of(request))
        if self._standing is None:
            return True
        request.META[STANDING_KEY] = self._standing
        return self._standing.allowed

    def wait(self) -> int | None:
        """Return the seconds after which the caller may ask again."""
        return self._standing.wait_seconds if self._standing else None


def refused_too_often(request: Request, refusal: Exception) -> Exception:
    """Return what to answer to a refused sign-in: 429 to an address that has had many of them."""
    if not isinstance(refusal, NotAuthenticated | AuthenticationFailed):
        return refusal
    standing = take(caller_of(request))
    if standing is None:
        return refusal
    request.META[STANDING_KEY] = standing
    return refusal if standing.allowed else Throttled(wait=standing.wait_seconds)


def take(caller: Caller) -> Standing | None:
    """Count a request of a caller; None when there is no limit, or none can be asked for."""
    rate: Rate | None = settings.API_RATE_LIMITS.get(caller.kind)
    if rate is None or _REST.is_on():
        return None
    script = _script(settings.RATE_LIMIT_REDIS_URL)
    try:
        answer: list[int] = script(keys=[_key(caller)], args=[rate.interval_us, rate.window_us])
    except RedisError as error:
        _REST.begin(type(error).__name__)
        return None
    allowed, remaining, reset, wait = answer
    return Standing(
        rate=rate,
        kind=caller.kind,
        allowed=bool(allowed),
        remaining=remaining,
        reset_seconds=reset,
        wait_seconds=wait,
    )


def rate_limit_headers(request: HttpRequest) -> dict[str, str]:
    """Return the headers that tell a caller its limit; none for a request that was not counted.

    `RateLimit-Policy` and `RateLimit` are those of the IETF draft "RateLimit header fields for
    HTTP"; the three others are its earlier form, which most clients read.
    """
    standing: Standing | None = request.META.get(STANDING_KEY)
    if standing is None:
        return {}
    rate = standing.rate
    return {
        "RateLimit-Policy": f'"{standing.kind}";q={rate.quota};w={rate.seconds}',
        "RateLimit": f'"{standing.kind}";r={standing.remaining};t={standing.reset_seconds}',
        "RateLimit-Limit": str(rate.quota),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset_seconds),
    }


def forget() -> None:
    """Close the connections and forget a failure, as a process that starts anew does."""
    for client in _CLIENTS:
        client.close()
    _CLIENTS.clear()
    _script.cache_clear()
    _REST.end()


class _Rest:
    """After a failure Redis is left alone for a while; the first failure of a while is logged."""

    def __init__(self) -> None:
        self._until = 0

    def is_on(self) -> bool:
        return time.monotonic_ns() < self._until

    def begin(self, reason: str) -> None:
        _log.warning("Rate limits cannot be counted, requests are let through: %s", reason)
        self._until = time.monotonic_ns() + REST // timedelta(microseconds=1) * 1_000

    def end(self) -> None:
        self._until = 0


_REST = _Rest()
_CLIENTS: list[Redis] = []


@cache
def _script(url: str) -> Any:
    client = Redis.from_url(
        url,
        socket_timeout=TIMEOUT.total_seconds(),
        socket_connect_timeout=TIMEOUT.total_seconds(),
        retry=Retry(NoBackoff(), 1),  # a connection that was kept while the server restarted
    )
    _CLIENTS.append(client)
    return client.register_script(_TAKE)


def _key(caller: Caller) -> str:
    """Return the caller's key. An IPv6 address stands for its network: one client has all of it."""
    name = caller.name
    if caller.kind == CallerKind.ANONYMOUS:
        try:
            address = ip_address(caller.identity)
        except ValueError:
            address = None
        if address is not None and address.version == 6 and address.ipv4_mapped is None:
            name = f"{caller.kind}:{ip_network((address, 64), strict=False)}"
    return f"brightlend:rate:{name}"
