"""A processing fee that is paid apart: due at the disbursement, and a charge like any other.

The loan is that of docs/accounting.md: 5,00,000 over 24 months at 16 %, a fee of 2 % (10,000) and
18 % GST on it (1,800).
"""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from ledger.domain.chart import AccountCode
from ledger.models import Entry
from ledger.selectors import trial_balance
from loan.domain.events import WriteOffKind
from loan.domain.scenario import Pay
from loan.models import Allocation, Charge, Event, Loan, LoanProduct
from loan.selectors.what_if import what_if
from loan.services.billing.run import run_billing
from loan.services.charges import waive_charge
from loan.services.early_repayment import cancel, cancellation_quote_for, foreclosure_quote_for
from loan.services.happening import Author
from loan.services.offering import make_offer
from loan.services.payments import PaymentOrder, reverse_payment
from loan.services.takeover import PastPayment, take_over_loan
from loan.services.writing_off import write_off
from tests.audit import assert_books_verify
from tests.builders import (
    DISBURSED,
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    books_of,
    pay,
)

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
FEE = 11_800 * RUPEE
KEY = "PROCESSING-FEE"
TELLER = Author(actor="teller", reason="goodwill")
NPA = date(2026, 5, 6)  # 90 days after 5 February
SECOND_DAY = date(2026, 1, 12)
#: 5,00,000 × 16 % × 2/365.
TWO_DAYS = 43_836


def a_loan(**changes: object) -> Loan:
    a_product(fee_collection="PAID", **changes)
    return a_disbursed_loan()


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def the_fee(loan: Loan) -> Charge:
    return Charge.objects.get(loan=loan, key=KEY)


def waive(loan: Loan, paise: int | None = None, *, on: date = DISBURSED) -> None:
    waive_charge(loan.public_id, KEY, amount_paise=paise, as_of=on, by=TELLER)
    loan.refresh_from_db()


def balance(code: str) -> int:
    return trial_balance(as_of=date.max).balance_paise(AccountCode(code))


def give_back(loan: Loan) -> int:
    """Give the loan back on its second day; return what that took."""
    quote = cancellation_quote_for(loan.public_id, on=None, as_of=SECOND_DAY).quote
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=quote.amount_paise,
        payment_method="NEFT",
        reference_id="UTR-BACK",
    )
    cancel(order, quoted_on=None, as_of=SECOND_DAY)
    loan.refresh_from_db()
    return quote.amount_paise


def test_the_payout_is_whole_and_the_fee_is_due_as_a_charge_of_that_day() -> None:
    loan = a_loan()
    assert (loan.fee_collection, loan.net_disbursed_paise) == ("PAID", 5 * LAKH)
    assert books_of(loan) == [
        ("DISBURSEMENT", "1100", "1000", 5 * LAKH),
        ("CHARGE", "1300", "4100", 10_000 * RUPEE),
        ("CHARGE", "1300", "2300", 1_800 * RUPEE),
    ]
    assert Entry.objects.get(kind="CHARGE").reference == f"CHARGE/{loan.pk}/{KEY}"
    fee = the_fee(loan)
    assert (fee.kind, fee.levied_on) == ("PROCESSING_FEE", DISBURSED)
    assert (fee.amount_paise, fee.gst_paise, fee.paid_paise) == (FEE, 1_800 * RUPEE, 0)
    event = Event.objects.get(loan=loan)
    assert (event.sequence, event.kind, event.actor) == (1, "CHARGE", "system")
    assert_books_verify()


def test_the_same_loan_has_the_same_apr_and_income_whichever_way_the_fee_comes() -> None:
    netted = make_offer(
        a_product(),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1_600,
        disbursed_on=DISBURSED,
    )
    LoanProduct.objects.update(fee_collection="PAID")
    loan = a_disbursed_loan()
    pay(loan, FEE, on=DISBURSED)
    assert loan.apr_bps == netted.apr_bps == 1_846
    # As after a disbursement of 4,88,200: the bank has paid out that, and the fee is earned.
    assert balance("1000") == -netted.net_disbursed_paise == -488_200 * RUPEE
    assert (balance("4100"), balance("2300"), balance("1300")) == (10_000_00, 1_800_00, 0)


def test_a_product_deducts_its_fee_unless_it_says_otherwise_and_a_loan_keeps_what_was_agreed() -> (
    None
):
    loan = a_disbursed_loan()
    assert (loan.product.fee_collection, loan.fee_collection) == ("NETTED", "NETTED")
    assert not Charge.objects.exists()
    LoanProduct.objects.update(fee_collection="PAID")
    loan.refresh_from_db()
    assert (loan.fee_collection, loan.net_disbursed_paise) == ("NETTED", 488_200 * RUPEE)
    with pytest.raises(IntegrityError, match="product_fee_collection_is_known"):
        LoanProduct.objects.update(fee_collection="LATER")


def test_a_product_without_a_fee_puts_no_charge_on_its_loans() -> None:
    loan = a_loan(processing_fee_bps=0)
    assert books_of(loan) == [("DISBURSEMENT", "1100", "1000", 5 * LAKH)]
    assert not Event.objects.exists()


def test_the_fee_is_paid_in_the_order_of_allocation() -> None:
    loan = a_loan()
    # Nothing has fallen due: the fee takes what it can, and the rest of it waits behind the due.
    first = pay(loan, 5_000 * RUPEE, on=DISBURSED)
    assert (first.charges_paise, first.advance_paise) == (5_000 * RUPEE, 0)
    second = pay(loan, 30_000 * RUPEE, on=FIRST_DUE)
    assert second.interest_paise + second.principal_paise == EMI
    assert second.charges_paise == 30_000 * RUPEE - EMI
    third = pay(loan, 2_000 * RUPEE, on=FIRST_DUE)
    assert (third.charges_paise, third.advance_paise) == (1_282 * RUPEE, 718 * RUPEE)
    assert the_fee(loan).paid_paise == FEE
    assert_books_verify()


def test_where_charges_come_first_the_fee_does() -> None:
    loan = a_loan(allocation_order="CHARGES_FIRST")
    payment = pay(loan, EMI, on=FIRST_DUE)
    assert (payment.charges_paise, payment.interest_paise) == (FEE, 6_666_67)
    assert loan.oldest_unpaid_due_date == FIRST_DUE
    assert_books_verify()


def test_an_unpaid_fee_alone_makes_no_loan_overdue_and_keeps_it_open() -> None:
    loan = a_loan()
    for due in loan.instalments.order_by("number"):
        close_through(due.due_date - timedelta(days=1))
        pay(loan, due.total_paise, on=due.due_date)
        assert loan.npa_since is None
    assert (loan.status, loan.principal_outstanding_paise, the_fee(loan).paid_paise) == (
        "ACTIVE",
        0,
        0,
    )
    pay(loan, FEE, on=loan.position_date)
    assert loan.status == "CLOSED"
    assert_books_verify()


def test_a_waiver_gives_back_income_of_the_fee_and_its_share_of_the_tax() -> None:
    loan = a_loan()
    waive(loan, 5_900 * RUPEE)
    assert books_of(loan)[-2:] == [
        ("WAIVER", "4100", "1300", 5_000 * RUPEE),
        ("WAIVER", "2300", "1300", 900 * RUPEE),
    ]
    waive(loan)
    assert (balance("4100"), balance("2300"), balance("1300")) == (0, 0, 0)
    assert sum(row.gst_paise for row in Allocation.objects.filter(source="WAIVER")) == 1_800_00
    assert_books_verify()


def test_a_waiver_that_history_makes_void_gives_the_income_back_where_it_was() -> None:
    """The fee was waived, and then is told to have been paid before: the waiver waives nothing."""
    loan = a_loan()
    paid = pay(loan, 800 * RUPEE, on=DISBURSED)
    waive(loan, 11_000 * RUPEE, on=SECOND_DAY)
    reverse_payment(paid.pk, as_of=SECOND_DAY, by=TELLER)
    loan.refresh_from_db()
    fee = the_fee(loan)
    assert fee.amount_paise - fee.paid_paise == 800 * RUPEE
    # 800 of 11,800 are owed: 677.97 of income and 122.03 of tax.
    assert (balance("4100"), balance("2300"), balance("1300")) == (67_797, 12_203, 80_000)
    assert_books_verify()


def test_the_unpaid_fee_of_a_non_performing_borrower_is_no_income() -> None:
    loan = a_loan()
    pay(loan, 1_180 * RUPEE, on=DISBURSED)
    close_through(NPA)
    loan.refresh_from_db()
    assert (loan.borrower_npa_since, loan.suspended_fees_paise) == (NPA, 9_000 * RUPEE)
    assert ("4100", "2400", 9_000 * RUPEE) in _suspended()
    assert balance("4100") == 1_000 * RUPEE, "what was received stays income"
    assert balance("2300") == 1_800 * RUPEE, "the tax is the state's"
    assert_books_verify()
    pay(loan, 4 * EMI + FEE, on=NPA + timedelta(days=1))
    assert (loan.suspended_paise, loan.borrower_npa_since) == (0, None)
    assert balance("4100") == 10_000 * RUPEE
    assert_books_verify()


def _suspended() -> list[tuple[str, str, int]]:
    return [
        (line.debit_id, line.credit_id, line.amount_paise)
        for entry in Entry.objects.filter(kind="INCOME_SUSPENDED")
        for line in entry.transfers.all()
    ]


def test_a_fee_that_was_never_paid_is_written_off_against_its_income() -> None:
    loan = a_loan()
    close_through(NPA)
    write_off(loan.public_id, WriteOffKind.TECHNICAL, as_of=NPA + timedelta(days=1), by=TELLER)
    loan.refresh_from_db()
    assert (loan.status, loan.written_off_fees_paise) == ("WRITTEN_OFF", 10_000 * RUPEE)
    assert (loan.written_off_charges_paise, loan.written_off_other_paise) == (0, 1_800 * RUPEE)
    assert [balance(code) for code in ("4100", "4200", "1300", "2400")] == [0, 0, 0, 0]
    assert balance("1900") == loan.written_off_paise
    assert_books_verify()


@pytest.mark.parametrize(
    ("paid", "waived", "returns", "asked"),
    [
        (0, 0, False, 5 * LAKH + TWO_DAYS + FEE),  # kept: what is owed of it is still asked
        (FEE, 0, False, 5 * LAKH + TWO_DAYS),
        (0, 0, True, 5 * LAKH + TWO_DAYS),  # returned: asked, and taken off again
        (FEE, 0, True, 5 * LAKH + TWO_DAYS - FEE),
        (5_900_00, 0, True, 5 * LAKH + TWO_DAYS - 5_900_00),
        (0, 5_900_00, True, 5 * LAKH + TWO_DAYS),  # a waiver is no gift beyond the fee
        (5_900_00, 5_900_00, True, 5 * LAKH + TWO_DAYS - 5_900_00),
        (0, FEE, False, 5 * LAKH + TWO_DAYS),
    ],
)
def test_a_loan_is_given_back_with_its_fee_kept_or_returned(
    paid: int, waived: int, returns: bool, asked: int
) -> None:
    loan = a_loan(cooling_off_returns_fee=returns)
    if paid:
        pay(loan, paid, on=DISBURSED)
    if waived:
        waive(loan, waived)
    assert give_back(loan) == asked
    assert (loan.status, loan.excess_paise) == ("CLOSED", 0)
    kept_bps = 0 if returns else (FEE - waived) * 10_000 // FEE
    assert balance("4100") == 10_000 * RUPEE * kept_bps // 10_000
    assert balance("2300") == 1_800 * RUPEE * kept_bps // 10_000
    assert balance("1300") == balance("1100") == 0
    assert_books_verify()


def test_what_closes_the_loan_early_has_the_unpaid_fee_in_it() -> None:
    loan = a_loan()
    with_fee = foreclosure_quote_for(loan.public_id, on=None, as_of=FIRST_DUE).quote
    pay(loan, FEE, on=DISBURSED)
    without = foreclosure_quote_for(loan.public_id, on=None, as_of=FIRST_DUE).quote
    assert (with_fee.charges_paise, without.charges_paise) == (FEE, 0)
    assert with_fee.amount_paise - without.amount_paise == FEE


def test_what_if_takes_the_fee_as_paid_with_the_next_due() -> None:
    loan = a_loan()
    told = what_if(
        loan.public_id,
        wishes=[Pay(on=FIRST_DUE, amount_paise=1_000 * RUPEE)],
        as_of=DISBURSED,
    )
    assert told.before.status == "CLOSED"
    interest = sum(row.interest_paise for row in loan.instalments.all())
    assert told.before.paid_paise == 5 * LAKH + interest + FEE


def test_a_loan_that_is_taken_over_brings_its_fee_along() -> None:
    product = a_product(fee_collection="PAID")
    offer = make_offer(
        product,
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1_600,
        disbursed_on=DISBURSED,
    )
    first = PastPayment(
        value_date=DISBURSED, amount_paise=FEE, payment_method="UPI", reference_id="FEE"
    )
    loan = take_over_loan(offer, borrower=a_borrower(), payments=[first], as_of=date(2026, 2, 20))
    assert (loan.charges_paid_paise, the_fee(loan).levied_on) == (FEE, DISBURSED)
    assert_books_verify()


def test_a_loan_whose_giving_back_bounces_owes_its_fee_again() -> None:
    loan = a_loan(cooling_off_returns_fee=True)
    give_back(loan)
    assert (loan.status, balance("4100")) == ("CLOSED", 0)
    reverse_payment(loan.payments.get().pk, as_of=SECOND_DAY, by=TELLER)
    loan.refresh_from_db()
    assert (loan.status, the_fee(loan).paid_paise) == ("ACTIVE", 0)
    assert (balance("4100"), balance("2300"), balance("1300")) == (10_000_00, 1_800_00, FEE)
    assert_books_verify()
