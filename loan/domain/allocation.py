"""What a sum of money pays, and in which order: the waterfall as data, and the split as a function.

RBI prescribes no order for standard retail loans; the agreement governs. The default takes the
oldest instalment first, so that a small charge never leaves a sliver of an old instalment unpaid
with days past due running on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bright_credit.common.errors import InvalidInput


class Component(StrEnum):
    """What an amount owed is made of."""

    INTEREST = "INTEREST"
    PRINCIPAL = "PRINCIPAL"
    CHARGE = "CHARGE"
    PENAL_CHARGE = "PENAL_CHARGE"


class InvalidWaterfall(InvalidInput):
    """The order of allocation does not name every component once, an instalment's two together."""

    code = "invalid_waterfall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """An order of allocation: stages one after the other, and in each stage the oldest claim first.

    Within a claim the components of the stage are met in the order given. Interest and principal
    share a stage, because an instalment is paid whole before the next one is begun.
    """

    stages: tuple[tuple[Component, ...], ...]

    def __post_init__(self) -> None:
        named = [component for stage in self.stages for component in stage]
        if sorted(named) != sorted(Component):
            raise InvalidWaterfall("must name every component exactly once", field="waterfall")
        instalment = {Component.INTEREST, Component.PRINCIPAL}
        if not any(set(stage) == instalment for stage in self.stages):
            raise InvalidWaterfall("interest and principal must share a stage", field="waterfall")


OLDEST_INSTALMENT_FIRST = Waterfall(
    stages=(
        (Component.INTEREST, Component.PRINCIPAL),
        (Component.CHARGE,),
        (Component.PENAL_CHARGE,),
    )
)

CHARGES_FIRST = Waterfall(
    stages=(
        (Component.CHARGE,),
        (Component.PENAL_CHARGE,),
        (Component.INTEREST, Component.PRINCIPAL),
    )
)

PRINCIPAL_FIRST = Waterfall(
    stages=(
        (Component.PRINCIPAL, Component.INTEREST),
        (Component.CHARGE,),
        (Component.PENAL_CHARGE,),
    )
)


class AllocationOrder(StrEnum):
    """The orders of allocation that a product may have, by name."""

    OLDEST_INSTALMENT_FIRST = "OLDEST_INSTALMENT_FIRST"
    CHARGES_FIRST = "CHARGES_FIRST"
    PRINCIPAL_FIRST = "PRINCIPAL_FIRST"

    @property
    def waterfall(self) -> Waterfall:
        """Return the order itself."""
        return _WATERFALLS[self]

    @classmethod
    def of(cls, waterfall: Waterfall) -> "AllocationOrder":
        """Return the name of an order. Raises `InvalidWaterfall` for one that has none."""
        for order, known in _WATERFALLS.items():
            if known == waterfall:
                return order
        raise InvalidWaterfall("must be one that a product may have", field="waterfall")


_WATERFALLS: Mapping[AllocationOrder, Waterfall] = {
    AllocationOrder.OLDEST_INSTALMENT_FIRST: OLDEST_INSTALMENT_FIRST,
    AllocationOrder.CHARGES_FIRST: CHARGES_FIRST,
    AllocationOrder.PRINCIPAL_FIRST: PRINCIPAL_FIRST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Amounts of one instalment or of one charge: what is still asked of it, or what is met of it.

    Exactly one of `instalment_number` and `charge_key` is set.
    """

    instalment_number: int | None = None
    charge_key: str | None = None
    interest_paise: int = 0
    principal_paise: int = 0
    charge_paise: int = 0
    penal_paise: int = 0

    @property
    def total_paise(self) -> int:
        """Return all components together."""
        return self.interest_paise + self.principal_paise + self.charge_paise + self.penal_paise

    def amount_of(self, component: Component) -> int:
        """Return the paise of one component."""
        match component:
            case Component.INTEREST:
                return self.interest_paise
            case Component.PRINCIPAL:
                return self.principal_paise
            case Component.CHARGE:
                return self.charge_paise
            case Component.PENAL_CHARGE:
                return self.penal_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What a sum paid, in the order it was paid, and what was left of it."""

    portions: tuple[Portion, ...]
    unallocated_paise: int


def allocate(
    amount_paise: int, *, claims: Sequence[Portion], waterfall: Waterfall = OLDEST_INSTALMENT_FIRST
) -> Allocation:
    """Return how a sum meets the claims, which are given oldest first.

    Every portion is positive and within its claim; the portions and the rest make up the sum.
    """
    left_paise = amount_paise
    portions: list[Portion] = []
    for stage in waterfall.stages:
        for claim in claims:
            if left_paise <= 0:
                break
            portion = _met(claim, available_paise=left_paise, order=stage)
            if portion.total_paise > 0:
                portions.append(portion)
                left_paise -= portion.total_paise
    return Allocation(portions=tuple(portions), unallocated_paise=left_paise)


def _met(claim: Portion, *, available_paise: int, order: tuple[Component, ...]) -> Portion:
    taken: dict[Component, int] = {}
    for component in order:
        taken[component] = min(claim.amount_of(component), available_paise)
        available_paise -= taken[component]
    return Portion(
        instalment_number=claim.instalment_number,
        charge_key=claim.charge_key,
        interest_paise=taken.get(Component.INTEREST, 0),
        principal_paise=taken.get(Component.PRINCIPAL, 0),
        charge_paise=taken.get(Component.CHARGE, 0),
        penal_paise=taken.get(Component.PENAL_CHARGE, 0),
    )
