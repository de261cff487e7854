"""What happens to a loan after its disbursement. Together with its terms, events are the loan.

Each event has a value date (when it counts) and a sequence number, unique within the loan, that
orders the events of one date. What the calendar brings about (bills, penal charges, classification)
is no event: it follows from the terms, the events and the date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from bright_credit.common.errors import InvalidInput
from loan.domain.asset_class import AssetClass


class ChargeKind(StrEnum):
    """What a charge is for. Only penal charges are paid in the penal stage of the waterfall."""

    PENAL = "PENAL"  # brought by the calendar, as the terms say; never levied by a decision
    BOUNCE = "BOUNCE"
    FORECLOSURE = "FORECLOSURE"  # for repaying everything early, as the product says
    PROCESSING_FEE = "PROCESSING_FEE"  # due at the disbursement, where it is not deducted there
    OTHER = "OTHER"
    REFUND = "REFUND"  # paid back, and owed again: the money that was refunded came to nothing


class Towards(StrEnum):
    """What a payment is for, beyond the dues and charges that it meets first."""

    DUES = "DUES"  # the dues to come: kept in advance until their dates
    REDUCE_TENURE = "REDUCE_TENURE"  # principal now; the instalment stays, fewer follow
    REDUCE_EMI = "REDUCE_EMI"  # principal now; as many instalments follow, smaller ones
    FORECLOSURE = "FORECLOSURE"  # everything, today
    CANCELLATION = "CANCELLATION"  # everything, within the cooling-off period


class InvalidEvent(InvalidInput):
    """An event breaks a rule; the field says which part of it."""

    code = "invalid_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """What giving a loan back costs, and what of that kept back from it is returned, in paise.

    `interest_paise` is that of the days the borrower had the money. `returned_fee_paise` has the
    `returned_gst_paise` in it.
    """

    interest_paise: int
    returned_fee_paise: int = 0
    returned_gst_paise: int = 0
    returned_interest_paise: int = 0

    def __post_init__(self) -> None:
        if min(self.interest_paise, self.returned_gst_paise, self.returned_interest_paise) < 0:
            raise InvalidEvent("must not be negative", field="cancelling")
        if self.returned_gst_paise > self.returned_fee_paise:
            raise InvalidEvent("must be a part of the fee", field="returned_gst")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """Money from the borrower, in paise. `key` names it among the loan's events.

    A payment towards principal or foreclosure does what it is for only if, as history stands, it
    can: else what it does not spend on dues and charges is kept in advance, like that of any other.
    `closing_charge_paise` is what foreclosing costs, GST included, and `closing_gst_paise` the GST.
    """

    key: str
    value_date: date
    sequence: int
    amount_paise: int
    towards: Towards = Towards.DUES
    closing_charge_paise: int = 0
    closing_gst_paise: int = 0
    cancelling: Cancelling | None = None

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)
        if self.cancelling is not None and self.towards is not Towards.CANCELLATION:
            raise InvalidEvent("says what a cancellation costs, and none else", field="cancelling")
        if not 0 <= self.closing_gst_paise <= self.closing_charge_paise:
            raise InvalidEvent("must be a part of the charge", field="closing_gst")
        if self.closing_charge_paise and self.towards is not Towards.FORECLOSURE:
            raise InvalidEvent("only foreclosing costs a closing charge", field="closing_charge")

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow this payment than before."""
        return self.towards is not Towards.DUES


#: The key of the charge that a processing fee is which the borrower pays apart.
PROCESSING_FEE_KEY = "PROCESSING-FEE"

#: Charges that follow from the terms and from other events.
_NEVER_LEVIED = frozenset({ChargeKind.PENAL, ChargeKind.FORECLOSURE, ChargeKind.REFUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLevied:
    """A charge put on the loan by a decision, in paise. `key` is unique within the loan.

    The amount is what the borrower owes; `gst_paise` is the tax in it.
    """

    key: str
    kind: ChargeKind
    value_date: date
    sequence: int
    amount_paise: int
    gst_paise: int = 0

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: never."""
        return False

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)
        if self.kind in _NEVER_LEVIED:
            raise InvalidEvent("follows from the terms and the events", field="kind")
        if (self.kind is ChargeKind.PROCESSING_FEE) != (self.key == PROCESSING_FEE_KEY):
            raise InvalidEvent("there is one processing fee, named so", field="key")
        if not 0 <= self.gst_paise < self.amount_paise:
            raise InvalidEvent("the tax is a part of the amount", field="gst")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeWaived:
    """A charge is let go, all of it or a part, in paise. `charge_key` says which.

    When history turns out otherwise, it lets go of what is unpaid then, and of no more than this.
    """

    key: str
    charge_key: str
    value_date: date
    sequence: int
    amount_paise: int

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: never."""
        return False

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessRefunded:
    """Money beyond everything owed is paid back to the borrower, in paise.

    When history turns out otherwise, so that less was held, the borrower owes the rest of it.
    """

    key: str
    value_date: date
    sequence: int
    amount_paise: int

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: never."""
        return False

    def __post_init__(self) -> None:
        _require_positive(self.amount_paise)


class Keeping(StrEnum):
    """What a change of the rate leaves as it is; the other one follows."""

    TENURE = "TENURE"
    EMI = "EMI"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChanged:
    """Another yearly rate was agreed, in basis points, from a date on: the event's or a later one.

    The instalments not billed yet follow from it at once. `restructures` says what it does for a
    reschedule.
    """

    key: str
    value_date: date
    sequence: int
    annual_rate_bps: int
    from_date: date
    keeping: Keeping
    restructures: bool = False

    def __post_init__(self) -> None:
        if self.annual_rate_bps < 0:
            raise InvalidEvent("must not be negative", field="interest_rate")
        if self.from_date < self.value_date:
            raise InvalidEvent("must not be earlier than the change is agreed", field="from_date")

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: always."""
        return True


#: A year of weeks: no longer holiday is agreed at once.
MAX_HOLIDAY_INSTALMENTS = 52


class HolidayInterest(StrEnum):
    """What becomes of the interest of a payment holiday. It is simple interest, rounded once."""

    WITH_FIRST_INSTALMENT = "WITH_FIRST_INSTALMENT"  # on top of the first one after the holiday
    WITH_LAST_INSTALMENT = "WITH_LAST_INSTALMENT"  # on top of the last one of the loan
    CAPITALISED = "CAPITALISED"  # becomes principal when the holiday ends


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDay:
    """Instalments fall on another day of the month: on the first one from the old date on.

    The days by which the period under way grows bear broken-period interest.
    """

    due_day: int

    def __post_init__(self) -> None:
        if not 1 <= self.due_day <= 31:
            raise InvalidEvent("must be from 1 to 31", field="due_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """So many instalments are skipped. Keeping the EMI, the loan ends as much later; keeping the
    tenure, it ends when it did, and the instalments left are larger."""

    instalments: int
    interest: HolidayInterest
    keeping: Keeping = Keeping.EMI

    def __post_init__(self) -> None:
        if not 1 <= self.instalments <= MAX_HOLIDAY_INSTALMENTS:
            raise InvalidEvent(f"must be from 1 to {MAX_HOLIDAY_INSTALMENTS}", field="instalments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenor:
    """So many instalments follow, more or fewer than before; what each comes to is solved."""

    instalments: int

    def __post_init__(self) -> None:
        if self.instalments < 1:
            raise InvalidEvent("must be at least one", field="instalments")


ChangeOfTerms: TypeAlias = DueDay | Holiday | Tenor


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduled:
    """Other instalments were agreed, from the first one on that falls due on `from_date` or later.

    `restructures` says that it was for a borrower in financial difficulty: the loan is marked as
    restructured, and its asset is downgraded (RBI, Prudential Framework, 7 June 2019).
    """

    key: str
    value_date: date
    sequence: int
    change: ChangeOfTerms
    from_date: date
    restructures: bool = False

    def __post_init__(self) -> None:
        if self.from_date < self.value_date:
            raise InvalidEvent("must not be earlier than the change is agreed", field="from_date")

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: always."""
        return True


class WriteOffKind(StrEnum):
    """What becomes of the claim on the borrower when a loan is taken off the books."""

    TECHNICAL = "TECHNICAL"  # it is kept: what is paid of it is a recovery
    FULL = "FULL"  # it is given up
    SETTLEMENT = "SETTLEMENT"  # it is given up against a part that was paid: a compromise


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff:
    """The loan is taken off the books; of one that is off them, the claim is given up.

    `settled_by` is the key of the payment that a settlement was agreed against: without it, as when
    it bounced, nothing is given up.
    """

    key: str
    value_date: date
    sequence: int
    kind: WriteOffKind
    settled_by: str | None = None

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: all that is left is due at once."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMarked:
    """A person has identified the borrower as of a class, or (None) has lifted that mark again.

    Nothing happens to the loan itself: the class is the borrower's.
    """

    key: str
    value_date: date
    sequence: int
    asset_class: AssetClass | None

    @property
    def replaces_schedule(self) -> bool:
        """Return whether other instalments may follow: never."""
        return False

    def __post_init__(self) -> None:
        if self.asset_class is not None and not self.asset_class.is_npa:
            raise InvalidEvent("must be a non-performing class", field="asset_class")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReversed:
    """An earlier event is taken back: the loan is as if it had never happened.

    `reverses` is the sequence of the event. A reversal itself cannot be taken back: what was
    reversed by mistake is booked anew.
    """

    key: str
    value_date: date
    sequence: int
    reverses: int


#: What does something to a loan when its turn comes.
EffectiveEvent: TypeAlias = (
    PaymentReceived
    | ChargeLevied
    | ChargeWaived
    | ExcessRefunded
    | RateChanged
    | Rescheduled
    | WrittenOff
    | ClassMarked
)

LoanEvent: TypeAlias = EffectiveEvent | EventReversed


def in_effect(events: Iterable[LoanEvent]) -> list[EffectiveEvent]:
    """Return the events that count, in their order: neither what was reversed, nor reversals."""
    told = list(events)
    reversed_ones = {event.reverses for event in told if isinstance(event, EventReversed)}
    return sorted(
        (
            event
            for event in told
            if not isinstance(event, EventReversed) and event.sequence not in reversed_ones
        ),
        key=lambda event: (event.value_date, event.sequence),
    )


def _require_positive(amount_paise: int) -> None:
    if amount_paise <= 0:
        raise InvalidEvent("must be more than zero", field="amount")
