"""What is set aside for loans that may not be repaid: a rate of the exposure, by asset class.

RBI's norms for unsecured loans of an NBFC: 0.25 % of standard assets (0.40 % in the middle and
upper layer), 10 % of sub-standard ones, all of doubtful and loss assets, for the part without
security. A lender may set aside more, and never less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bright_credit.common.money import BPS_PER_WHOLE, round_up_to_paisa
from loan.domain.asset_class import AssetClass

WHOLE_BPS = BPS_PER_WHOLE

#: The least that the regulator asks, in basis points of the exposure, by class as state.
MINIMUM_RATES: Mapping[AssetClass, int] = {
    AssetClass.STANDARD: 25,
    AssetClass.SUBSTANDARD: 1_000,
    AssetClass.DOUBTFUL_1: WHOLE_BPS,
    AssetClass.DOUBTFUL_2: WHOLE_BPS,
    AssetClass.DOUBTFUL_3: WHOLE_BPS,
    AssetClass.LOSS: WHOLE_BPS,
}

#: What a new book begins with: of standard assets as in the upper layers, which suffices for all.
INITIAL_RATES: Mapping[AssetClass, int] = {**MINIMUM_RATES, AssetClass.STANDARD: 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a product's loans of one class owe on the books, in paise.

    That is principal, and of standard assets interest that was billed: of others it is in suspense.
    """

    product: str
    asset_class: AssetClass
    loans: int
    exposure_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionLine:
    """What is set aside for an exposure, at a rate in basis points."""

    exposure: Exposure
    rate_bps: int
    provision_paise: int


def provision_lines(
    exposures: Iterable[Exposure], *, rates: Mapping[AssetClass, int]
) -> tuple[ProvisionLine, ...]:
    """Return what is set aside for each exposure: rounded up, so that it is never too little.

    A rate below the regulator's counts as the regulator's.
    """
    lines = []
    for exposure in exposures:
        minimum = MINIMUM_RATES[exposure.asset_class]
        rate = max(minimum, rates.get(exposure.asset_class, minimum))
        share = round_up_to_paisa(Fraction(exposure.exposure_paise * rate, WHOLE_BPS))
        lines.append(ProvisionLine(exposure=exposure, rate_bps=rate, provision_paise=share))
    return tuple(lines)
