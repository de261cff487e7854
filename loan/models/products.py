"""Loan products: what is offered, at what price, to whom. Data that operations edit in admin."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from loan.domain.allocation import AllocationOrder
from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.terms import (
    BrokenPeriodInterest,
    FeeCollection,
    InstalmentRounding,
    InterestMethod,
    MoratoriumInterest,
    SplitRounding,
)
from users.models import Borrower


def excluded_by_default() -> list[str]:
    """Return the employment types a new product does not lend to."""
    return [Borrower.EmploymentType.UNEMPLOYED.value]


class LoanProduct(models.Model):
    """The rules that every loan of one kind is made by. A loan copies its terms at disbursement."""

    class InterestMethods(models.TextChoices):
        REDUCING_BALANCE = InterestMethod.REDUCING_BALANCE.value, "Reducing balance (EMI)"
        FLAT = InterestMethod.FLAT.value, "Flat"
        EQUAL_PRINCIPAL = InterestMethod.EQUAL_PRINCIPAL.value, "Equal principal"
        INTEREST_ONLY = InterestMethod.INTEREST_ONLY.value, "Interest only, principal at the end"

    class InstalmentRoundings(models.TextChoices):
        PAISA = InstalmentRounding.PAISA.value, "To a paisa"
        RUPEE = InstalmentRounding.RUPEE.value, "To a rupee"
        RUPEE_UP = InstalmentRounding.RUPEE_UP.value, "Up to a rupee"

    class SplitRoundings(models.TextChoices):
        PAISA = SplitRounding.PAISA.value, "To a paisa"
        RUPEE = SplitRounding.RUPEE.value, "To a rupee"

    class Frequencies(models.TextChoices):
        MONTHLY = Frequency.MONTHLY.value, "Monthly"
        QUARTERLY = Frequency.QUARTERLY.value, "Quarterly"
        FORTNIGHTLY = Frequency.FORTNIGHTLY.value, "Fortnightly"
        WEEKLY = Frequency.WEEKLY.value, "Weekly"

    class DayCounts(models.TextChoices):
        EQUAL_PERIODS = DayCount.EQUAL_PERIODS.value, "Equal periods (monthly rests)"
        THIRTY_360 = DayCount.THIRTY_360.value, "30/360"
        THIRTY_E_360 = DayCount.THIRTY_E_360.value, "30E/360"
        ACTUAL_365 = DayCount.ACTUAL_365.value, "Actual/365"
        ACTUAL_360 = DayCount.ACTUAL_360.value, "Actual/360"
        ACTUAL_ACTUAL = DayCount.ACTUAL_ACTUAL.value, "Actual/actual (ISDA)"

    class BrokenPeriodInterests(models.TextChoices):
        NONE = BrokenPeriodInterest.NONE.value, "Not charged"
        UPFRONT = BrokenPeriodInterest.UPFRONT.value, "Kept back from the disbursement"
        WITH_FIRST_INSTALMENT = (
            BrokenPeriodInterest.WITH_FIRST_INSTALMENT.value,
            "With the first instalment",
        )

    class MoratoriumInterests(models.TextChoices):
        WITH_FIRST_INSTALMENT = (
            MoratoriumInterest.WITH_FIRST_INSTALMENT.value,
            "With the first instalment",
        )
        WITH_LAST_INSTALMENT = (
            MoratoriumInterest.WITH_LAST_INSTALMENT.value,
            "With the last instalment",
        )
        CAPITALISED = MoratoriumInterest.CAPITALISED.value, "Added to the principal at its end"

    class FeeCollections(models.TextChoices):
        NETTED = FeeCollection.NETTED.value, "Deducted from the payout"
        PAID = FeeCollection.PAID.value, "Paid by the borrower, as a charge"

    class AllocationOrders(models.TextChoices):
        OLDEST_INSTALMENT_FIRST = (
            AllocationOrder.OLDEST_INSTALMENT_FIRST.value,
            "Oldest instalment, charges, penal charges",
        )
        CHARGES_FIRST = (
            AllocationOrder.CHARGES_FIRST.value,
            "Charges, penal charges, oldest instalment",
        )
        PRINCIPAL_FIRST = (
            AllocationOrder.PRINCIPAL_FIRST.value,
            "Oldest instalment, principal before interest; charges, penal charges",
        )

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=100)
    open_to_applications = models.BooleanField(
        default=True, help_text="Closed products keep their loans and take no new ones."
    )

    interest_method = models.CharField(max_length=20, choices=InterestMethods)
    instalment_rounding = models.CharField(max_length=10, choices=InstalmentRoundings)
    split_rounding = models.CharField(max_length=10, choices=SplitRoundings)
    day_count = models.CharField(
        max_length=15,
        choices=DayCounts,
        default=DayCounts.EQUAL_PERIODS,
        db_default=DayCounts.EQUAL_PERIODS,
        help_text="How the days of a period make a part of a year.",
    )
    indicative_rate_bps = models.PositiveIntegerField(
        help_text="The yearly rate a quote shows when no borrower is named. 1600 is 16 %."
    )

    minimum_amount_paise = models.BigIntegerField()
    maximum_amount_paise = models.BigIntegerField()
    amount_step_paise = models.BigIntegerField()
    minimum_tenure_months = models.PositiveSmallIntegerField()
    maximum_tenure_months = models.PositiveSmallIntegerField()

    minimum_annual_income_paise = models.BigIntegerField()
    minimum_age_years = models.PositiveSmallIntegerField(default=21)
    maximum_age_at_maturity_years = models.PositiveSmallIntegerField(default=60)
    maximum_age_self_employed_years = models.PositiveSmallIntegerField(default=65)
    maximum_active_loans = models.PositiveSmallIntegerField(default=2)
    requires_verified_kyc = models.BooleanField(default=False)
    excluded_employment_types = ArrayField(
        models.CharField(max_length=13, choices=Borrower.EmploymentType),
        default=excluded_by_default,
        blank=True,
    )
    maximum_recent_enquiries = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Most applications in 90 days; empty: not limited."
    )
    maximum_recent_bounces = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Most returned payments in 6 months; empty: not limited."
    )
    unverified_income_limit_paise = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Largest amount approved without a person on a declared income; empty: any.",
    )

    frequency = models.CharField(
        max_length=12,
        choices=Frequencies,
        default=Frequencies.MONTHLY,
        db_default=Frequencies.MONTHLY,
        help_text="How far apart instalments are.",
    )
    due_day = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Day of the month instalments fall due; empty when repaid by weeks.",
    )
    minimum_gap_days = models.PositiveSmallIntegerField(
        help_text="Fewest days from disbursement to the first due date."
    )

    broken_period_interest = models.CharField(
        max_length=21,
        choices=BrokenPeriodInterests,
        default=BrokenPeriodInterests.NONE,
        db_default=BrokenPeriodInterests.NONE,
        help_text="Interest of the days between disbursement and the first whole period.",
    )
    principal_moratorium_periods = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="First periods in which no principal is repaid."
    )
    interest_moratorium_periods = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Those among them in which nothing at all is paid."
    )
    moratorium_interest = models.CharField(
        max_length=21,
        choices=MoratoriumInterests,
        default=MoratoriumInterests.WITH_FIRST_INSTALMENT,
        db_default=MoratoriumInterests.WITH_FIRST_INSTALMENT,
        help_text="When the interest of periods without a payment is paid.",
    )

    processing_fee_bps = models.PositiveIntegerField(default=0)
    fee_gst_bps = models.PositiveIntegerField(default=1800)
    fee_collection = models.CharField(
        max_length=10,
        choices=FeeCollections,
        default=FeeCollections.NETTED,
        db_default=FeeCollections.NETTED,
        help_text="How the processing fee is collected; a loan keeps what it was paid out with.",
    )
    penal_grace_days = models.PositiveSmallIntegerField(default=3)
    penal_charge_paise = models.BigIntegerField(
        default=0,
        help_text="Flat charge, in paise, for each instalment missed beyond the grace days.",
    )
    penal_rate_bps = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="In the place of the flat charge: a year, on what is unpaid of an instalment, "
        "levied after the grace days and every 30 days then. 1200 is 12 %.",
    )
    penal_slabs = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="In the place of either: pairs of days past due and paise, such as "
        "[[7, 25000], [30, 50000]].",
    )
    foreclosure_charge_bps = models.PositiveIntegerField(
        db_default=0,
        default=0,
        help_text="Charge for closing a loan early, of the principal not yet due. 200 is 2 %. RBI "
        "allows none on floating rates, and on fixed ones only what the Key Facts Statement says.",
    )

    cooling_off_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days from disbursement in which a loan may be given back, one at least. Empty: "
        "the lender's own.",
    )
    cooling_off_returns_fee = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether the processing fee is returned with a loan given back in that time. RBI "
        "lets a lender keep it where the Key Facts Statement says so.",
    )

    bounce_charge_paise = models.BigIntegerField(
        default=0,
        db_default=0,
        help_text="For each payment that bounces, in paise; GST comes on top. 0: none.",
    )

    allocation_order = models.CharField(
        max_length=30,
        choices=AllocationOrders,
        db_default=AllocationOrder.OLDEST_INSTALMENT_FIRST.value,
        default=AllocationOrder.OLDEST_INSTALMENT_FIRST.value,
        help_text="What a payment meets first; a loan keeps the order it was paid out with.",
    )
    npa_allocation_order = models.CharField(
        max_length=30,
        choices=AllocationOrders,
        blank=True,
        default="",
        db_default="",
        help_text="What a payment meets first on a loan that is 90 days past due, until its "
        "arrears are paid. Empty: as before.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(allocation_order__in=[order.value for order in AllocationOrder]),
                name="product_allocation_order_is_known",
            ),
            models.CheckConstraint(
                condition=Q(npa_allocation_order__in=["", *AllocationOrder]),
                name="product_npa_allocation_order_is_known",
            ),
            models.CheckConstraint(
                condition=Q(fee_collection__in=[way.value for way in FeeCollection]),
                name="product_fee_collection_is_known",
            ),
            models.CheckConstraint(
                condition=Q(bounce_charge_paise__gte=0),
                name="product_bounce_charge_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(foreclosure_charge_bps__lte=1000),
                name="product_foreclosure_charge_is_at_most_10_percent",
            ),
            models.CheckConstraint(
                condition=Q(cooling_off_days__isnull=True) | Q(cooling_off_days__gte=1),
                name="product_cooling_off_is_at_least_a_day",
            ),
            models.CheckConstraint(
                condition=Q(minimum_amount_paise__gt=0)
                & Q(minimum_amount_paise__lte=F("maximum_amount_paise")),
                name="product_amounts_are_positive_and_ordered",
            ),
            models.CheckConstraint(
                condition=Q(amount_step_paise__gt=0), name="product_amount_step_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(minimum_tenure_months__gte=1)
                & Q(minimum_tenure_months__lte=F("maximum_tenure_months"))
                & Q(maximum_tenure_months__lte=360),
                name="product_tenures_are_ordered_and_at_most_360",
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=["MONTHLY", "QUARTERLY"])
                & Q(due_day__gte=1)
                & Q(due_day__lte=31)
                & Q(due_day__isnull=False)
                | Q(frequency__in=["FORTNIGHTLY", "WEEKLY"], due_day__isnull=True),
                name="product_due_day_is_1_to_31_or_empty_when_repaid_by_weeks",
            ),
            models.CheckConstraint(
                condition=Q(interest_moratorium_periods__lte=F("principal_moratorium_periods")),
                name="product_interest_moratorium_is_within_that_of_principal",
            ),
            models.CheckConstraint(
                condition=~Q(moratorium_interest="CAPITALISED")
                | (Q(interest_moratorium_periods__gt=0) & ~Q(interest_method="FLAT")),
                name="product_capitalises_only_moratorium_interest_and_never_flat",
            ),
            models.CheckConstraint(
                condition=Q(penal_charge_paise=0, penal_rate_bps=0)
                | Q(penal_charge_paise=0, penal_slabs=[])
                | Q(penal_rate_bps=0, penal_slabs=[]),
                name="product_has_one_rule_of_penal_charges",
            ),
            models.CheckConstraint(
                condition=Q(penal_charge_paise__gte=0), name="product_penal_charge_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(processing_fee_bps__lte=1000) & Q(fee_gst_bps__lte=2800),
                name="product_fee_is_at_most_10_percent_and_gst_at_most_28",
            ),
            models.CheckConstraint(
                condition=Q(indicative_rate_bps__lte=6000),
                name="product_indicative_rate_is_at_most_60_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PricingBand(models.Model):
    """The price from a score up to the next band's; a score below all bands is declined."""

    product = models.ForeignKey(LoanProduct, on_delete=models.CASCADE, related_name="pricing_bands")
    minimum_score = models.PositiveSmallIntegerField()
    annual_rate_bps = models.PositiveIntegerField()
    automatic_limit_paise = models.BigIntegerField(
        help_text="Largest amount approved without a person; 0 refers every application."
    )
    amount_cap_paise = models.BigIntegerField(
        null=True, blank=True, help_text="Largest amount lent at all in this band."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "minimum_score"], name="one_pricing_band_a_score"
            ),
            models.CheckConstraint(
                condition=Q(minimum_score__gte=300) & Q(minimum_score__lte=900),
                name="pricing_band_score_is_300_to_900",
            ),
            models.CheckConstraint(
                condition=Q(annual_rate_bps__lte=6000),
                name="pricing_band_rate_is_at_most_60_percent",
            ),
            models.CheckConstraint(
                condition=Q(automatic_limit_paise__gte=0)
                & (Q(amount_cap_paise__isnull=True) | Q(amount_cap_paise__gt=0)),
                name="pricing_band_limits_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} from {self.minimum_score}"


class AffordabilitySlab(models.Model):
    """How much of a net monthly income instalments may take, from an income upwards."""

    product = models.ForeignKey(LoanProduct, on_delete=models.CASCADE, related_name="slabs")
    monthly_income_from_paise = models.BigIntegerField()
    foir_cap_bps = models.PositiveIntegerField(
        help_text="Most of the income that instalments may take. 5500 is 55 %."
    )
    income_multiplier = models.PositiveSmallIntegerField(
        help_text="Largest loan as a multiple of the net monthly income."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "monthly_income_from_paise"], name="one_slab_an_income"
            ),
            models.CheckConstraint(
                condition=Q(monthly_income_from_paise__gte=0) & Q(foir_cap_bps__lte=10_000),
                name="slab_income_is_not_negative_and_cap_at_most_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} from {self.monthly_income_from_paise}"
