"""State for tests, built the way the product builds it: through its services."""

from datetime import date
from itertools import count

from stdnum import verhoeff

from ledger.models import Transfer
from loan.models import AffordabilitySlab, Loan, LoanProduct, Payment, PricingBand
from loan.services.origination import ApplicationOutcome, apply_for_loan
from loan.services.payments import PaymentOrder, post_payment
from users.models import Borrower
from users.services.registration import register_borrower

RUPEE = 100
LAKH = 100_000 * RUPEE
DISBURSED = date(2026, 1, 10)
FIRST_DUE = date(2026, 2, 5)

_numbers = count(1)


def an_aadhaar_number() -> str:
    """Return a valid number that no other test has had."""
    body = f"8{next(_numbers):010d}"
    return body + str(verhoeff.calc_check_digit(body))


def a_product(**changes: object) -> LoanProduct:
    """Return PERSONAL_LOAN as the sample data has it, made if it is not there."""
    values: dict[str, object] = {
        "name": "Personal loan",
        "interest_method": "REDUCING_BALANCE",
        "instalment_rounding": "RUPEE",
        "split_rounding": "PAISA",
        "indicative_rate_bps": 1600,
        "minimum_amount_paise": 25_000 * RUPEE,
        "maximum_amount_paise": 25 * LAKH,
        "amount_step_paise": 1_000 * RUPEE,
        "minimum_tenure_months": 6,
        "maximum_tenure_months": 60,
        "minimum_annual_income_paise": 180_000 * RUPEE,
        "due_day": 5,
        "minimum_gap_days": 15,
        "processing_fee_bps": 200,
        "penal_charge_paise": 500 * RUPEE,
    } | changes
    product, created = LoanProduct.objects.get_or_create(code="PERSONAL_LOAN", defaults=values)
    if created:
        PricingBand.objects.bulk_create(
            PricingBand(
                product=product,
                minimum_score=score,
                annual_rate_bps=rate,
                automatic_limit_paise=limit,
                amount_cap_paise=cap,
            )
            for score, rate, limit, cap in (
                (800, 1200, 5 * LAKH, None),
                (750, 1400, 5 * LAKH, None),
                (700, 1600, 5 * LAKH, None),
                (650, 2000, 0, None),
                (600, 2400, 0, LAKH),
            )
        )
        AffordabilitySlab.objects.bulk_create(
            AffordabilitySlab(
                product=product,
                monthly_income_from_paise=income * RUPEE,
                foir_cap_bps=cap,
                income_multiplier=multiplier,
            )
            for income, cap, multiplier in (
                (0, 4000, 8),
                (25_000, 4500, 12),
                (50_000, 5000, 16),
                (100_000, 5500, 20),
            )
        )
    return product


def a_borrower(
    *,
    name: str = "Rahul Sharma",
    annual_income_paise: int = 18 * LAKH,
    employment_type: str = "SALARIED",
    as_of: date = DISBURSED,
) -> Borrower:
    """Return a registered borrower with a first score; by default the contract's own."""
    number = an_aadhaar_number()
    return register_borrower(
        aadhaar_number=number,
        name=name,
        email=f"borrower{next(_numbers)}@example.com",
        annual_income_paise=annual_income_paise,
        employment_type=employment_type,
        as_of=as_of,
    ).borrower


def an_application(
    borrower: Borrower | None = None,
    *,
    amount_paise: int = 5 * LAKH,
    tenure_months: int = 24,
    as_of: date = DISBURSED,
) -> ApplicationOutcome:
    """Return a decided application for PERSONAL_LOAN."""
    a_product()
    applicant = borrower or a_borrower(as_of=as_of)
    return apply_for_loan(
        applicant.public_id,
        product_code="PERSONAL_LOAN",
        amount_paise=amount_paise,
        tenure_months=tenure_months,
        purpose="HOME_RENOVATION",
        as_of=as_of,
    )


def a_disbursed_loan(
    borrower: Borrower | None = None,
    *,
    amount_paise: int = 5 * LAKH,
    tenure_months: int = 24,
    as_of: date = DISBURSED,
) -> Loan:
    """Return a loan paid out on `as_of`: by default 500,000 over 24 months."""
    outcome = an_application(
        borrower, amount_paise=amount_paise, tenure_months=tenure_months, as_of=as_of
    )
    assert outcome.loan is not None, outcome.application.reasons
    return outcome.loan


def pay(loan: Loan, amount_paise: int, *, on: date, reference: str | None = None) -> Payment:
    """Return a payment posted for the loan; the loan's own row is read again."""
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=amount_paise,
        payment_method="UPI",
        reference_id=reference or f"TEST-{next(_numbers)}",
    )
    payment = post_payment(order, as_of=on).payment
    loan.refresh_from_db()
    return payment


def books_of(loan: Loan) -> list[tuple[str, str, str, int]]:
    """Return the loan's transfers as (kind, debit, credit, paise), in the order booked."""
    return [
        (line.entry.kind, line.debit_id, line.credit_id, line.amount_paise)
        for line in Transfer.objects.filter(loan_id=loan.pk).select_related("entry").order_by("id")
    ]
