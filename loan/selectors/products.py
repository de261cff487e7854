"""Products, and the policy each one stands for."""

from collections.abc import Iterable
from datetime import date

from bright_credit.common.errors import NotFound
from credit.domain.scorecard import HIGHEST_SCORE
from loan import models
from loan.domain.allocation import AllocationOrder
from loan.domain.day_counts import DayCount
from loan.domain.eligibility import AffordabilitySlab, PricingBand, ProductPolicy
from loan.domain.frequency import Frequency
from loan.domain.penal import PenalSlab
from loan.domain.terms import (
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    Moratorium,
    MoratoriumInterest,
    SplitRounding,
)
from loan.models import LoanProduct


class ProductNotFound(NotFound):
    """There is no product with this code."""

    code = "product_not_found"


def product_by_code(code: str) -> LoanProduct:
    """Return the product with its pricing bands and slabs. Raises `ProductNotFound`."""
    product = (
        LoanProduct.objects.prefetch_related("pricing_bands", "slabs").filter(code=code).first()
    )
    if product is None:
        raise ProductNotFound("There is no product with this code.", field="product")
    return product


def policy_of(product: LoanProduct) -> ProductPolicy:
    """Return the product's lending policy as the core decides by it. Raises `InvalidPolicy`."""
    return policy_from(product, bands=product.pricing_bands.all(), slabs=product.slabs.all())


def policy_from(
    product: LoanProduct,
    *,
    bands: Iterable[models.PricingBand],
    slabs: Iterable[models.AffordabilitySlab],
) -> ProductPolicy:
    """Return the policy that a product would have with these bands and slabs, saved or not.

    Raises `InvalidPolicy`.
    """
    bands = sorted(bands, key=lambda band: band.minimum_score)
    ceilings = [*(band.minimum_score - 1 for band in bands[1:]), HIGHEST_SCORE][: len(bands)]
    slabs = sorted(slabs, key=lambda slab: slab.monthly_income_from_paise)
    bounds = [*(slab.monthly_income_from_paise for slab in slabs[1:]), None][: len(slabs)]
    return ProductPolicy(
        minimum_amount_paise=product.minimum_amount_paise,
        maximum_amount_paise=product.maximum_amount_paise,
        amount_step_paise=product.amount_step_paise,
        minimum_tenure_months=product.minimum_tenure_months,
        maximum_tenure_months=product.maximum_tenure_months,
        minimum_annual_income_paise=product.minimum_annual_income_paise,
        minimum_age_years=product.minimum_age_years,
        maximum_age_at_maturity_years=product.maximum_age_at_maturity_years,
        maximum_age_self_employed_years=product.maximum_age_self_employed_years,
        maximum_active_loans=product.maximum_active_loans,
        requires_verified_kyc=product.requires_verified_kyc,
        excluded_employment_types=tuple(product.excluded_employment_types),
        maximum_recent_enquiries=product.maximum_recent_enquiries,
        maximum_recent_bounces=product.maximum_recent_bounces,
        unverified_income_limit_paise=product.unverified_income_limit_paise,
        interest_method=InterestMethod(product.interest_method),
        instalment_rounding=InstalmentRounding(product.instalment_rounding),
        split_rounding=SplitRounding(product.split_rounding),
        frequency=Frequency(product.frequency),
        moratorium=Moratorium(
            principal_periods=product.principal_moratorium_periods,
            interest_periods=product.interest_moratorium_periods,
            interest=MoratoriumInterest(product.moratorium_interest),
        ),
        pricing_bands=tuple(
            PricingBand(
                minimum_score=band.minimum_score,
                maximum_score=ceiling,
                rate_bps=band.annual_rate_bps,
                automatic_limit_paise=band.automatic_limit_paise,
                amount_cap_paise=band.amount_cap_paise,
            )
            for band, ceiling in zip(bands, ceilings, strict=True)
        ),
        affordability_slabs=tuple(
            AffordabilitySlab(
                income_below_paise=bound,
                foir_cap_bps=slab.foir_cap_bps,
                income_multiplier=slab.income_multiplier,
            )
            for slab, bound in zip(slabs, bounds, strict=True)
        ),
    )


def slabs_of(pairs: object) -> tuple[PenalSlab, ...]:
    """Return penal slabs from their stored pairs of days and paise. Raises `InvalidTerms`."""
    rows = pairs if isinstance(pairs, list) else [pairs]
    slabs = []
    for row in rows:
        match row:
            case [int(days), int(paise)]:
                slabs.append(PenalSlab(after_days=days, amount_paise=paise))
            case _:
                raise InvalidTerms("must be pairs of days past due and paise", field="penal_slabs")
    return tuple(slabs)


def terms_for(
    product: LoanProduct,
    *,
    principal_paise: int,
    tenure_months: int,
    annual_rate_bps: int,
    disbursed_on: date,
    first_due_date: date | None = None,
) -> LoanTerms:
    """Return the terms of a loan of this product. Raises `InvalidTerms`.

    `first_due_date` is that of the product's rule unless given: the first date that leaves the
    minimum gap, put off by the periods in which nothing is due.
    """
    frequency = Frequency(product.frequency)
    if first_due_date is None:
        first_due_date = frequency.shifted(
            frequency.first_due_date(
                disbursed_on, due_day=product.due_day, minimum_gap_days=product.minimum_gap_days
            ),
            product.interest_moratorium_periods,
            anchor_day=product.due_day,
        )
    return LoanTerms(
        principal_paise=principal_paise,
        annual_rate_bps=annual_rate_bps,
        tenure_months=tenure_months,
        interest_method=InterestMethod(product.interest_method),
        instalment_rounding=InstalmentRounding(product.instalment_rounding),
        split_rounding=SplitRounding(product.split_rounding),
        disbursed_on=disbursed_on,
        first_due_date=first_due_date,
        due_day=product.due_day,
        frequency=frequency,
        day_count=DayCount(product.day_count),
        broken_period_interest=BrokenPeriodInterest(product.broken_period_interest),
        principal_moratorium_periods=product.principal_moratorium_periods,
        interest_moratorium_periods=product.interest_moratorium_periods,
        moratorium_interest=MoratoriumInterest(product.moratorium_interest),
        penal_grace_days=product.penal_grace_days,
        penal_charge_paise=product.penal_charge_paise,
        penal_rate_bps=product.penal_rate_bps,
        penal_slabs=slabs_of(product.penal_slabs),
        bounce_charge_paise=product.bounce_charge_paise,
        waterfall=AllocationOrder(product.allocation_order).waterfall,
        npa_waterfall=(
            AllocationOrder(product.npa_allocation_order).waterfall
            if product.npa_allocation_order
            else None
        ),
        foreclosure_charge_bps=product.foreclosure_charge_bps,
    )
