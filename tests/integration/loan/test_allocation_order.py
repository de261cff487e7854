"""What payments meet first, as the product says."""

from datetime import date

import pytest

from loan.models import Loan, LoanProduct
from tests.audit import assert_books_verify
from tests.builders import RUPEE, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

LATE = date(2026, 2, 10)


def paid_of(loan: Loan) -> tuple[int, int]:
    """Return what a payment of 1,000 rupees after the penal charge meets: interest, penal."""
    payment = pay(loan, 1_000 * RUPEE, on=LATE)
    return payment.interest_paise, payment.penal_paise


def test_a_loan_is_allocated_in_the_order_of_its_product_and_keeps_it() -> None:
    a_product(allocation_order="CHARGES_FIRST")
    loan = a_disbursed_loan()
    LoanProduct.objects.update(allocation_order="OLDEST_INSTALMENT_FIRST")
    other = a_disbursed_loan()
    assert paid_of(loan) == (500 * RUPEE, 500 * RUPEE)
    assert paid_of(other) == (1_000 * RUPEE, 0)
    assert_books_verify()
