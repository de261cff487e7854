"""What explanations are drawn from: a loan's terms, schedule and history, and the amounts shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    Effect,
    ExcessHeld,
    InstalmentBilled,
)
from loan.domain.in_force import PutOffInterest
from loan.domain.receipts import PaymentSplit
from loan.domain.schedule import InstalmentPlan
from loan.domain.standing import InstalmentLine
from loan.domain.terms import LoanTerms
from statements.domain.explanations.steps import Operand, rupees
from statements.domain.history import ChargeLine
from statements.domain.statement import Summary
from statements.domain.words import date_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPayment:
    """A payment as the statement shows it, in paise."""

    reference_id: str
    value_date: date
    amount_paise: int
    split: PaymentSplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A loan as of a day: what the steps are reckoned from, and what the statement shows.

    The steps take the terms, the schedule, the effects, and the `holidays` whose interest becomes
    principal, or has become it. Summary, lines, charges and payments are
    the amounts shown, which the steps have to come to by themselves.
    """

    terms: LoanTerms
    schedule: Sequence[InstalmentPlan]
    effects: tuple[Effect, ...]
    as_of: date
    day_ended: bool
    summary: Summary
    lines: tuple[InstalmentLine, ...]
    charges: tuple[ChargeLine, ...]
    payments: tuple[ShownPayment, ...]
    holidays: tuple[PutOffInterest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a payment found when it came: the dues not billed yet, and the advance held already."""

    not_yet_due_paise: int
    advance_paise: int


def allocations(effects: Sequence[Effect]) -> Iterator[Allocated]:
    """Yield every meeting of money and what was owed, in order."""
    return (
        effect
        for effect in effects
        if isinstance(effect, Allocated) and effect.source is not AllocationSource.WAIVER
    )


def waivers(effects: Sequence[Effect]) -> Iterator[Allocated]:
    """Yield what was let go of charges, in order."""
    return (
        effect
        for effect in effects
        if isinstance(effect, Allocated) and effect.source is AllocationSource.WAIVER
    )


def met(allocated: Allocated, paise: int, *, what: str = "") -> Operand:
    """Return an allocated amount as an operand, labelled by its day and where the money is from."""
    match allocated.source:
        case AllocationSource.PAYMENT:
            origin = f"payment {allocated.event_key}"
        case AllocationSource.ADVANCE:
            origin = "money held in advance"
        case AllocationSource.EXCESS:
            origin = "money held as excess"
        case AllocationSource.WAIVER:
            origin = "waived"
        case AllocationSource.FEE_BACK:
            origin = "returned, of the processing fee"
        case AllocationSource.INTEREST_BACK:
            origin = "returned, of the interest kept back at the disbursement"
    label = f"{date_words(allocated.value_date)}, {origin}{what}"
    return rupees("met", label, paise)


def of_payment(effects: Sequence[Effect], reference_id: str) -> tuple[Allocated, ...]:
    """Return what a payment met, in order."""
    return tuple(
        allocated
        for allocated in allocations(effects)
        if allocated.source is AllocationSource.PAYMENT and allocated.event_key == reference_id
    )


def found_by(account: Account, reference_id: str) -> Found:
    """Return what a payment found, when its money came to what is not due yet."""
    billed, advance = 0, 0
    for effect in account.effects:
        if _came_from(effect, reference_id):
            break
        match effect:
            case InstalmentBilled(number=number):
                billed = number
            case AdvanceHeld(amount_paise=held):
                advance += held
            case Allocated(source=AllocationSource.ADVANCE):
                advance -= effect.total_paise
            case _:
                pass
    not_due = sum(plan.total_paise for plan in account.schedule if plan.number > billed)
    return Found(not_yet_due_paise=not_due, advance_paise=advance)


def _came_from(effect: Effect, reference_id: str) -> bool:
    match effect:
        case Allocated(source=AllocationSource.PAYMENT) | AdvanceHeld() | ExcessHeld():
            return effect.event_key == reference_id
        case _:
            return False
