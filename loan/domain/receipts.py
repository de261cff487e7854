"""What became of a payment, summed over the effects of the step that took it."""

from collections.abc import Iterable, Mapping
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


NOTHING = PaymentSplit(
    interest_paise=0,
    principal_paise=0,
    charges_paise=0,
    penal_paise=0,
    advance_paise=0,
    excess_paise=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """What one part of a payment met: an instalment, or a charge. Amounts in paise."""

    instalment_number: int | None
    charge_key: str | None
    interest_paise: int
    principal_paise: int
    charge_paise: int


def payment_lines(effects: Iterable[Effect], key: str) -> tuple[PaymentLine, ...]:
    """Return what the parts of the payment with this key met, in their order."""
    return tuple(
        PaymentLine(
            instalment_number=effect.instalment_number,
            charge_key=effect.charge_key,
            interest_paise=effect.interest_paise,
            principal_paise=effect.principal_paise,
            charge_paise=effect.charge_paise + effect.penal_paise,
        )
        for effect in effects
        if isinstance(effect, Allocated)
        and effect.source is AllocationSource.PAYMENT
        and effect.event_key == key
    )


def payment_splits(effects: Iterable[Effect]) -> Mapping[str, PaymentSplit]:
    """Return how each payment of a history was used, by the key of its event."""
    parts: dict[str, list[int]] = {}
    for effect in effects:
        match effect:
            case Allocated(source=AllocationSource.PAYMENT, event_key=str(key)):
                sums = parts.setdefault(key, [0] * 6)
                sums[0] += effect.interest_paise
                sums[1] += effect.principal_paise
                sums[2] += effect.charge_paise
                sums[3] += effect.penal_paise
            case AdvanceHeld(event_key=key):
                parts.setdefault(key, [0] * 6)[4] += effect.amount_paise
            case ExcessHeld(event_key=key):
                parts.setdefault(key, [0] * 6)[5] += effect.amount_paise
    return {
        key: PaymentSplit(
            interest_paise=sums[0],
            principal_paise=sums[1],
            charges_paise=sums[2],
            penal_paise=sums[3],
            advance_paise=sums[4],
            excess_paise=sums[5],
        )
        for key, sums in parts.items()
    }
