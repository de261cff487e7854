"""What is known when an application is decided: the applicant, the request, and the price of it."""

from dataclasses import dataclass

from bright_credit.common.money import BPS_PER_WHOLE, ratio_in_bps
from loan.domain.frequency import MONTHS_PER_YEAR
from loan.domain.schedule import usual_instalment
from loan.domain.underwriting_policy import PricingBand, ProductPolicy

#: Ratios of obligations to income are reported up to 10,000 %; beyond that the figure says nothing.
FOIR_REPORTED_AT_MOST_BPS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What is known of the applicant on the day of the application.

    `monthly_obligations_paise` are instalments paid elsewhere and with us. `thin_file` means too
    little credit history to judge by, which is never by itself a reason to refuse. `overdue` and
    `npa` speak of loans with us. `recent_enquiries` is None when not known.
    """

    annual_income_paise: int
    employment_type: str
    score: int
    thin_file: bool
    has_bank_data: bool
    monthly_obligations_paise: int
    active_loans: int
    overdue: bool
    npa: bool
    age_years: int | None = None
    recent_enquiries: int | None = None
    bounces_recent: int = 0
    kyc_status: str = "DECLARED"
    duplicate_application: bool = False
    in_cooldown: bool = False
    fraud_suspected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRequest:
    """What is asked for."""

    amount_paise: int
    tenure_months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request by an applicant under a product's policy."""

    request: LoanRequest
    applicant: Applicant
    policy: ProductPolicy

    @property
    def band(self) -> PricingBand | None:
        """Return the pricing band of the applicant's score; None is a score below all bands."""
        return self.policy.band_for(self.applicant.score)

    @property
    def amount_is_offered(self) -> bool:
        """Return whether the product lends this very amount."""
        return self.policy.offers_amount(self.request.amount_paise)

    @property
    def tenure_is_offered(self) -> bool:
        """Return whether the product lends for this many months."""
        return self.policy.offers_tenure(self.request.tenure_months)

    @property
    def instalment_paise(self) -> int | None:
        """Return the instalment at the applicant's price; None if no such loan is priced."""
        band = self.band
        if band is None or not self.amount_is_offered or not self.tenure_is_offered:
            return None
        return usual_instalment(
            self.request.amount_paise,
            method=self.policy.interest_method,
            annual_rate_bps=band.rate_bps,
            tenure_months=self.request.tenure_months,
            rounding=self.policy.instalment_rounding,
            split_rounding=self.policy.split_rounding,
            frequency=self.policy.frequency,
            moratorium=self.policy.moratorium,
        )

    @property
    def yearly_obligations_paise(self) -> int | None:
        """Return what the instalments of a year and other obligations take; None as above."""
        instalment_paise = self.instalment_paise
        if instalment_paise is None:
            return None
        own_paise = instalment_paise * self.policy.frequency.periods_per_year
        return own_paise + self.applicant.monthly_obligations_paise * MONTHS_PER_YEAR

    @property
    def foir_bps(self) -> int | None:
        """Return fixed obligations, this instalment among them, to monthly income; rounded up."""
        yearly_paise, income_paise = (
            self.yearly_obligations_paise,
            self.applicant.annual_income_paise,
        )
        if yearly_paise is None or income_paise <= 0:
            return None
        ratio = ratio_in_bps(yearly_paise, whole_paise=income_paise)
        return min(ratio, FOIR_REPORTED_AT_MOST_BPS)

    @property
    def foir_cap_bps(self) -> int:
        """Return the most of this income that fixed obligations may take."""
        return self.policy.slab_for(self.applicant.annual_income_paise).foir_cap_bps

    @property
    def is_affordable(self) -> bool:
        """Return whether the instalment and other obligations stay within the cap. Exact."""
        yearly_paise = self.yearly_obligations_paise
        if yearly_paise is None:
            return False
        yearly_cap = self.applicant.annual_income_paise * self.foir_cap_bps
        return yearly_paise * BPS_PER_WHOLE <= yearly_cap

    @property
    def multiplier_is_halved(self) -> bool:
        """Return whether the income multiplier is halved, with no history nor bank data to see."""
        return self.applicant.thin_file and not self.applicant.has_bank_data

    @property
    def multiplier_cap_paise(self) -> int:
        """Return the largest loan by the income multiplier, in whole paise, rounded down."""
        income_paise = max(0, self.applicant.annual_income_paise)
        multiplier = self.policy.slab_for(income_paise).income_multiplier
        parts = MONTHS_PER_YEAR * (2 if self.multiplier_is_halved else 1)
        return income_paise * multiplier // parts

    def matures_within_age(self, tenure_months: int) -> bool:
        """Return whether the borrower is old enough now, and not too old at the last due date.

        An age that is not known is not judged.
        """
        age_years = self.applicant.age_years
        if age_years is None:
            return True
        limit_years = self.policy.maximum_age_for(self.applicant.employment_type)
        at_maturity_months = age_years * MONTHS_PER_YEAR + tenure_months
        return (
            age_years >= self.policy.minimum_age_years
            and at_maturity_months <= limit_years * MONTHS_PER_YEAR
        )
