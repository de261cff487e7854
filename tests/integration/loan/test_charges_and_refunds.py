"""Charges levied, waived and paid back: what they leave of the loan, and in the books."""

from datetime import date, timedelta

import pytest

from ledger.models import Entry
from loan.domain.event_steps import (
    ChargeKeyTaken,
    ChargeNotOpen,
    RefundExceedsExcess,
    WaiverExceedsCharge,
)
from loan.domain.servicing import LoanAlreadyClosed
from loan.models import Allocation, Charge, Event, Loan
from loan.services.billing.run import run_billing
from loan.services.charges import (
    ChargeChange,
    ChargeKeyReserved,
    ChargeNotFound,
    levy_charge,
    waive_charge,
)
from loan.services.happening import Author
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.refunds import (
    Refund,
    RefundOrder,
    RefundReferenceReused,
    preview_refund,
    refund_excess,
)
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, books_of, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
TELLER = Author(actor="teller", reason="goodwill")


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def waive(loan: Loan, key: str, paise: int | None = None, *, on: date) -> ChargeChange:
    done = waive_charge(loan.public_id, key, amount_paise=paise, as_of=on, by=TELLER)
    loan.refresh_from_db()
    return done


def refund(loan: Loan, paise: int, reference: str, *, on: date) -> Refund:
    order = RefundOrder(loan_id=loan.public_id, amount_paise=paise, reference_id=reference)
    done = refund_excess(order, as_of=on, by=TELLER)
    loan.refresh_from_db()
    return done


def a_short_loan() -> Loan:
    return a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)


def last_due(loan: Loan) -> date:
    return loan.instalments.get(number=6).due_date


def test_a_waived_penal_charge_is_settled_and_its_income_is_given_back() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 2, 9))
    today = date(2026, 2, 10)
    preview = waive_charge(
        loan.public_id, "PENAL-1", amount_paise=None, as_of=today, by=TELLER, preview=True
    )
    assert preview.event is None
    assert not Event.objects.exists()
    done = waive(loan, "PENAL-1", 200 * RUPEE, on=today)
    assert done.event is not None
    assert (done.event.actor, done.event.reason) == ("teller", "goodwill")
    assert done.comparison.after.penal_unpaid_paise == 300 * RUPEE
    rest = waive(loan, "PENAL-1", on=today).comparison.after
    assert rest == preview.comparison.after
    assert (rest.penal_unpaid_paise, rest.penal_paid_paise) == (0, 0)
    assert books_of(loan)[-2:] == [
        ("WAIVER", "4300", "1310", 200 * RUPEE),
        ("WAIVER", "4300", "1310", 300 * RUPEE),
    ]
    assert_books_verify()


def test_a_charge_bears_gst_and_waivers_in_parts_give_back_all_of_it() -> None:
    loan = a_disbursed_loan()
    today = date(2026, 2, 5)
    levy_charge(loan.public_id, key="SWAP-1", amount_paise=333_33, as_of=today, by=TELLER)
    charge = Charge.objects.get(loan=loan)
    assert (charge.amount_paise, charge.gst_paise) == (393_33, 60_00)
    for part in (111_11, 111_11, None):
        waive(loan, "SWAP-1", part, on=today)
    waivers = Allocation.objects.filter(loan=loan, source="WAIVER")
    assert sum(row.gst_paise for row in waivers) == 60_00
    assert sum(row.charge_paise for row in waivers) == 393_33
    assert books_of(loan)[-8:-6] == [
        ("CHARGE", "1300", "4200", 333_33),
        ("CHARGE", "1300", "2300", 60_00),
    ]
    assert_books_verify()


def test_waiving_the_last_charge_closes_the_loan() -> None:
    loan = a_short_loan()
    close_through(date(2026, 2, 9))
    for number in range(1, 7):
        due = loan.instalments.get(number=number)
        pay(loan, due.total_paise, on=max(due.due_date, date(2026, 2, 10)))
    assert loan.status == Loan.Status.ACTIVE
    done = waive(loan, "PENAL-1", on=last_due(loan))
    assert done.comparison.after.status == "CLOSED"
    assert (loan.status, loan.closed_on) == (Loan.Status.CLOSED, last_due(loan))
    assert_books_verify()


def test_i40_a_waiver_lets_go_of_what_history_leaves_unpaid() -> None:
    """The payment that comes late makes the charge vanish, and its waiver with it; its reversal
    brings both back."""
    loan = a_disbursed_loan()
    close_through(date(2026, 2, 9))
    today = date(2026, 2, 10)
    waive(loan, "PENAL-1", on=today)
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=EMI,
        payment_method="UPI",
        reference_id="LATE",
        value_date=FIRST_DUE,
    )
    late = post_payment(order, as_of=today).payment
    assert not Charge.objects.filter(loan=loan, cancelled_by=None).exists()
    assert_books_verify()
    reverse_payment(late.pk, as_of=today, by=TELLER)
    charge = Charge.objects.get(loan=loan, cancelled_by=None)
    assert (charge.key, charge.paid_paise) == ("PENAL-1", charge.amount_paise)
    loan.refresh_from_db()
    assert loan.penal_paid_paise == 0
    assert_books_verify()


def test_what_cannot_be_waived_is_refused_and_changes_nothing() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 2, 9))
    today = date(2026, 2, 10)
    rows = (Event.objects.count(), Entry.objects.count())
    for preview in (False, True):
        for key, paise, refusal in (
            ("PENAL-2", None, ChargeNotFound),
            ("PENAL-1", 500 * RUPEE + 1, WaiverExceedsCharge),
        ):
            with pytest.raises(refusal):
                waive_charge(
                    loan.public_id, key, amount_paise=paise, as_of=today, by=TELLER, preview=preview
                )
    assert (Event.objects.count(), Entry.objects.count()) == rows
    waive(loan, "PENAL-1", on=today)
    with pytest.raises(ChargeNotOpen):
        waive(loan, "PENAL-1", on=today)


def test_a_charge_that_the_calendar_brings_today_can_be_waived_before_the_run_bills_it() -> None:
    loan = a_disbursed_loan()
    waive(loan, "PENAL-1", on=date(2026, 2, 9))
    close_through(date(2026, 2, 9))
    assert Charge.objects.filter(loan=loan).count() == 1
    assert_books_verify()


def test_the_name_of_a_charge_is_taken_once_and_some_are_reserved() -> None:
    loan = a_short_loan()
    today = FIRST_DUE
    levy_charge(loan.public_id, key="SWAP-1", amount_paise=100, as_of=today, by=TELLER)
    pay(loan, loan.instalment_paise + 118, on=today)
    for key, refusal in (("SWAP-1", ChargeKeyTaken), ("penal-9", ChargeKeyReserved)):
        with pytest.raises(refusal):
            levy_charge(loan.public_id, key=key, amount_paise=100, as_of=today, by=TELLER)
    pay(loan, 9 * loan.instalment_paise, on=last_due(loan))
    with pytest.raises(LoanAlreadyClosed):
        levy_charge(loan.public_id, key="S", amount_paise=1, as_of=last_due(loan), by=TELLER)
    assert_books_verify()


def test_a_bounce_brings_the_charge_of_the_terms_with_its_gst() -> None:
    a_product(bounce_charge_paise=500 * RUPEE)
    loan = a_disbursed_loan()
    bounced = pay(loan, EMI, on=FIRST_DUE)
    preview = reverse_payment(bounced.pk, as_of=FIRST_DUE, by=TELLER, bounced=True, preview=True)
    done = reverse_payment(bounced.pk, as_of=FIRST_DUE, by=TELLER, bounced=True)
    assert done.comparison == preview.comparison
    assert [(one.key, one.amount_paise) for one in done.comparison.charges_appeared] == [
        ("BOUNCE-3", 590 * RUPEE)
    ]
    assert books_of(loan)[-4:] == [
        ("REVERSAL", "1200", "1000", 666_667),
        ("REVERSAL", "1100", "1000", 1_781_533),
        ("CHARGE", "1300", "4200", 500 * RUPEE),
        ("CHARGE", "1300", "2300", 90 * RUPEE),
    ]
    assert Entry.objects.filter(reference=f"CHARGE/{loan.pk}/BOUNCE-3").exists()
    events = Event.objects.order_by("sequence")
    assert list(events.values_list("sequence", "kind", "reason")) == [
        (1, "PAYMENT", ""),
        (2, "REVERSAL", "goodwill"),
        (3, "CHARGE", "goodwill"),
    ]
    assert_books_verify()


@pytest.mark.parametrize(("charge", "bounced"), [(0, True), (500 * RUPEE, False)])
def test_a_reversal_that_is_no_bounce_and_terms_without_the_charge_bring_none(
    charge: int, bounced: bool
) -> None:
    a_product(bounce_charge_paise=charge)
    payment = pay(a_disbursed_loan(), EMI, on=FIRST_DUE)
    reverse_payment(payment.pk, as_of=FIRST_DUE, by=TELLER, bounced=bounced)
    assert not Charge.objects.exists()
    assert Event.objects.count() == 2


def test_excess_is_refunded_once_and_never_below_zero() -> None:
    loan = a_short_loan()
    on = last_due(loan)
    pay(loan, 6 * loan.instalment_paise + 5_000 * RUPEE, on=on - timedelta(days=200))
    excess = loan.excess_paise
    assert excess > 0
    order = RefundOrder(loan_id=loan.public_id, amount_paise=excess + 1, reference_id="R-0")
    with pytest.raises(RefundExceedsExcess):
        refund_excess(order, as_of=on, by=TELLER)
    preview = preview_refund(loan.public_id, amount_paise=1_000, as_of=on)
    done = refund(loan, 1_000, "R-1", on=on)
    assert done.comparison == preview.comparison
    assert loan.excess_paise == excess - 1_000
    again = refund(loan, 1_000, "R-1", on=on)
    assert (again.repeated, again.event) == (True, done.event)
    with pytest.raises(RefundReferenceReused):
        refund(loan, 999, "R-1", on=on)
    refund(loan, excess - 1_000, "R-2", on=on)
    with pytest.raises(RefundExceedsExcess):
        refund(loan, 1, "R-3", on=on)
    assert loan.status == Loan.Status.CLOSED
    assert books_of(loan)[-1] == ("REFUND", "2110", "1000", excess - 1_000)
    assert_books_verify()


def test_a_refund_of_money_that_bounced_is_owed_again_and_no_more_than_that() -> None:
    loan = a_short_loan()
    on = last_due(loan)
    payment = pay(loan, 6 * loan.instalment_paise + 5_000 * RUPEE, on=FIRST_DUE)
    excess = loan.excess_paise
    close_through(on)
    refund(loan, excess, "R-1", on=on + timedelta(days=1))
    reverse_payment(payment.pk, as_of=on + timedelta(days=2), by=TELLER)
    loan.refresh_from_db()
    owed = Charge.objects.get(loan=loan, kind="REFUND")
    assert (owed.key, owed.amount_paise, loan.excess_paise) == ("REFUND-2", excess, 0)
    assert loan.status == Loan.Status.ACTIVE
    assert_books_verify()
    # The bank had it wrong: booked anew, counting from its day, the money was held after all.
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=payment.amount_paise,
        payment_method="UPI",
        reference_id="ANEW",
        value_date=FIRST_DUE,
    )
    post_payment(order, as_of=on + timedelta(days=2))
    loan.refresh_from_db()
    assert not Charge.objects.filter(loan=loan, cancelled_by=None).exists()
    assert (loan.status, loan.excess_paise) == (Loan.Status.CLOSED, 0)
    assert_books_verify()
