"""The personal loan's lending policy and a usual applicant, for the tests of underwriting."""

from loan.domain.eligibility import AffordabilitySlab, Applicant, PricingBand, ProductPolicy
from tests.unit.loan.histories import LAKH, RUPEE

PERSONAL_LOAN = ProductPolicy(
    minimum_amount_paise=25_000 * RUPEE,
    maximum_amount_paise=25 * LAKH,
    amount_step_paise=1_000 * RUPEE,
    minimum_tenure_months=6,
    maximum_tenure_months=60,
    minimum_annual_income_paise=180_000 * RUPEE,
    pricing_bands=(
        PricingBand(
            minimum_score=800, maximum_score=900, rate_bps=1_200, automatic_limit_paise=25 * LAKH
        ),
        PricingBand(
            minimum_score=750, maximum_score=799, rate_bps=1_400, automatic_limit_paise=25 * LAKH
        ),
        PricingBand(
            minimum_score=700, maximum_score=749, rate_bps=1_600, automatic_limit_paise=5 * LAKH
        ),
        PricingBand(minimum_score=650, maximum_score=699, rate_bps=2_000, automatic_limit_paise=0),
        PricingBand(
            minimum_score=600,
            maximum_score=649,
            rate_bps=2_400,
            automatic_limit_paise=0,
            amount_cap_paise=LAKH,
        ),
    ),
    affordability_slabs=(
        AffordabilitySlab(
            income_below_paise=25_000 * RUPEE, foir_cap_bps=4_000, income_multiplier=8
        ),
        AffordabilitySlab(
            income_below_paise=50_000 * RUPEE, foir_cap_bps=4_500, income_multiplier=12
        ),
        AffordabilitySlab(income_below_paise=LAKH, foir_cap_bps=5_000, income_multiplier=16),
        AffordabilitySlab(income_below_paise=None, foir_cap_bps=5_500, income_multiplier=20),
    ),
    maximum_recent_enquiries=5,
    maximum_recent_bounces=2,
    unverified_income_limit_paise=10 * LAKH,
)

#: Salaried, eighteen lakh a year, no credit history, a score of 720.
NEWCOMER = Applicant(
    annual_income_paise=18 * LAKH,
    employment_type="SALARIED",
    score=720,
    thin_file=True,
    has_bank_data=False,
    monthly_obligations_paise=0,
    active_loans=0,
    overdue=False,
    npa=False,
)
