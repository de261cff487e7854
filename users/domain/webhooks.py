"""What partners are told by webhook, when a failed delivery is tried again, and where to.

Messages follow the Standard Webhooks specification (https://www.standardwebhooks.com).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import percent, rupees
from users.domain.addresses import as_literal, is_public


class EventType(StrEnum):
    """What a partner may be told of."""

    APPLICATION_DECIDED = "application.decided"
    LOAN_DISBURSED = "loan.disbursed"
    INSTALMENT_DUE = "instalment.due"
    PAYMENT_POSTED = "payment.posted"
    PAYMENT_REVERSED = "payment.reversed"
    LOAN_OVERDUE = "loan.overdue"
    LOAN_CLOSED = "loan.closed"


#: Each event in words, for whoever chooses what an endpoint is told.
EVENT_WORDS: Final[dict[EventType, str]] = {
    EventType.APPLICATION_DECIDED: "an application was approved or rejected",
    EventType.LOAN_DISBURSED: "a loan was paid out",
    EventType.INSTALMENT_DUE: "an EMI came due: its bill was posted",
    EventType.PAYMENT_POSTED: "a payment was taken, and how it was allocated",
    EventType.PAYMENT_REVERSED: "a payment was taken back",
    EventType.LOAN_OVERDUE: "a due date ended with its EMI unpaid",
    EventType.LOAN_CLOSED: "a loan was repaid to its end",
}

MAX_URL_LENGTH: Final = 500

#: Attempts of one round; a replay from the admin begins another.
MAX_ATTEMPTS: Final = 12
_FIRST_DELAY: Final = timedelta(seconds=10)
_LONGEST_DELAY: Final = timedelta(hours=12)

#: An endpoint that has taken nothing for so long is disabled.
FAILING_LIMIT: Final = timedelta(days=5)

#: How long the secret before the newest one still signs, at most and unless asked otherwise.
MAX_OVERLAP_HOURS: Final = 72
USUAL_OVERLAP_HOURS: Final = 24

_PRINTABLE: Final = re.compile(r"[!-~]+", re.ASCII)
_URL: Final = re.compile(
    r"https?://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:[/?].*)?",
    re.ASCII,
)
_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.ASCII | re.IGNORECASE,
)


class UrlRefused(InvalidInput):
    """Webhooks go to an `https` address on the internet, without credentials in it."""

    code = "webhook_url_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something a partner may be told. `key` names it among all facts, so it is told once.

    In `data`, amounts are paise (`…_paise`) and rates basis points (`…_bps`).
    """

    type: EventType
    key: str
    data: dict[str, Any]


def delay_after(attempt: int, *, jitter_permille: int) -> timedelta:
    """Return how long to wait after so many attempts: four times longer each, at most 12 hours.

    `jitter_permille`, 0 to 999, lets it be between half and the whole of that, so that what failed
    together does not come again together. Twelve attempts stretch over about two to four days.
    """
    whole = min(_FIRST_DELAY * (1 << 2 * min(attempt - 1, 10)), _LONGEST_DELAY)
    return whole * (500 + jitter_permille // 2) // 1000


def in_rupees(value: Any) -> Any:
    """Return a fact's data as the API writes them: `amount_paise` 50 becomes `amount` 0.50."""
    if isinstance(value, list):
        return [in_rupees(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {}
    for name, item in value.items():
        if name.endswith("_paise"):
            shown[name.removesuffix("_paise")] = None if item is None else rupees(item)
        elif name.endswith("_bps"):
            shown[name.removesuffix("_bps")] = None if item is None else percent(item)
        else:
            shown[name] = in_rupees(item)
    return shown


def checked_url(text: str, *, https_only: bool) -> str:
    """Return an endpoint's address when it may be one. Raises `UrlRefused`, which says why not.

    What a name resolves to is looked at again at each connection; here only what is written.
    """
    if len(text) > MAX_URL_LENGTH or _PRINTABLE.fullmatch(text) is None:
        raise _refused("Must be printable ASCII, at most 500 characters, without spaces.")
    if not text.startswith("https://") and (https_only or not text.startswith("http://")):
        raise _refused("Must begin with https://.")
    if any(mark in text for mark in "@#\\"):
        raise _refused("Must have no user, password, fragment or backslash in it.")
    parts = _URL.fullmatch(text)
    if parts is None or not 1 <= int(parts["port"] or 443) <= 65_535:
        raise _refused("Must be a host, a port if it is not the usual one, and a path.")
    _check_host(parts["host"])
    return text


def _check_host(host: str) -> None:
    literal = as_literal(host)
    if literal is not None:
        if not is_public(literal):
            raise _refused("Must not be an address of a private or local network.")
    elif _HOST.fullmatch(host) is None or host.rpartition(".")[2].isdecimal():
        raise _refused("Must name a host by its full domain name, such as hooks.example.com.")


def _refused(why: str) -> UrlRefused:
    return UrlRefused(why, field="url")
