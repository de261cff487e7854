"""Loans taken over with their history: as if they had been here all along, or not at all."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection

from bright_credit.common.errors import DomainError
from ledger.domain.chart import AccountCode
from ledger.models import Entry
from ledger.selectors import trial_balance
from loan.domain.servicing import BeforeDisbursement, LoanClosedRefusesPayment
from loan.models import BusinessDay, Loan, Payment
from loan.services.billing.run import run_billing
from loan.services.demo import payers
from loan.services.offering import Offer, make_offer
from loan.services.payments import ReferenceReused
from loan.services.takeover import (
    HistoryNotPast,
    HistoryOutOfOrder,
    PastPayment,
    take_over_loan,
)
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, LAKH, RUPEE, a_borrower, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
PAYERS = (
    payers.on_time,
    payers.some_days_early,
    payers.some_days_late,
    payers.in_parts,
    payers.quarter_by_quarter,
    payers.twice_over,
    payers.rounding_up,
    payers.catching_up,
    payers.giving_up,
)


def an_offer(*, months: int = 24, disbursed_on: date = DISBURSED) -> Offer:
    return make_offer(
        a_product(),
        principal_paise=5 * LAKH,
        tenure_months=months,
        annual_rate_bps=1600,
        disbursed_on=disbursed_on,
    )


def paid(*amounts: tuple[date, int]) -> tuple[PastPayment, ...]:
    return tuple(
        PastPayment(
            value_date=on, amount_paise=amount, payment_method="UPI", reference_id=f"OLD-{number}"
        )
        for number, (on, amount) in enumerate(amounts, start=1)
    )


def closed_through(day: date) -> None:
    BusinessDay.objects.update_or_create(pk=1, defaults={"closed_through_date": day})


def taken_over(offer: Offer, payments: Sequence[PastPayment], *, as_of: date) -> Loan:
    return take_over_loan(offer, borrower=a_borrower(), payments=payments, as_of=as_of)


def story(loan: Loan) -> list[object]:
    """Return what happened to a loan, without keys and instants."""
    loan.refresh_from_db()
    return [
        list(loan.dues.order_by("number").values_list("number", "due_date", "interest_paise")),
        list(loan.charges.order_by("key").values_list("key", "levied_on", "paid_paise")),
        list(
            loan.payments.order_by("id").values_list(
                "value_date", "interest_paise", "principal_paise", "penal_paise", "advance_paise"
            )
        ),
        list(
            loan.allocations.order_by("id").values_list(
                "source", "value_date", "instalment_number", "interest_paise", "principal_paise"
            )
        ),
        (loan.next_number, loan.advance_paise, loan.penal_levied_through, loan.npa_since),
    ]


def test_a_loan_taken_over_stands_as_one_that_was_served_here_day_by_day() -> None:
    amounts = (
        (date(2026, 2, 1), EMI),
        (date(2026, 3, 5), 10_000 * RUPEE),
        (date(2026, 3, 25), 80_000 * RUPEE),
        (date(2026, 4, 20), 1 * RUPEE),
    )
    until = date(2026, 7, 31)
    here = a_disbursed_loan()
    for on, amount in amounts:
        run_billing(on - timedelta(days=1), today=on, may_run_ahead=False)
        pay(here, amount, on=on)
    run_billing(until, today=until + timedelta(days=1), may_run_ahead=False)
    brought = taken_over(an_offer(), paid(*amounts), as_of=until + timedelta(days=1))
    assert story(brought) == story(here)
    assert_books_verify()


@pytest.mark.parametrize(
    "last_closed",
    [
        date(2026, 1, 9),  # the day before the disbursement
        date(2026, 2, 5),  # the first due date itself
        date(2026, 5, 6),  # the day that makes it non-performing
        date(2028, 6, 30),  # long after the last instalment
    ],
)
def test_a_loan_is_brought_to_the_last_closed_day_whichever_it_is(last_closed: date) -> None:
    closed_through(last_closed)
    today = max(date(2026, 5, 1), last_closed + timedelta(days=1))
    loan = taken_over(an_offer(), (), as_of=today)
    due = [row.number for row in loan.instalments.all() if row.due_date <= last_closed]
    assert list(loan.dues.order_by("number").values_list("number", flat=True)) == due
    assert (loan.npa_since is not None) == (last_closed >= date(2026, 5, 6))
    assert_books_verify()
    run_billing(today, today=today + timedelta(days=1), may_run_ahead=False)
    assert_books_verify()


def test_a_payment_of_the_open_days_is_ahead_of_the_run_which_then_repeats_nothing() -> None:
    closed_through(date(2026, 2, 3))
    loan = taken_over(an_offer(), paid((date(2026, 2, 10), EMI)), as_of=date(2026, 2, 12))
    before = story(loan)
    run_billing(date(2026, 2, 11), today=date(2026, 2, 12), may_run_ahead=False)
    assert story(loan) == before
    assert_books_verify()


@pytest.mark.parametrize("payer", PAYERS, ids=lambda payer: str(payer.__name__))
@pytest.mark.parametrize("months", [6, 18])
def test_books_verify_whatever_the_way_of_paying(payer: payers.Payer, months: int) -> None:
    until = date(2027, 3, 3)
    offer = an_offer(months=months, disbursed_on=date(2026, 1, 21))
    payments = payers.payments_of(
        offer.terms,
        offer.schedule,
        payer(offer.schedule, Random(months)),
        until=until,
        reference="P",
    )
    loan = taken_over(offer, payments, as_of=until + timedelta(days=1))
    assert payments
    assert loan.payments.count() == len(payments)
    assert_books_verify()


def test_a_closing_payment_above_everything_owed_leaves_refundable_excess() -> None:
    offer = an_offer(months=6)
    dues = [(row.due_date, row.total_paise) for row in offer.schedule]
    payments = paid(*dues[:-1], (dues[-1][0], dues[-1][1] + 77))
    loan = taken_over(offer, payments, as_of=date(2026, 9, 1))
    assert (loan.status, loan.closed_on) == (Loan.Status.CLOSED, dues[-1][0])
    assert trial_balance(as_of=date.max).balance_paise(AccountCode.REFUNDABLE_EXCESS) == 77
    assert_books_verify()


@pytest.mark.parametrize(
    ("amounts", "refusal"),
    [
        (((date(2026, 3, 5), EMI), (date(2026, 2, 5), EMI)), HistoryOutOfOrder),
        (((date(2026, 8, 2), EMI),), HistoryNotPast),
        (((date(2026, 1, 9), EMI),), BeforeDisbursement),
        (((date(2026, 7, 5), 6 * LAKH), (date(2026, 7, 6), EMI)), LoanClosedRefusesPayment),
    ],
)
def test_a_history_that_cannot_be_is_refused_and_leaves_nothing(
    amounts: tuple[tuple[date, int], ...], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        taken_over(an_offer(months=6), paid(*amounts), as_of=date(2026, 8, 1))
    assert (Loan.objects.count(), Payment.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_a_loan_disbursed_after_today_is_refused() -> None:
    with pytest.raises(HistoryNotPast):
        taken_over(an_offer(disbursed_on=date(2026, 8, 2)), (), as_of=date(2026, 8, 1))


def test_a_reference_that_stands_for_another_payment_is_refused() -> None:
    payments = paid((date(2026, 2, 5), EMI))
    taken_over(an_offer(), payments, as_of=date(2026, 8, 1))
    with pytest.raises(ReferenceReused):
        taken_over(an_offer(), payments, as_of=date(2026, 8, 1))
    with pytest.raises(ReferenceReused):
        taken_over(an_offer(), (payments[0], payments[0]), as_of=date(2026, 8, 1))
    assert Loan.objects.count() == 1


def test_a_loan_may_keep_its_number_and_the_next_ones_follow_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM loan_loan_id_seq")
        key = cursor.fetchone()[0] + 50
    loan = take_over_loan(an_offer(), borrower=a_borrower(), as_of=date(2026, 8, 1), key=key)
    assert loan.public_id == f"LN-2026-{key:04d}"
    assert taken_over(an_offer(), (), as_of=date(2026, 8, 1)).pk == key + 1
