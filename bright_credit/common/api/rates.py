"""How often each kind of caller may ask, as written in the settings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RATE = re.compile(r"(?P<kind>[a-z]+)=(?:(?P<quota>[0-9]{1,9})/(?P<seconds>[0-9]{1,6})|off)")
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds: at once, or spread."""

    quota: int
    seconds: int

    def __post_init__(self) -> None:
        if not 1 <= self.quota <= self.seconds * _MICROSECONDS:
            raise ValueError(f"{self.quota} requests in {self.seconds} seconds is not a rate")

    @property
    def window_us(self) -> int:
        """Return the window in microseconds."""
        return self.seconds * _MICROSECONDS

    @property
    def interval_us(self) -> int:
        """Return the microseconds from one request to the next at the steady rate."""
        return self.window_us // self.quota


#: By kind of caller; None: no limit. Those on this very machine are the sandbox's only.
DEFAULT_RATES: Mapping[str, Rate | None] = {
    "staff": Rate(600, 60),
    "borrower": Rate(120, 60),
    "partner": Rate(3_000, 60),
    "anonymous": Rate(60, 60),
    "local": None,
}


def rates(text: str) -> dict[str, Rate | None]:
    """Return the limits of all kinds, from `staff=600/60,anonymous=off` over the defaults.

    Raises ValueError for what is no limit.
    """
    limits = dict(DEFAULT_RATES)
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        given = _RATE.fullmatch(part)
        if given is None or given["kind"] not in limits:
            raise ValueError(f"{part!r} is not kind=requests/seconds or kind=off")
        quota, seconds = given["quota"], given["seconds"]
        limits[given["kind"]] = None if quota is None else Rate(int(quota), int(seconds))
    return limits
