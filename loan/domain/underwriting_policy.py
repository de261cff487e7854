"""A product's rules of lending, as values: limits, prices by score, affordability by income."""

from dataclasses import dataclass
from itertools import pairwise

from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import format_rupees
from loan.domain.frequency import MONTHS_PER_YEAR, Frequency
from loan.domain.terms import (
    MAX_ANNUAL_RATE_BPS,
    NO_MORATORIUM,
    InstalmentRounding,
    InterestMethod,
    Moratorium,
    SplitRounding,
)


class InvalidPolicy(InvalidInput):
    """A product's rules contradict themselves; the field says which."""

    code = "invalid_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingBand:
    """The price for scores from `minimum_score` to `maximum_score`, both included.

    `automatic_limit_paise` is the largest amount approved without a person (0: none);
    `amount_cap_paise` the largest amount lent at all in the band (None: the product's).
    """

    minimum_score: int
    maximum_score: int
    rate_bps: int
    automatic_limit_paise: int
    amount_cap_paise: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffordabilitySlab:
    """For net monthly incomes below a bound: how much of them instalments may take, and how large
    a loan may be.

    `income_below_paise` is None in the slab of the highest incomes. `foir_cap_bps` caps fixed
    obligations to income; `income_multiplier` is the largest loan in months of income.
    """

    income_below_paise: int | None
    foir_cap_bps: int
    income_multiplier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPolicy:
    """What a product lends, to whom, and how instalments are reckoned for its price.

    Limits of None are not applied. `unverified_income_limit_paise` is the largest amount approved
    on a declared income alone, without bank data. Scores outside all bands are declined. Slabs go
    from low incomes to high, the last one without a bound. Raises `InvalidPolicy`.
    """

    minimum_amount_paise: int
    maximum_amount_paise: int
    amount_step_paise: int
    minimum_tenure_months: int
    maximum_tenure_months: int
    minimum_annual_income_paise: int
    pricing_bands: tuple[PricingBand, ...]
    affordability_slabs: tuple[AffordabilitySlab, ...]
    interest_method: InterestMethod = InterestMethod.REDUCING_BALANCE
    instalment_rounding: InstalmentRounding = InstalmentRounding.RUPEE
    split_rounding: SplitRounding = SplitRounding.PAISA
    frequency: Frequency = Frequency.MONTHLY
    moratorium: Moratorium = NO_MORATORIUM
    minimum_age_years: int = 21
    maximum_age_at_maturity_years: int = 60
    maximum_age_self_employed_years: int = 65
    maximum_active_loans: int = 2
    requires_verified_kyc: bool = False
    excluded_employment_types: tuple[str, ...] = ("UNEMPLOYED",)
    maximum_recent_enquiries: int | None = None
    maximum_recent_bounces: int | None = None
    unverified_income_limit_paise: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.minimum_amount_paise <= self.maximum_amount_paise:
            raise InvalidPolicy("amounts must be positive and ordered", field="minimum_amount")
        if self.amount_step_paise <= 0:
            raise InvalidPolicy("must be more than zero", field="amount_step")
        if not 0 < self.minimum_tenure_months <= self.maximum_tenure_months:
            raise InvalidPolicy("tenures must be positive and ordered", field="minimum_tenure")
        if any(not 0 <= band.rate_bps <= MAX_ANNUAL_RATE_BPS for band in self.pricing_bands):
            raise InvalidPolicy("a rate is beyond any possible one", field="pricing_bands")
        periods = self.frequency.periods_in(self.minimum_tenure_months)
        if self.moratorium.principal_periods >= periods:
            raise InvalidPolicy(
                f"must be shorter than the shortest loan, which has {periods} instalments",
                field="principal_moratorium_periods",
            )
        bands = sorted(self.pricing_bands, key=lambda band: band.minimum_score)
        if any(lower.maximum_score >= upper.minimum_score for lower, upper in pairwise(bands)):
            raise InvalidPolicy("two bands share a score", field="pricing_bands")
        bounds = [slab.income_below_paise for slab in self.affordability_slabs]
        rising = [bound for bound in bounds[:-1] if bound is not None]
        if not bounds or bounds[-1] is not None or len(rising) < len(bounds) - 1:
            raise InvalidPolicy("the last slab alone has no bound", field="affordability_slabs")
        if any(low >= high for low, high in pairwise([0, *rising])):
            raise InvalidPolicy("bounds of income must rise", field="affordability_slabs")

    def offers_amount(self, amount_paise: int) -> bool:
        """Return whether the product lends this very amount."""
        within = self.minimum_amount_paise <= amount_paise <= self.maximum_amount_paise
        return within and amount_paise % self.amount_step_paise == 0

    def offers_tenure(self, tenure_months: int) -> bool:
        """Return whether the product lends for this many months."""
        within = self.minimum_tenure_months <= tenure_months <= self.maximum_tenure_months
        return within and self.frequency.divides(tenure_months)

    @property
    def amount_limits(self) -> str:
        """Return what amounts are lent, in words."""
        return (
            f"{format_rupees(self.minimum_amount_paise)} to "
            f"{format_rupees(self.maximum_amount_paise)}, in steps of "
            f"{format_rupees(self.amount_step_paise)}"
        )

    @property
    def tenure_limits(self) -> str:
        """Return over how many months is lent, in words."""
        limits = f"{self.minimum_tenure_months} to {self.maximum_tenure_months} months"
        step = self.frequency.months
        return f"{limits}, in steps of {step}" if step > 1 else limits

    def band_for(self, score: int) -> PricingBand | None:
        """Return the band a score falls into, or None when it has no price."""
        for band in self.pricing_bands:
            if band.minimum_score <= score <= band.maximum_score:
                return band
        return None

    def slab_for(self, annual_income_paise: int) -> AffordabilitySlab:
        """Return the slab of a yearly income; compared by the year, so that no month is rounded."""
        for slab in self.affordability_slabs:
            bound = slab.income_below_paise
            if bound is None or annual_income_paise < bound * MONTHS_PER_YEAR:
                return slab
        raise InvalidPolicy("no slab covers the income", field="affordability_slabs")

    def maximum_age_for(self, employment_type: str) -> int:
        """Return the age a borrower may have reached when the last instalment falls due."""
        if employment_type == "SELF_EMPLOYED":
            return self.maximum_age_self_employed_years
        return self.maximum_age_at_maturity_years
