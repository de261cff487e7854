"""What has to change when history is told anew: the recorded effects against those of the fold.

An event that comes late, or is taken back, leaves another history than the one recorded. The fold
gives that history whole; this compares it with what stands recorded from the event's date on (net
of all earlier corrections), and names what never happened after all and what did. Whoever writes
the two sides, and nothing else, has the books of the new history.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeAlias, TypeVar

from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    ClaimGivenUp,
    Effect,
    ExcessHeld,
    ExcessPaidBack,
    InstalmentBilled,
    InterestCapitalised,
    LoanWrittenOff,
    PenalLevied,
)

#: The effects that stand in rows or in the journal. What others say is in the position.
RecordedEffect: TypeAlias = (
    InstalmentBilled
    | InterestCapitalised
    | PenalLevied
    | ChargeBooked
    | Allocated
    | AdvanceHeld
    | ExcessHeld
    | ExcessPaidBack
    | LoanWrittenOff
    | ClaimGivenUp
)
_RECORDED = (
    InstalmentBilled,
    InterestCapitalised,
    PenalLevied,
    ChargeBooked,
    Allocated,
    AdvanceHeld,
    ExcessHeld,
    ExcessPaidBack,
    LoanWrittenOff,
    ClaimGivenUp,
)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Recorded(Generic[Row]):
    """An effect as it stands recorded, and the row that holds it."""

    effect: RecordedEffect
    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Generic[Row]):
    """What is recorded and did not happen, and what happened and is not recorded, in order."""

    vanished: tuple[Recorded[Row], ...]
    appeared: tuple[RecordedEffect, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the record is what happened already."""
        return not self.vanished and not self.appeared


def difference(
    recorded: Iterable[Recorded[Row]], told: Sequence[Effect], *, since: date
) -> Difference[Row]:
    """Return how the effects of a fold from `since` on differ from those recorded from then on.

    Equal effects are the same one, whichever row holds it: the order of a day's does not matter.
    """
    happened = [
        effect for effect in told if isinstance(effect, _RECORDED) and date_of(effect) >= since
    ]
    left = Counter(_identity(effect) for effect in happened)
    vanished = []
    for one in recorded:
        identity = _identity(one.effect)
        if left[identity] > 0:
            left[identity] -= 1
        else:
            vanished.append(one)
    appeared = []
    for effect in reversed(happened):  # those recorded are the first of their like
        identity = _identity(effect)
        if left[identity] > 0:
            left[identity] -= 1
            appeared.append(effect)
    return Difference(vanished=tuple(vanished), appeared=tuple(reversed(appeared)))


def date_of(effect: RecordedEffect) -> date:
    """Return the date on which an effect counts."""
    match effect:
        case InstalmentBilled(due_date=day) | PenalLevied(levied_on=day):
            return day
        case InterestCapitalised(on=day) | LoanWrittenOff(on=day) | ClaimGivenUp(on=day):
            return day
        case ChargeBooked(levied_on=day) | Allocated(value_date=day):
            return day
        case AdvanceHeld(value_date=day) | ExcessHeld(value_date=day):
            return day
        case ExcessPaidBack(value_date=day):
            return day


def _identity(effect: RecordedEffect) -> tuple[object, ...]:
    """Return what makes an effect the same as another: all of it, but for which event spent what
    was held."""
    match effect:
        case Allocated():
            own = effect.source is AllocationSource.PAYMENT or effect.source.is_given
            return (
                effect.source,
                effect.value_date,
                effect.event_key if own else None,
                effect.instalment_number,
                effect.charge_key,
                effect.interest_paise,
                effect.principal_paise,
                effect.charge_paise,
                effect.penal_paise,
                effect.gst_paise,
                effect.recovers,
            )
        case _:
            return (effect,)
