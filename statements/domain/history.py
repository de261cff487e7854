"""What a loan's history says of its charges and payments, read from the effects of its replay.

The replay and not the stored rows, because the clock's work counts from its day on, whether the
billing run of that day has been made or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from loan.domain.effects import Allocated, AllocationSource, ChargeBooked, Effect, PenalLevied
from loan.domain.events import ChargeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """A charge with the tax in it, and what was paid and waived of it by the day, in paise."""

    key: str
    kind: ChargeKind
    levied_on: date
    amount_paise: int
    paid_paise: int
    waived_paise: int = 0
    gst_paise: int = 0

    @property
    def outstanding_paise(self) -> int:
        """What is still owed of it."""
        return self.amount_paise - self.paid_paise - self.waived_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationLine:
    """Money that met an instalment or a charge. `payment_key` is None for money that was held."""

    payment_key: str | None
    value_date: date
    instalment_number: int | None
    charge_key: str | None
    interest_paise: int
    principal_paise: int
    charge_paise: int


def allocation_lines(effects: Iterable[Effect]) -> tuple[AllocationLine, ...]:
    """Return every allocation of money, in the order they were made."""
    return tuple(
        AllocationLine(
            payment_key=effect.event_key if effect.source is AllocationSource.PAYMENT else None,
            value_date=effect.value_date,
            instalment_number=effect.instalment_number,
            charge_key=effect.charge_key,
            interest_paise=effect.interest_paise,
            principal_paise=effect.principal_paise,
            charge_paise=effect.charge_paise + effect.penal_paise,
        )
        for effect in effects
        if isinstance(effect, Allocated) and effect.source is not AllocationSource.WAIVER
    )


def charge_lines(effects: Iterable[Effect]) -> tuple[ChargeLine, ...]:
    """Return every charge with what was paid of it, in the order of levy."""
    lines: dict[str, ChargeLine] = {}
    for effect in effects:
        match effect:
            case PenalLevied() | ChargeBooked():
                lines[effect.key] = ChargeLine(
                    key=effect.key,
                    kind=ChargeKind.PENAL if isinstance(effect, PenalLevied) else effect.kind,
                    levied_on=effect.levied_on,
                    amount_paise=effect.amount_paise,
                    paid_paise=0,
                    gst_paise=effect.gst_paise if isinstance(effect, ChargeBooked) else 0,
                )
            case Allocated(source=AllocationSource.WAIVER, charge_key=str(key)):
                line = lines[key]
                lines[key] = replace(line, waived_paise=line.waived_paise + effect.total_paise)
            case Allocated(charge_key=str(key)):
                line = lines[key]
                lines[key] = replace(line, paid_paise=line.paid_paise + effect.total_paise)
    return tuple(lines.values())
