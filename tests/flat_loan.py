"""The contract's sample loan: 500,000 over 24 months at 8.8 % flat, first due on 5 April 2025."""

from collections.abc import Sequence
from datetime import date

from loan.models import Loan, LoanProduct
from loan.services.offering import make_offer
from loan.services.takeover import PastPayment, take_over_loan
from tests.builders import LAKH, RUPEE, a_borrower, a_product

KEY = 456
DISBURSED = date(2025, 3, 10)
EMI = 24_500 * RUPEE


def a_flat_product() -> LoanProduct:
    """Return PERSONAL_LOAN_FLAT, made if it is not there: flat interest in whole rupees, no fee."""
    product = LoanProduct.objects.filter(code="PERSONAL_LOAN_FLAT").first()
    if product is None:
        product = a_product()
        product.pk = "PERSONAL_LOAN_FLAT"
        product.interest_method = LoanProduct.InterestMethods.FLAT
        product.split_rounding = LoanProduct.SplitRoundings.RUPEE
        product.processing_fee_bps = 0
        product.save(force_insert=True)
    return product


def the_contracts_loan(payments: Sequence[PastPayment] = (), *, today: date) -> Loan:
    """Return LN-2025-0456, taken over with its payments; the days before `today` are closed."""
    offer = make_offer(
        a_flat_product(),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=880,
        disbursed_on=DISBURSED,
    )
    return take_over_loan(offer, borrower=a_borrower(), payments=payments, as_of=today, key=KEY)


def paid_on(day: date, amount_paise: int = EMI) -> PastPayment:
    """Return a payment of the past, by default of one instalment."""
    return PastPayment(
        value_date=day,
        amount_paise=amount_paise,
        payment_method="UPI",
        reference_id=f"PAST-{day:%Y%m%d}",
    )
