"""The states of applications and loans, and which moves between them are allowed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from bright_credit.common.errors import Conflict


class ApplicationStatus(StrEnum):
    """Where an application stands. The policy's decision is the state it starts in."""

    APPROVED = "APPROVED"  # and disbursed straight through
    REFERRED = "REFERRED"  # waits for a person
    REJECTED = "REJECTED"


class LoanStatus(StrEnum):
    """Where a loan stands."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"  # nothing is owed any more
    WRITTEN_OFF = "WRITTEN_OFF"  # off the books; the claim on the borrower is kept


class StatusMoveRefused(Conflict):
    """The application or loan cannot go from the state it is in to the one asked for."""

    code = "status_move_refused"


APPLICATION_MOVES: Mapping[ApplicationStatus, frozenset[ApplicationStatus]] = {
    ApplicationStatus.REFERRED: frozenset({ApplicationStatus.APPROVED, ApplicationStatus.REJECTED}),
    ApplicationStatus.APPROVED: frozenset(),
    ApplicationStatus.REJECTED: frozenset(),
}

# A closed loan opens again only when history is told anew and more turns out to be owed, such as a
# charge dated after a closing that an earlier payment has since moved forward. One that was off the
# books is off them still.
LOAN_MOVES: Mapping[LoanStatus, frozenset[LoanStatus]] = {
    LoanStatus.ACTIVE: frozenset({LoanStatus.CLOSED, LoanStatus.WRITTEN_OFF}),
    LoanStatus.CLOSED: frozenset({LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF}),
    LoanStatus.WRITTEN_OFF: frozenset({LoanStatus.CLOSED}),
}

_Status = TypeVar("_Status", bound=StrEnum)


def require_application_move(current: ApplicationStatus, *, target: ApplicationStatus) -> None:
    """Raise `StatusMoveRefused` unless an application may go from `current` to `target`."""
    _require_move(current, target=target, moves=APPLICATION_MOVES, noun="application")


def require_loan_move(current: LoanStatus, *, target: LoanStatus) -> None:
    """Raise `StatusMoveRefused` unless a loan may go from `current` to `target`."""
    _require_move(current, target=target, moves=LOAN_MOVES, noun="loan")


def _require_move(
    current: _Status, *, target: _Status, moves: Mapping[_Status, frozenset[_Status]], noun: str
) -> None:
    if target not in moves[current]:
        raise StatusMoveRefused(
            f"the {noun} is {current} and cannot become {target}", field="status"
        )
