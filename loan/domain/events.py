"""What happens to a loan after its disbursement. Together with its terms, events are the loan.

Each event has a value date (when it counts) and a sequence number that orders the events of one
date. What the calendar brings about (bills, penal charges, classification) is no event: it follows
from the terms, the events and the date.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from bright_credit.common.errors import InvalidInput


class ChargeKind(StrEnum):
    """What a charge is for. Only penal charges are paid in the penal stage of the waterfall."""

    PENAL = "PENAL"  # brought by the calendar, as the terms say; never levied by a decision
    BOUNCE = "BOUNCE"
    OTHER = "OTHER"


class InvalidEvent(InvalidInput):
    """An event breaks a rule; the field says which part of it."""

    code = "invalid_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """Money from the borrower, in paise. `key` names it among the loan's events."""

    key: str
    value_date: date
    sequence: int
    amount_paise: int

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLevied:
    """A charge put on the loan by a decision, in paise. `key` is unique within the loan."""

    key: str
    kind: ChargeKind
    value_date: date
    sequence: int
    amount_paise: int

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)
        if self.kind is ChargeKind.PENAL:
            raise InvalidEvent("penal charges follow from the terms", field="kind")


LoanEvent: TypeAlias = PaymentReceived | ChargeLevied


def _require_positive(amount_paise: int) -> None:
    if amount_paise <= 0:
        raise InvalidEvent("must be more than zero", field="amount")
