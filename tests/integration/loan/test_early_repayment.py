"""Part prepayments and foreclosures through their services, the billing run and the audit."""

from datetime import date, timedelta

import pytest

from loan.domain.events import Tenor, Towards
from loan.domain.servicing import LoanClosedRefusesPayment
from loan.models import Charge, Due, Event, Loan, Payment, ScheduleVersion
from loan.selectors.foreclosure import QuoteForPastDay, QuoteTooFarAhead
from loan.services.billing.run import run_billing
from loan.services.early_repayment import (
    ForeclosureAmountDiffers,
    NothingToForeclose,
    PrepaymentTooLarge,
    PrepaymentTooSmall,
    QuoteExpired,
    foreclose,
    foreclosure_quote_for,
    prepay,
    preview_prepayment,
)
from loan.services.happening import Author, FutureValueDate
from loan.services.payments import PaymentOrder, ReferenceReused, reverse_payment
from loan.services.rescheduling import RescheduleOrder, reschedule
from tests.audit import findings
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, books_of, pay

MARCH_DUE = date(2026, 3, 5)
BY = Author(actor="tester", reason="asked by the borrower")


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def an_order(
    loan: Loan,
    paise: int,
    *,
    towards: Towards = Towards.REDUCE_TENURE,
    reference: str = "EARLY-1",
) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=paise,
        payment_method="NEFT",
        reference_id=reference,
        towards=towards,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("towards", [Towards.REDUCE_TENURE, Towards.REDUCE_EMI])
def test_a_part_prepayment_pays_dues_then_interest_then_principal(towards: Towards) -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    on = date(2026, 2, 15)
    payment = prepay(an_order(loan, 150_000 * RUPEE, towards=towards), as_of=on, by=BY).payment
    # The due of 24,482.00 and the penal charge of 500.00 first, then 10/28 of March's interest.
    assert payment.penal_paise == 500 * RUPEE
    assert payment.interest_paise == 6_666_67 + 2_296_12
    assert payment.principal_paise == 150_000 * RUPEE - 500 * RUPEE - 8_962_79
    assert (payment.advance_paise, payment.excess_paise) == (0, 0)
    loan.refresh_from_db()
    assert loan.schedule_version == ScheduleVersion.objects.get().version == 2
    assert loan.oldest_unpaid_due_date == MARCH_DUE
    assert Due.objects.filter(loan=loan).count() == 2
    close_through(MARCH_DUE)
    assert Due.objects.filter(loan=loan, due_date=MARCH_DUE, revision=2).count() == 1
    assert findings() == []
    pay(loan, 24_482 * RUPEE, on=MARCH_DUE + timedelta(days=1))
    assert findings() == []


@pytest.mark.django_db
def test_a_prepayment_taken_back_brings_the_old_schedule_and_the_overdue_date() -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    prepay(an_order(loan, 150_000 * RUPEE), as_of=date(2026, 2, 15), by=BY)
    close_through(date(2026, 3, 20))
    payment = Payment.objects.get()
    reverse_payment(payment.pk, as_of=date(2026, 3, 21), by=BY)
    loan.refresh_from_db()
    assert (loan.schedule_version, loan.oldest_unpaid_due_date) == (3, FIRST_DUE)
    assert loan.principal_paid_paise == 0
    assert findings() == []
    close_through(date(2026, 4, 10))
    assert findings() == []


@pytest.mark.django_db
def test_a_preview_shows_what_is_saved_and_writes_nothing() -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    order = an_order(loan, 150_000 * RUPEE)
    shown = preview_prepayment(order, as_of=date(2026, 2, 15)).comparison
    assert (Payment.objects.count(), Event.objects.count()) == (0, 0)
    assert shown.after.interest_to_come_paise < shown.before.interest_to_come_paise
    assert shown.after.last_due_date is not None
    assert shown.before.last_due_date is not None
    assert shown.after.last_due_date < shown.before.last_due_date
    prepay(order, as_of=date(2026, 2, 15))
    loan.refresh_from_db()
    assert loan.principal_paid_paise == shown.after.principal_paid_paise


@pytest.mark.django_db
def test_prepayments_out_of_bounds_are_refused_and_change_nothing() -> None:
    loan = a_disbursed_loan()
    on = date(2026, 1, 20)
    amount = foreclosure_quote_for(loan.public_id, on=None, as_of=on).quote.amount_paise
    before = books_of(loan)
    with pytest.raises(PrepaymentTooLarge):
        prepay(an_order(loan, amount), as_of=on)
    with pytest.raises(PrepaymentTooSmall):
        prepay(an_order(loan, 3_225_81), as_of=on)
    assert books_of(loan) == before
    assert not Payment.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_the_same_reference_prepays_once() -> None:
    loan = a_disbursed_loan()
    on = date(2026, 1, 20)
    first = prepay(an_order(loan, 50_000 * RUPEE), as_of=on)
    again = prepay(an_order(loan, 50_000 * RUPEE), as_of=on)
    assert (again.payment, again.repeated) == (first.payment, True)
    with pytest.raises(ReferenceReused):
        prepay(an_order(loan, 50_000 * RUPEE, towards=Towards.REDUCE_EMI), as_of=on)


@pytest.mark.django_db
def test_i24_a_quote_paid_exactly_closes_the_loan_and_one_paisa_less_does_not() -> None:
    a_product(foreclosure_charge_bps=200)
    loan = a_disbursed_loan()
    pay(loan, 30_000 * RUPEE, on=date(2026, 1, 25))
    close_through(FIRST_DUE)
    on = date(2026, 2, 15)
    asked = foreclosure_quote_for(loan.public_id, on=None, as_of=on).quote
    # 4,82,184.67, ten days' interest, 2 % of it, 18 % GST on that, less the 5,518.00 held.
    assert asked.amount_paise == 48_218_467 + 211_369 + 964_369 + 173_586 - 551_800
    for wrong in (-1, 1):
        with pytest.raises(ForeclosureAmountDiffers):
            foreclose(an_order(loan, asked.amount_paise + wrong), quoted_on=on, as_of=on)
    foreclose(an_order(loan, asked.amount_paise), quoted_on=on, as_of=on, by=BY)
    loan.refresh_from_db()
    assert (loan.status, loan.closed_on) == ("CLOSED", on)
    assert (loan.advance_paise, loan.excess_paise) == (0, 0)
    assert loan.principal_paid_paise == loan.principal_paise
    charge = Charge.objects.get(kind="FORECLOSURE")
    assert (charge.amount_paise, charge.gst_paise) == (964_369 + 173_586, 173_586)
    assert findings() == []
    close_through(MARCH_DUE)
    assert findings() == []
    with pytest.raises(LoanClosedRefusesPayment):
        foreclosure_quote_for(loan.public_id, on=None, as_of=date(2026, 3, 6))


@pytest.mark.django_db
def test_a_foreclosure_taken_back_opens_the_loan_again() -> None:
    a_product(foreclosure_charge_bps=200)
    loan = a_disbursed_loan()
    on = date(2026, 2, 1)
    asked = foreclosure_quote_for(loan.public_id, on=on, as_of=on).quote
    payment = foreclose(an_order(loan, asked.amount_paise), quoted_on=on, as_of=on).payment
    close_through(date(2026, 2, 12))
    reverse_payment(payment.pk, as_of=date(2026, 2, 13), by=BY)
    loan.refresh_from_db()
    assert (loan.status, loan.oldest_unpaid_due_date) == ("ACTIVE", FIRST_DUE)
    assert Charge.objects.get(kind="FORECLOSURE").cancelled_by is not None
    assert findings() == []


@pytest.mark.django_db
def test_a_loan_restructured_and_closed_on_one_day_is_no_npa_and_its_books_verify() -> None:
    """The set-based run and the fold of the events have to say the same of such a loan."""
    loan, on = a_disbursed_loan(), date(2026, 1, 20)
    close_through(on - timedelta(days=1))
    longer = RescheduleOrder(
        loan_id=loan.public_id, change=Tenor(instalments=36), restructures=True
    )
    reschedule(longer, as_of=on, by=BY)
    asked = foreclosure_quote_for(loan.public_id, on=None, as_of=on).quote.amount_paise
    foreclose(an_order(loan, asked), quoted_on=None, as_of=on, by=BY)
    close_through(on + timedelta(days=2))
    loan.refresh_from_db()
    assert (loan.status, loan.restructured_on, loan.npa_since) == ("CLOSED", on, None)
    assert findings() == []


@pytest.mark.django_db
def test_quotes_out_of_time_are_refused() -> None:
    loan = a_disbursed_loan()
    on = date(2026, 2, 1)
    asked = foreclosure_quote_for(loan.public_id, on=on, as_of=on).quote
    order = an_order(loan, asked.amount_paise)
    with pytest.raises(QuoteForPastDay):
        foreclosure_quote_for(loan.public_id, on=date(2026, 1, 31), as_of=on)
    with pytest.raises(QuoteTooFarAhead):
        foreclosure_quote_for(loan.public_id, on=date(2026, 3, 5), as_of=on)
    with pytest.raises(QuoteExpired):
        foreclose(order, quoted_on=on, as_of=date(2026, 2, 2))
    with pytest.raises(FutureValueDate):
        foreclose(order, quoted_on=date(2026, 2, 2), as_of=on)
    assert not Payment.objects.exists()


@pytest.mark.django_db
def test_a_quote_for_a_later_day_is_what_closes_the_loan_then() -> None:
    loan = a_disbursed_loan()
    later = date(2026, 2, 20)
    asked = foreclosure_quote_for(loan.public_id, on=later, as_of=date(2026, 2, 1)).quote
    assert asked.penal_paise == 500 * RUPEE
    close_through(later - timedelta(days=1))
    foreclose(an_order(loan, asked.amount_paise), quoted_on=later, as_of=later)
    loan.refresh_from_db()
    assert loan.status == "CLOSED"
    assert findings() == []


@pytest.mark.django_db
def test_a_loan_paid_in_advance_has_nothing_to_foreclose() -> None:
    loan = a_disbursed_loan()
    pay(loan, 700_000 * RUPEE, on=date(2026, 1, 20))
    asked = foreclosure_quote_for(loan.public_id, on=None, as_of=date(2026, 1, 20)).quote
    assert asked.amount_paise == 0
    assert asked.refundable_paise > 0
    with pytest.raises(NothingToForeclose):
        foreclose(an_order(loan, 1), quoted_on=None, as_of=date(2026, 1, 20))
