"""Payments through the service, to the paisa and to the books."""

from datetime import date

import pytest

from ledger.domain.chart import AccountCode
from ledger.selectors import trial_balance
from loan.domain.servicing import LoanClosedRefusesPayment
from loan.models import Charge, Due, Loan, Payment
from loan.selectors.loans import LoanNotFound
from loan.services.payments import PaymentOrder, ReferenceReused, post_payment
from tests.audit import assert_books_verify
from tests.builders import RUPEE, a_disbursed_loan, books_of, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
FIRST_INTEREST = 6_666_67
FIRST_PRINCIPAL = EMI - FIRST_INTEREST
FEBRUARY_5 = date(2026, 2, 5)


def test_a_payment_on_the_due_date_pays_interest_then_principal() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI, on=FEBRUARY_5)
    assert (payment.interest_paise, payment.principal_paise) == (FIRST_INTEREST, FIRST_PRINCIPAL)
    assert (payment.advance_paise, payment.excess_paise) == (0, 0)
    assert loan.next_number == 2
    assert loan.oldest_unpaid_due_date == date(2026, 3, 5)
    assert_books_verify()


def test_a_payment_bills_what_fell_due_before_it_even_when_no_run_has() -> None:
    loan = a_disbursed_loan()
    pay(loan, EMI, on=FEBRUARY_5)
    assert list(Due.objects.filter(loan=loan).values_list("number", "interest_paise")) == [
        (1, FIRST_INTEREST)
    ]
    assert [kind for kind, *_ in books_of(loan)][-3:] == ["INTEREST_DUE", "PAYMENT", "PAYMENT"]


def test_a_late_payment_is_charged_for_and_the_charge_is_paid_last() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI + 200 * RUPEE, on=date(2026, 2, 20))
    charge = Charge.objects.get(loan=loan)
    assert (charge.key, charge.levied_on) == ("PENAL-1", date(2026, 2, 9))
    assert (charge.amount_paise, charge.paid_paise) == (500 * RUPEE, 200 * RUPEE)
    assert payment.penal_paise == 200 * RUPEE
    assert_books_verify()


def test_an_early_payment_is_held_in_advance_and_meets_the_due_on_its_date() -> None:
    loan = a_disbursed_loan()
    early = pay(loan, EMI + 1_000 * RUPEE, on=date(2026, 1, 20))
    assert early.advance_paise == EMI + 1_000 * RUPEE
    assert loan.principal_paid_paise == 0
    later = pay(loan, 1 * RUPEE, on=date(2026, 2, 10))
    assert later.advance_paise == 1 * RUPEE
    assert loan.principal_paid_paise == FIRST_PRINCIPAL
    assert loan.advance_paise == 1_001 * RUPEE
    assert_books_verify()


def test_money_above_everything_owed_is_kept_as_refundable_excess() -> None:
    loan = a_disbursed_loan()
    everything = sum(row.total_paise for row in loan.instalments.all())
    payment = pay(loan, everything + 7, on=date(2026, 1, 20))
    assert (payment.advance_paise, payment.excess_paise) == (everything, 7)
    assert trial_balance(as_of=date.max).balance_paise(AccountCode.REFUNDABLE_EXCESS) == 7
    assert_books_verify()


def test_a_loan_paid_to_the_last_paisa_closes_and_refuses_more() -> None:
    loan = a_disbursed_loan(amount_paise=100_000 * RUPEE, tenure_months=6)
    last_due = date(2026, 7, 5)
    everything = sum(row.total_paise for row in loan.instalments.all())
    penal = 5 * 500 * RUPEE  # five instalments were left unpaid beyond their days of grace
    payment = pay(loan, everything + penal - 1, on=last_due)
    assert loan.status == Loan.Status.ACTIVE
    assert payment.penal_paise == penal - 1
    pay(loan, 1, on=last_due)
    assert (loan.status, loan.closed_on) == (Loan.Status.CLOSED, last_due)
    assert loan.oldest_unpaid_due_date is None
    with pytest.raises(LoanClosedRefusesPayment):
        pay(loan, 1, on=last_due)
    assert_books_verify()


def test_an_identical_repeat_gets_the_first_receipt_and_takes_nothing() -> None:
    loan = a_disbursed_loan()
    order = PaymentOrder(
        loan_id=loan.public_id, amount_paise=EMI, payment_method="UPI", reference_id="PAY-1"
    )
    first = post_payment(order, as_of=FEBRUARY_5)
    again = post_payment(order, as_of=date(2026, 2, 6))
    assert (first.repeated, again.repeated) == (False, True)
    assert first.payment == again.payment
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "difference", [{"amount_paise": EMI + 1}, {"payment_method": "NEFT"}, {"loan_id": None}]
)
def test_a_reused_reference_with_anything_else_is_a_conflict(
    difference: dict[str, object],
) -> None:
    loan, other = a_disbursed_loan(), a_disbursed_loan()
    values: dict[str, object] = {
        "loan_id": loan.public_id,
        "amount_paise": EMI,
        "payment_method": "UPI",
        "reference_id": "PAY-1",
    }
    post_payment(PaymentOrder(**values), as_of=FEBRUARY_5)  # type: ignore[arg-type]
    changed = values | {
        name: other.public_id if name == "loan_id" else value for name, value in difference.items()
    }
    with pytest.raises(ReferenceReused):
        post_payment(PaymentOrder(**changed), as_of=FEBRUARY_5)  # type: ignore[arg-type]
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("loan_id", ["LN-2026-9999", "LN-2025-0001", "456", "", "LN-2026-00001"])
def test_a_payment_on_an_unknown_loan_changes_nothing(loan_id: str) -> None:
    a_disbursed_loan()
    order = PaymentOrder(
        loan_id=loan_id, amount_paise=EMI, payment_method="UPI", reference_id="PAY-1"
    )
    with pytest.raises(LoanNotFound):
        post_payment(order, as_of=FEBRUARY_5)
    assert Payment.objects.count() == 0
