"""What borrowers are told by mail, what of it they may do without, and how long it is news."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from bright_credit.common.money import format_rupees


class NoticeKind(StrEnum):
    """One kind of notice."""

    DUE_SOON = "DUE_SOON"
    DUE = "DUE"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    CLOSED = "CLOSED"


#: Reminders are a service, and a borrower may refuse them. A receipt, a warning that charges and
#: entries in the credit record follow, and the word that a loan is closed are owed to the borrower
#: by the fair practices code: those are sent whatever was chosen.
REMINDERS: Final = frozenset({NoticeKind.DUE_SOON, NoticeKind.DUE})

#: How many days before its due date an EMI is announced.
DAYS_AHEAD: Final = 3

#: Days after a due date within which being overdue is told, should a morning have been missed.
OVERDUE_TOLD_WITHIN_DAYS: Final = 3

MAX_ATTEMPTS: Final = 8

_SUBJECTS: Final[dict[NoticeKind, str]] = {
    NoticeKind.DUE_SOON: "Your EMI of {amount} is due on {due_date}",
    NoticeKind.DUE: "Your EMI of {amount} is due today",
    NoticeKind.PAID: "We have received your payment of {amount}",
    NoticeKind.OVERDUE: "Your EMI of {due_date} is overdue",
    NoticeKind.CLOSED: "Your loan {loan_id} is closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something a borrower is told of a loan. `key` names it, so it is told once.

    In `data`, amounts are paise (`…_paise`), days are ISO dates.
    """

    kind: NoticeKind
    key: str
    loan_id: str
    data: dict[str, Any]


def in_words(data: dict[str, Any]) -> dict[str, str]:
    """Return a notice's data for people: `amount_paise` becomes `amount`, ₹1,23,456.78."""
    words = {}
    for name, value in data.items():
        if name.endswith("_paise"):
            words[name.removesuffix("_paise")] = format_rupees(value)
        elif name.endswith(("_date", "_on")) and value is not None:
            words[name] = _day(date.fromisoformat(value))
        else:
            words[name] = str(value)
    return words


def subject_of(kind: NoticeKind, words: dict[str, str]) -> str:
    """Return the subject of a notice's mail."""
    return _SUBJECTS[kind].format(**words)


def stale_after(kind: NoticeKind, data: dict[str, Any]) -> date | None:
    """Return the last day on which a notice is worth sending, None when it always is."""
    return date.fromisoformat(data["due_date"]) if kind in REMINDERS else None


def delay_after(attempt: int, *, jitter_permille: int) -> timedelta:
    """Return how long to wait after so many attempts that a mail server refused.

    One minute, then twice as long each time, up to four hours; half to the whole of it.
    """
    whole = min(timedelta(minutes=1) * (1 << min(attempt - 1, 10)), timedelta(hours=4))
    return whole * (500 + jitter_permille // 2) // 1000


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
