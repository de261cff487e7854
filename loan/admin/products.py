"""The admin of products: what is lent, to whom and at what price, in rupees and per cent."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from bright_credit.common.admin.columns import rate_column, rupees_column
from bright_credit.common.admin.fields import UnitsFormMixin
from bright_credit.common.admin.theme import ModelAdmin, TabularInline
from loan.admin.product_forms import (
    BandFormSet,
    EmploymentTypesField,
    ProductForm,
    RulesInWords,
    SlabForm,
    SlabFormSet,
)
from loan.models import AffordabilitySlab, LoanProduct, PricingBand


class PricingBandInline(UnitsFormMixin, TabularInline):
    """Prices by score."""

    model = PricingBand
    form = RulesInWords
    formset = BandFormSet
    extra = 0
    ordering = ("-minimum_score",)
    verbose_name_plural = "Prices: from each score up to the next, lower scores are declined"


class AffordabilitySlabInline(UnitsFormMixin, TabularInline):
    """Affordability by income."""

    model = AffordabilitySlab
    form = SlabForm
    formset = SlabFormSet
    extra = 0
    ordering = ("monthly_income_from_paise",)
    verbose_name_plural = "Affordability: from each net monthly income up to the next"
    help_in_units = {"foir_cap_bps": "Most of the income that instalments may take."}


@admin.register(LoanProduct)
class LoanProductAdmin(UnitsFormMixin, ModelAdmin):
    """Products with their prices and slabs. A loan copies its terms: changes touch new loans only.

    A product is closed to applications rather than deleted, since its loans refer to it.
    """

    form = ProductForm
    inlines = (PricingBandInline, AffordabilitySlabInline)
    actions = None
    list_display = (
        "code",
        "name",
        "open_to_applications",
        "indicative_rate",
        "minimum",
        "maximum",
        "minimum_tenure_months",
        "maximum_tenure_months",
    )
    list_filter = ("open_to_applications",)
    search_fields = ("code", "name")
    ordering = ("code",)
    help_in_units = {
        "indicative_rate_bps": "The yearly rate a quote shows when no borrower is named.",
        "penal_charge_paise": "Flat, for each instalment missed beyond the grace days.",
        "penal_rate_bps": "In the place of the flat charge: a year, on what is unpaid of an "
        "instalment; levied after the grace days, and every 30 days then.",
        "bounce_charge_paise": "For each payment that bounces; GST comes on top. 0: none.",
    }
    fieldsets = (
        (None, {"fields": ("code", "name", "open_to_applications")}),
        (
            "Interest and roundings",
            {
                "fields": (
                    "interest_method",
                    "day_count",
                    "instalment_rounding",
                    "split_rounding",
                    "indicative_rate_bps",
                )
            },
        ),
        (
            "Amounts and tenures",
            {
                "fields": (
                    "minimum_amount_paise",
                    "maximum_amount_paise",
                    "amount_step_paise",
                    "minimum_tenure_months",
                    "maximum_tenure_months",
                )
            },
        ),
        (
            "Who may borrow",
            {
                "fields": (
                    "minimum_annual_income_paise",
                    "minimum_age_years",
                    "maximum_age_at_maturity_years",
                    "maximum_age_self_employed_years",
                    "maximum_active_loans",
                    "requires_verified_kyc",
                    "excluded_employment_types",
                    "maximum_recent_enquiries",
                    "maximum_recent_bounces",
                    "unverified_income_limit_paise",
                )
            },
        ),
        (
            "Due dates",
            {
                "fields": (
                    "frequency",
                    "due_day",
                    "minimum_gap_days",
                    "broken_period_interest",
                )
            },
        ),
        (
            "Moratorium",
            {
                "fields": (
                    "principal_moratorium_periods",
                    "interest_moratorium_periods",
                    "moratorium_interest",
                )
            },
        ),
        (
            "Fees and penal charges",
            {
                "fields": (
                    "processing_fee_bps",
                    "fee_gst_bps",
                    "fee_collection",
                    "penal_grace_days",
                    "penal_charge_paise",
                    "penal_rate_bps",
                    "penal_slabs",
                    "bounce_charge_paise",
                    "allocation_order",
                    "npa_allocation_order",
                    "foreclosure_charge_bps",
                    "cooling_off_days",
                    "cooling_off_returns_fee",
                )
            },
        ),
    )

    indicative_rate = rate_column("indicative_rate_bps", "Indicative rate")
    minimum = rupees_column("minimum_amount_paise", "From")
    maximum = rupees_column("maximum_amount_paise", "To")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: close the product instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the code once the product exists: it is what loans and callers name it by."""
        return ("code",) if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return a list of boxes for the employment types, else what the unit asks for."""
        if db_field.name == "excluded_employment_types":
            return EmploymentTypesField()
        return super().formfield_for_dbfield(db_field, request, **kwargs)
