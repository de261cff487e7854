"""What a made-up lender begins with: two products, for operations to edit, and own funds."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from ledger.domain.chart import AccountCode
from ledger.domain.entries import EntryDraft, TransferDraft
from ledger.services import post_entry
from loan.domain.terms import InstalmentRounding, InterestMethod, SplitRounding
from loan.models import AffordabilitySlab, LoanProduct, PricingBand
from loan.services.business_day import hold_open_date

RUPEE = 100
LAKH = 100_000 * RUPEE

PERSONAL_LOAN = "PERSONAL_LOAN"
PERSONAL_LOAN_FLAT = "PERSONAL_LOAN_FLAT"

#: From this score on: the yearly rate in basis points, the largest amount approved without a
#: person, the largest amount lent at all. Above five lakh a second person looks at every case.
_BANDS: tuple[tuple[int, int, int, int | None], ...] = (
    (600, 2400, 0, LAKH),
    (650, 2000, 0, None),
    (700, 1600, 5 * LAKH, None),
    (750, 1400, 5 * LAKH, None),
    (800, 1200, 5 * LAKH, None),
)

#: From this net monthly income on: the share of it that instalments may take, in basis points, and
#: the largest loan in months of it.
_SLABS: tuple[tuple[int, int, int], ...] = (
    (0, 4000, 8),
    (25_000 * RUPEE, 4500, 12),
    (50_000 * RUPEE, 5000, 16),
    (100_000 * RUPEE, 5500, 20),
)


@transaction.atomic
def ensure_products() -> None:
    """Write the two products, unless they are there already, however edited since."""
    known = set(LoanProduct.objects.values_list("code", flat=True))
    for code in (PERSONAL_LOAN, PERSONAL_LOAN_FLAT):
        if code not in known:
            product = new_product(code)
            product.save(force_insert=True)
            PricingBand.objects.bulk_create(_bands(product))
            AffordabilitySlab.objects.bulk_create(_slabs(product))


@transaction.atomic
def pay_in_own_funds(amount_paise: int, *, on: date, reference: str, as_of: date) -> None:
    """Book, today (`as_of`), the owners' money that loans have been paid out of since a day."""
    hold_open_date(as_of=as_of)
    post_entry(
        EntryDraft(
            value_date=on,
            kind="OWN_FUNDS",
            reference=reference,
            transfers=(
                TransferDraft(
                    debit=AccountCode.BANK,
                    credit=AccountCode.OWN_FUNDS,
                    amount_paise=amount_paise,
                ),
            ),
            narrative="Own funds paid in",
        )
    )


def new_product(code: str) -> LoanProduct:
    """Return one of the two products as it is first sold, not written anywhere."""
    return _personal_loan_flat() if code == PERSONAL_LOAN_FLAT else _personal_loan()


def _personal_loan() -> LoanProduct:
    return LoanProduct(
        code=PERSONAL_LOAN,
        name="Personal loan",
        interest_method=InterestMethod.REDUCING_BALANCE.value,
        instalment_rounding=InstalmentRounding.RUPEE.value,
        split_rounding=SplitRounding.PAISA.value,
        indicative_rate_bps=1600,
        minimum_amount_paise=25_000 * RUPEE,
        maximum_amount_paise=25 * LAKH,
        amount_step_paise=1_000 * RUPEE,
        minimum_tenure_months=6,
        maximum_tenure_months=60,
        minimum_annual_income_paise=180_000 * RUPEE,
        maximum_active_loans=2,
        maximum_recent_enquiries=5,
        maximum_recent_bounces=3,
        due_day=5,
        minimum_gap_days=15,
        processing_fee_bps=200,
        fee_gst_bps=1800,
        penal_grace_days=3,
        penal_charge_paise=500 * RUPEE,
    )


def _personal_loan_flat() -> LoanProduct:
    """Return the product of older loans: flat interest in whole rupees, no fee, no penal charge."""
    return LoanProduct(
        code=PERSONAL_LOAN_FLAT,
        name="Personal loan, flat rate (closed)",
        open_to_applications=False,
        interest_method=InterestMethod.FLAT.value,
        instalment_rounding=InstalmentRounding.RUPEE.value,
        split_rounding=SplitRounding.RUPEE.value,
        indicative_rate_bps=880,
        minimum_amount_paise=25_000 * RUPEE,
        maximum_amount_paise=10 * LAKH,
        amount_step_paise=1_000 * RUPEE,
        minimum_tenure_months=6,
        maximum_tenure_months=36,
        minimum_annual_income_paise=180_000 * RUPEE,
        maximum_active_loans=2,
        maximum_recent_enquiries=5,
        maximum_recent_bounces=3,
        due_day=5,
        minimum_gap_days=15,
        processing_fee_bps=0,
        fee_gst_bps=1800,
        penal_grace_days=3,
        penal_charge_paise=0,
    )


def _bands(product: LoanProduct) -> Iterable[PricingBand]:
    flat = product.code == PERSONAL_LOAN_FLAT
    for minimum_score, rate_bps, limit_paise, cap_paise in _BANDS:
        yield PricingBand(
            product=product,
            minimum_score=minimum_score,
            annual_rate_bps=product.indicative_rate_bps if flat else rate_bps,
            automatic_limit_paise=limit_paise,
            amount_cap_paise=cap_paise,
        )


def _slabs(product: LoanProduct) -> Iterable[AffordabilitySlab]:
    for income_paise, cap_bps, multiplier in _SLABS:
        yield AffordabilitySlab(
            product=product,
            monthly_income_from_paise=income_paise,
            foir_cap_bps=cap_bps,
            income_multiplier=multiplier,
        )
