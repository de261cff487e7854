"""What a step changed. Services write effects as rows and post them; nothing else changes a loan.

Amounts are positive paise, except that an effect with several components may have zeros among them.
`event_key` is the key of the event that caused the effect.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from loan.domain.events import ChargeKind


class AllocationSource(StrEnum):
    """Where the money that met an amount came from."""

    PAYMENT = "PAYMENT"
    ADVANCE = "ADVANCE"  # held from an earlier payment for the dues to come
    EXCESS = "EXCESS"  # held as more than everything owed, until a charge made it owed after all
    WAIVER = "WAIVER"  # nobody's: the lender lets go of a charge
    FEE_BACK = "FEE_BACK"  # the processing fee, deducted or paid, of a loan that is cancelled
    INTEREST_BACK = "INT_BACK"  # the interest kept back at its disbursement

    @property
    def is_given(self) -> bool:
        """Return whether the lender gives what is met, so that no money moves."""
        return self in (self.WAIVER, self.FEE_BACK, self.INTEREST_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentBilled:
    """An instalment came due: its interest is owed from now on."""

    number: int
    due_date: date
    principal_paise: int
    interest_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestCapitalised:
    """The interest of a moratorium, or of a holiday, became principal, as agreed, at its end."""

    on: date
    amount_paise: int
    of_holiday: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PenalLevied:
    """A penal charge for an instalment left unpaid beyond its days of grace."""

    key: str
    instalment_number: int
    levied_on: date
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeBooked:
    """A charge levied by a decision now stands on the loan; `gst_paise` is the tax in it.

    What a loan `off_books` owes again is a part of its claim, and no receivable.
    """

    key: str
    kind: ChargeKind
    levied_on: date
    amount_paise: int
    gst_paise: int = 0
    off_books: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocated:
    """Money met an instalment or a charge; exactly one of the two is named.

    `gst_paise` is only of what the lender gives: the tax in it. `waives_fee` says of a waiver that
    it is of the processing fee, whose income stands apart from that of other charges. What is paid
    of a loan that is off the books `recovers` it.
    """

    source: AllocationSource
    value_date: date
    event_key: str | None
    instalment_number: int | None
    charge_key: str | None
    interest_paise: int
    principal_paise: int
    charge_paise: int
    penal_paise: int
    gst_paise: int = 0
    waives_fee: bool = False
    recovers: bool = False

    @property
    def total_paise(self) -> int:
        """Return all components together."""
        return self.interest_paise + self.principal_paise + self.charge_paise + self.penal_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceHeld:
    """Money of a payment was kept for the dues to come."""

    value_date: date
    event_key: str
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessHeld:
    """Money of a payment was beyond everything owed, and is kept to be refunded."""

    value_date: date
    event_key: str
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessPaidBack:
    """Money held as excess went back to the borrower."""

    value_date: date
    event_key: str
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleReplaced:
    """Other instalments took the place of those not billed yet: the step's schedule has them."""

    on: date
    event_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructured:
    """The terms were changed for a borrower in difficulty: the day's end makes the loan an NPA."""

    on: date
    event_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BecameNpa:
    """This date's end found the oldest unpaid due 90 days old, or the loan restructured."""

    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NpaLifted:
    """No billed instalment is unpaid any more."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanWrittenOff:
    """What was owed left the books. Charges are without their GST, which is among the other.

    `fees_paise` is the processing fee, which is none of the charges here.
    """

    on: date
    event_key: str
    principal_paise: int
    interest_paise: int
    charges_paise: int
    other_paise: int
    penal_paise: int
    fees_paise: int = 0

    @property
    def total_paise(self) -> int:
        """Return the claim that is kept."""
        return (
            self.principal_paise
            + self.interest_paise
            + self.charges_paise
            + self.other_paise
            + self.penal_paise
            + self.fees_paise
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGivenUp:
    """What was left of the claim on the borrower is asked no more: the loan is closed."""

    on: date
    event_key: str
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanClosed:
    """Every instalment and every charge is paid."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanReopened:
    """A charge dated after the closing is owed, of a loan on the books or off them.

    Only a replay with new history comes to this.
    """

    on: date


Effect: TypeAlias = (
    InstalmentBilled
    | InterestCapitalised
    | PenalLevied
    | ChargeBooked
    | Allocated
    | AdvanceHeld
    | ExcessHeld
    | ExcessPaidBack
    | ScheduleReplaced
    | Restructured
    | BecameNpa
    | NpaLifted
    | LoanWrittenOff
    | ClaimGivenUp
    | LoanClosed
    | LoanReopened
)
