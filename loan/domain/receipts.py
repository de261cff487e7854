"""What became of a payment, summed over the effects of the step that took it."""

from collections.abc import Iterable
from dataclasses import dataclass

from loan.domain.effects import AdvanceHeld, Allocated, AllocationSource, Effect, ExcessHeld


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSplit:
    """The six parts of a payment, in paise. They add up to its amount."""

    interest_paise: int
    principal_paise: int
    charges_paise: int
    penal_paise: int
    advance_paise: int
    excess_paise: int


def payment_split(effects: Iterable[Effect]) -> PaymentSplit:
    """Return how the payment among these effects was used. What advances met is not its part."""
    effects = tuple(effects)
    met = [
        effect
        for effect in effects
        if isinstance(effect, Allocated) and effect.source is AllocationSource.PAYMENT
    ]
    return PaymentSplit(
        interest_paise=sum(effect.interest_paise for effect in met),
        principal_paise=sum(effect.principal_paise for effect in met),
        charges_paise=sum(effect.charge_paise for effect in met),
        penal_paise=sum(effect.penal_paise for effect in met),
        advance_paise=sum(
            effect.amount_paise for effect in effects if isinstance(effect, AdvanceHeld)
        ),
        excess_paise=sum(
            effect.amount_paise for effect in effects if isinstance(effect, ExcessHeld)
        ),
    )
