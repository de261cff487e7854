"""What a request looks at of people, noticed where it is found.

The access-checked selectors notice whom they find; whoever answers the request (`users.api.
access_log`) writes it down. Nothing is written here. A borrower's look at their own, the
sandbox's caller and the product itself are not noticed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from users.domain.callers import Caller, CallerKind

_NOTICED = frozenset({CallerKind.STAFF, CallerKind.PARTNER})


@dataclass(slots=True)
class Looks:
    """The people of one request: the key of each, with the record that led to them.

    `many`: a list of people was shown as well.
    """

    people: dict[int, str] = field(default_factory=dict)
    many: bool = False


_looks: ContextVar[Looks | None] = ContextVar("looks", default=None)


@contextmanager
def noticing() -> Iterator[Looks]:
    """Collect whom the block looks at."""
    looks = Looks()
    token = _looks.set(looks)
    try:
        yield looks
    finally:
        _looks.reset(token)


def notice(caller: Caller, borrower_key: int, *, record: str) -> None:
    """Notice that a caller was given a record of a borrower; the first one found names the look."""
    looks = _looks.get()
    if looks is not None and caller.kind in _NOTICED:
        looks.people.setdefault(borrower_key, record)


def notice_list(caller: Caller) -> None:
    """Notice that a caller was given a list of many people."""
    looks = _looks.get()
    if looks is not None and caller.kind in _NOTICED:
        looks.many = True
