"""Loans taken off the books, recovered, and settled: balances move, and none is destroyed."""

from datetime import date, timedelta

import pytest

from ledger.domain.chart import AccountCode
from ledger.selectors import trial_balance
from loan.domain.events import WriteOffKind
from loan.domain.servicing import LoanAlreadyClosed, LoanClosedRefusesPayment
from loan.domain.write_off import AlreadyWrittenOff, NothingToWriteOff
from loan.models import AssetClassChange, Event, Loan
from loan.services.billing.run import run_billing
from loan.services.charges import levy_charge
from loan.services.happening import Author
from loan.services.offering import make_offer
from loan.services.payments import PaymentOrder, ReferenceReused, post_payment, reverse_payment
from loan.services.provisioning import preview_provision
from loan.services.refunds import RefundOrder, refund_excess
from loan.services.takeover import PastPayment, take_over_loan
from loan.services.writing_off import (
    NothingToSettle,
    NotNonPerforming,
    preview_settlement,
    settle,
    write_off,
)
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
from users.models import Borrower

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
NPA = date(2026, 6, 3)
TODAY = date(2026, 6, 4)
COMMITTEE = Author(actor="accountant", reason="as the committee decided")


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def a_loan_in_default() -> Loan:
    """Return the loan of docs/accounting.md, taken over on the eve of becoming an NPA."""
    offer = make_offer(
        a_product(),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1_600,
        disbursed_on=DISBURSED,
    )
    paid = PastPayment(
        value_date=FIRST_DUE, amount_paise=EMI, payment_method="UPI", reference_id="FIRST"
    )
    loan = take_over_loan(offer, borrower=a_borrower(), payments=[paid], as_of=NPA)
    close_through(NPA)  # 90 days after 5 March
    loan.refresh_from_db()
    assert loan.borrower_npa_since == NPA
    return loan


def balance(code: str) -> int:
    return trial_balance(as_of=date.max).balance_paise(AccountCode(code))


def balances(*codes: str) -> tuple[int, ...]:
    return tuple(balance(code) for code in codes)


def written_off(kind: WriteOffKind = WriteOffKind.TECHNICAL) -> Loan:
    loan = a_loan_in_default()
    write_off(loan.public_id, kind, as_of=TODAY, by=COMMITTEE)
    loan.refresh_from_db()
    return loan


def settlement(loan: Loan, paise: int, reference: str = "SETTLE-1") -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=paise,
        payment_method="NEFT",
        reference_id=reference,
    )


def test_i32_a_technical_write_off_moves_every_balance_and_keeps_the_claim() -> None:
    loan = written_off()
    outstanding = 5 * LAKH - 1_781_533  # as docs/accounting.md has it after the first instalment
    assert (loan.status, loan.written_off_on) == ("WRITTEN_OFF", TODAY)
    assert loan.written_off_principal_paise == outstanding == loan.principal_outstanding_paise
    assert balances("1100", "1200", "1300", "1310", "2400") == (0, 0, 0, 0, 0)
    assert balance("5000") == outstanding, "principal is a loss; income never received is none"
    assert balance("4000") == 666_667, "what was received stays income"
    assert balances("1900", "2900") == (loan.written_off_paise, loan.written_off_paise)
    assert loan.written_off_interest_paise > 642_913, "with the interest to the day"
    assert_books_verify()
    close_through(date(2026, 7, 10))
    loan.refresh_from_db()
    assert loan.borrower_npa_since == NPA, "the claim is in arrears still"
    assert balance("1900") == loan.written_off_paise, "nothing accrues off the books"
    assert_books_verify()


def test_what_is_paid_after_the_write_off_is_income_from_recoveries() -> None:
    loan = written_off()
    claim, bank = loan.written_off_paise, balance("1000")
    pay(loan, 50_000 * RUPEE, on=date(2026, 6, 20))
    assert books_of(loan)[-2:] == [
        ("PAYMENT", "1000", "4400", 50_000 * RUPEE),
        ("PAYMENT", "2900", "1900", 50_000 * RUPEE),
    ]
    assert balance("1000") == bank + 50_000 * RUPEE
    assert balance("1900") == claim - 50_000 * RUPEE
    assert balances("1100", "1200") == (0, 0)
    assert_books_verify()
    pay(loan, claim, on=date(2026, 6, 21))
    loan.refresh_from_db()
    assert (loan.status, loan.excess_paise) == ("CLOSED", 50_000 * RUPEE)
    assert balances("4400", "1900") == (claim, 0)
    assert loan.borrower_npa_since is None
    assert_books_verify()


def test_a_recovery_that_bounces_is_taken_back_to_the_paisa() -> None:
    loan = written_off()
    before = balances("1000", "4400", "1900", "2900")
    payment = pay(loan, 50_000 * RUPEE, on=date(2026, 6, 20))
    reverse_payment(payment.pk, as_of=date(2026, 6, 22), by=COMMITTEE)
    assert balances("1000", "4400", "1900", "2900") == before
    assert_books_verify()


def test_a_full_write_off_gives_the_claim_up_and_closes_the_loan() -> None:
    loan = written_off(WriteOffKind.FULL)
    assert (loan.status, loan.closed_on, loan.given_up_paise) == (
        "CLOSED",
        TODAY,
        loan.written_off_paise,
    )
    assert balances("1100", "1200", "1310", "1900", "2900", "2400") == (0, 0, 0, 0, 0, 0)
    with pytest.raises(LoanClosedRefusesPayment):
        pay(loan, RUPEE, on=date(2026, 6, 20))
    assert_books_verify()


def test_the_claim_of_a_written_off_loan_may_be_given_up_later() -> None:
    loan = written_off()
    pay(loan, 50_000 * RUPEE, on=date(2026, 6, 20))
    write_off(loan.public_id, WriteOffKind.FULL, as_of=date(2026, 6, 21), by=COMMITTEE)
    loan.refresh_from_db()
    assert loan.status == "CLOSED"
    assert loan.given_up_paise == loan.written_off_paise - 50_000 * RUPEE
    assert balances("4400", "1900") == (50_000 * RUPEE, 0)
    assert_books_verify()


def test_i32_a_settlement_takes_the_agreed_part_and_gives_up_the_rest() -> None:
    loan = a_loan_in_default()
    seen = preview_settlement(settlement(loan, 2 * LAKH), as_of=TODAY)
    done = settle(settlement(loan, 2 * LAKH), as_of=TODAY, by=COMMITTEE)
    assert seen.comparison == done.comparison
    loan.refresh_from_db()
    assert (loan.status, loan.closed_on) == ("CLOSED", TODAY)
    assert done.comparison is not None
    assert (done.comparison.before.status, done.comparison.after.status) == ("ACTIVE", "CLOSED")
    # What was paid met arrears and principal; the loss is the principal that is left.
    assert balance("5000") == loan.written_off_principal_paise
    assert balance("5000") + 2 * LAKH + EMI == 5 * LAKH + balance("4000") + balance("4300")
    assert balances("1100", "1200", "1310", "2400", "1900") == (0, 0, 0, 0, 0)
    assert loan.borrower_npa_since is None
    assert_books_verify()
    again = settle(settlement(loan, 2 * LAKH), as_of=TODAY, by=COMMITTEE)
    assert again.repeated
    assert Event.objects.filter(loan=loan, kind="WRITE_OFF").count() == 1


def test_a_settlement_whose_payment_bounces_gave_nothing_up() -> None:
    loan = a_loan_in_default()
    before = balances("1000", "1100", "1200", "1310", "4000", "4300", "2400", "5000", "1900")
    done = settle(settlement(loan, 2 * LAKH), as_of=TODAY, by=COMMITTEE)
    assert done.payment is not None
    reverse_payment(done.payment.pk, as_of=TODAY, by=COMMITTEE)
    loan.refresh_from_db()
    assert (loan.status, loan.borrower_npa_since) == ("ACTIVE", NPA)
    assert (
        balances("1000", "1100", "1200", "1310", "4000", "4300", "2400", "5000", "1900") == before
    )
    assert_books_verify()


def test_a_payment_told_late_lessens_what_was_written_off() -> None:
    loan = written_off()
    post_payment(
        PaymentOrder(
            loan_id=loan.public_id,
            amount_paise=EMI,
            payment_method="UPI",
            reference_id="LATE-NEWS",
            value_date=date(2026, 3, 5),
        ),
        as_of=date(2026, 6, 20),
    )
    before = loan.written_off_principal_paise
    loan.refresh_from_db()
    assert loan.written_off_principal_paise < before
    assert balance("5000") == loan.written_off_principal_paise
    assert balance("1900") == loan.written_off_paise
    assert balance("4400") == 0
    assert_books_verify()


def test_a_preview_shows_what_the_write_off_does_and_writes_nothing() -> None:
    loan = a_loan_in_default()
    seen = write_off(
        loan.public_id, WriteOffKind.TECHNICAL, as_of=TODAY, by=COMMITTEE, preview=True
    )
    assert seen.event is None
    loan.refresh_from_db()
    assert loan.status == "ACTIVE"
    assert not Event.objects.filter(loan=loan, kind="WRITE_OFF").exists()
    done = write_off(loan.public_id, WriteOffKind.TECHNICAL, as_of=TODAY, by=COMMITTEE)
    assert seen.comparison == done.comparison


def test_what_cannot_be_written_off_or_settled_is_refused_and_changes_nothing() -> None:
    loan = written_off()
    standard = a_disbursed_loan(as_of=TODAY)
    with pytest.raises(NotNonPerforming):
        write_off(standard.public_id, WriteOffKind.TECHNICAL, as_of=TODAY, by=COMMITTEE)
    with pytest.raises(NotNonPerforming):
        settle(settlement(standard, LAKH), as_of=TODAY, by=COMMITTEE)
    with pytest.raises(AlreadyWrittenOff):
        write_off(loan.public_id, WriteOffKind.TECHNICAL, as_of=TODAY, by=COMMITTEE)
    with pytest.raises(AlreadyWrittenOff):
        levy_charge(loan.public_id, key="VISIT", amount_paise=RUPEE, as_of=TODAY, by=COMMITTEE)
    with pytest.raises(NothingToSettle):
        settle(settlement(loan, 10 * LAKH), as_of=TODAY, by=COMMITTEE)
    used = pay(loan, RUPEE, on=TODAY, reference="USED")
    with pytest.raises(ReferenceReused):
        settle(settlement(loan, used.amount_paise, "USED"), as_of=TODAY, by=COMMITTEE)
    write_off(loan.public_id, WriteOffKind.FULL, as_of=TODAY, by=COMMITTEE)
    with pytest.raises(LoanAlreadyClosed):
        write_off(loan.public_id, WriteOffKind.FULL, as_of=TODAY, by=COMMITTEE)
    assert_books_verify()


def test_no_provision_is_made_for_what_is_off_the_books() -> None:
    written_off()
    close_through(TODAY)
    assert preview_provision(TODAY, today=TODAY + timedelta(days=1)).exposure_paise == 0


def test_a_refund_of_what_was_recovered_and_then_bounced_is_a_loss_and_a_claim() -> None:
    loan = written_off()
    lost, claim, bank = balances("5000", "1900", "1000")
    recovery = pay(loan, claim + 100 * RUPEE, on=date(2026, 6, 20))
    refund = RefundOrder(loan_id=loan.public_id, amount_paise=100 * RUPEE, reference_id="BACK-1")
    refund_excess(refund, as_of=date(2026, 6, 21), by=COMMITTEE)
    assert_books_verify()
    reverse_payment(recovery.pk, as_of=date(2026, 6, 22), by=COMMITTEE)
    loan.refresh_from_db()
    assert loan.status == "WRITTEN_OFF"
    more = 100 * RUPEE
    assert balances("5000", "1900", "1000") == (lost + more, claim + more, bank - more)
    assert balances("1300", "2110", "4400") == (0, 0, 0)
    assert_books_verify()
    # Whatever is told of the past afterwards finds the record as it stands.
    again = pay(loan, claim, on=date(2026, 6, 23))
    assert balances("1900", "4400") == (more, claim)
    reverse_payment(again.pk, as_of=date(2026, 6, 24), by=COMMITTEE)
    assert balances("5000", "1900", "1000") == (lost + more, claim + more, bank - more)
    assert_books_verify()
    write_off(loan.public_id, WriteOffKind.FULL, as_of=date(2026, 6, 25), by=COMMITTEE)
    assert balances("1900", "2900") == (0, 0)
    assert_books_verify()


def test_a_loan_recovered_whole_goes_back_off_the_books_when_a_part_of_that_bounces() -> None:
    loan = written_off()
    claim = loan.written_off_paise
    first = pay(loan, 50 * RUPEE, on=date(2026, 6, 19))
    pay(loan, claim + 50 * RUPEE, on=date(2026, 6, 20))
    assert (loan.status, loan.excess_paise) == ("CLOSED", 100 * RUPEE)
    refund = RefundOrder(loan_id=loan.public_id, amount_paise=100 * RUPEE, reference_id="BACK-2")
    refund_excess(refund, as_of=date(2026, 6, 21), by=COMMITTEE)
    reverse_payment(first.pk, as_of=date(2026, 6, 22), by=COMMITTEE)
    loan.refresh_from_db()
    assert (loan.status, loan.closed_on) == ("WRITTEN_OFF", None)
    assert balances("1900", "4400") == (50 * RUPEE, claim)
    assert_books_verify()


def test_a_loan_that_is_paid_ahead_to_its_end_is_not_written_off() -> None:
    loan = a_loan_in_default()
    offer = make_offer(
        a_product(),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1_600,
        disbursed_on=DISBURSED,
    )
    ahead = take_over_loan(
        offer, borrower=Borrower.objects.get(pk=loan.borrower_id), payments=[], as_of=TODAY
    )
    pay(ahead, 7 * LAKH, on=TODAY)
    assert ahead.borrower_npa_since is not None
    with pytest.raises(NothingToWriteOff):
        write_off(ahead.public_id, WriteOffKind.TECHNICAL, as_of=TODAY, by=COMMITTEE)
    assert_books_verify()


def test_days_that_follow_leave_a_borrower_standard_whose_claim_was_given_up() -> None:
    loan = written_off(WriteOffKind.FULL)
    assert loan.borrower_npa_since is None
    close_through(date(2026, 6, 7))
    changes = AssetClassChange.objects.filter(borrower=loan.borrower_id).order_by("id")
    assert [(change.effective_on, change.asset_class) for change in changes] == [
        (NPA, "SUBSTANDARD"),
        (TODAY, "STANDARD"),
    ]
    assert_books_verify()
