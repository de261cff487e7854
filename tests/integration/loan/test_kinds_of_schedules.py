"""Loans of every kind of schedule, lived from the disbursement to the last rupee."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Entry, Transfer
from loan.models import Instalment, Loan
from loan.selectors.billing_preview import preview_days
from loan.selectors.carrying import carry_to
from loan.selectors.products import product_by_code
from loan.services.billing.bill_range import bill_range
from loan.services.billing.run import run_billing
from loan.services.happening import Author
from loan.services.offering import make_offer
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.takeover import PastPayment, take_over_loan
from statements.selectors.statement import statement
from tests.audit import assert_books_verify
from tests.builders import (
    DISBURSED,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    books_of,
    pay,
)

pytestmark = pytest.mark.django_db

CAPITALISES_ON = date(2026, 4, 5)
CAPITALISED: dict[str, Any] = {
    "principal_moratorium_periods": 3,
    "interest_moratorium_periods": 3,
    "moratorium_interest": "CAPITALISED",
}


def bill_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def booked(kind: str) -> list[tuple[date, str, str, int]]:
    """Return the transfers of a kind, of one loan or of many: date, debit, credit, paise."""
    return [
        (line.entry.value_date, line.debit_id, line.credit_id, line.amount_paise)
        for line in Transfer.objects.filter(entry__kind=kind).select_related("entry")
    ]


def test_interest_kept_back_upfront_is_income_of_the_day_of_disbursement() -> None:
    """26 days before the first whole period: 5,698.63."""
    a_product(minimum_gap_days=30, broken_period_interest="UPFRONT")
    loan = a_disbursed_loan()
    assert loan.net_disbursed_paise == 482_501_37
    assert books_of(loan) == [
        ("DISBURSEMENT", "1100", "1000", 482_501_37),
        ("DISBURSEMENT", "1100", "4100", 10_000 * RUPEE),
        ("DISBURSEMENT", "1100", "2300", 1_800 * RUPEE),
        ("DISBURSEMENT", "1100", "4000", 5_698_63),
    ]
    drawn = statement(loan.public_id, as_of=None, today=DISBURSED)
    assert drawn.summary.upfront_interest_paise == 5_698_63
    assert (drawn.summary.interest_paid_paise, drawn.summary.outstanding_paise) == (0, 5 * LAKH)
    assert_books_verify()


def test_the_run_capitalises_on_its_day_and_the_principal_owed_grows() -> None:
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    bill_through(CAPITALISES_ON - timedelta(days=1))
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.principal_outstanding_paise) == (0, 5 * LAKH)
    assert [day.capitalised_paise for day in preview_days([CAPITALISES_ON])] == [20_000 * RUPEE]
    report = run_billing(
        CAPITALISES_ON, today=CAPITALISES_ON + timedelta(days=1), may_run_ahead=False
    )
    assert report.closed[-1].manifest["interest_capitalised"] == {
        "count": 1,
        "amount_paise": 20_000 * RUPEE,
    }
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.principal_outstanding_paise) == (
        20_000 * RUPEE,
        5 * LAKH + 20_000 * RUPEE,
    )
    assert booked("INTEREST_CAPITALISED") == [(CAPITALISES_ON, "1100", "4000", 20_000 * RUPEE)]
    bill_through(CAPITALISES_ON + timedelta(days=40))
    assert len(booked("INTEREST_CAPITALISED")) == 1
    assert_books_verify()


def test_a_statement_knows_what_was_capitalised_by_its_day() -> None:
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    bill_through(CAPITALISES_ON)
    for offset, capitalised in ((-1, 0), (0, 20_000 * RUPEE)):
        day = CAPITALISES_ON + timedelta(days=offset)
        summary = statement(loan.public_id, as_of=day, today=date(2026, 5, 1)).summary
        assert summary.capitalised_paise == capitalised
        assert summary.outstanding_paise == 5 * LAKH + capitalised


def test_a_loan_shows_what_is_capitalised_before_the_run_has_come() -> None:
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    carry_to([loan], CAPITALISES_ON)
    assert loan.principal_outstanding_paise == 5 * LAKH + 20_000 * RUPEE


def test_a_payment_brings_what_the_clock_had_not_brought_yet() -> None:
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    pay(loan, 1_000 * RUPEE, on=CAPITALISES_ON)
    assert (loan.capitalised_paise, loan.advance_paise) == (20_000 * RUPEE, 1_000 * RUPEE)
    assert ("INTEREST_CAPITALISED", "1100", "4000", 20_000 * RUPEE) in books_of(loan)
    bill_through(CAPITALISES_ON)
    assert len(booked("INTEREST_CAPITALISED")) == 1
    assert_books_verify()


@pytest.mark.parametrize(
    "terms",
    [
        CAPITALISED,
        {"frequency": "QUARTERLY", "day_count": "ACTUAL_365"},
        {"frequency": "WEEKLY", "due_day": None, "day_count": "ACTUAL_360"},
        {"frequency": "FORTNIGHTLY", "due_day": None, "interest_method": "FLAT"},
        {"minimum_gap_days": 40, "broken_period_interest": "WITH_FIRST_INSTALMENT"},
        {"principal_moratorium_periods": 2, "interest_method": "EQUAL_PRINCIPAL"},
        {"interest_method": "INTEREST_ONLY", "day_count": "ACTUAL_ACTUAL", "due_day": 31},
    ],
    ids=str,
)
def test_a_loan_of_any_kind_paid_as_agreed_closes_to_zero(terms: dict[str, Any]) -> None:
    a_product(**terms)
    loan = a_disbursed_loan(amount_paise=2 * LAKH, tenure_months=6)
    rows = list(Instalment.objects.filter(loan=loan).order_by("number"))
    for row in rows:
        pay(loan, row.total_paise, on=row.due_date)
    assert (loan.status, loan.principal_outstanding_paise) == (Loan.Status.CLOSED, 0)
    assert loan.closed_on == rows[-1].due_date
    assert loan.advance_paise == loan.excess_paise == 0
    bill_through(rows[-1].due_date)
    assert_books_verify()


def test_a_weekly_loan_draws_its_penal_charge_after_the_days_of_grace() -> None:
    a_product(frequency="WEEKLY", due_day=None)
    loan = a_disbursed_loan(amount_paise=2 * LAKH, tenure_months=6)
    assert (loan.due_day, loan.first_due_date) == (None, date(2026, 1, 31))
    bill_through(date(2026, 2, 3))
    assert not loan.charges.exists()
    bill_through(date(2026, 2, 4))
    assert [charge.key for charge in loan.charges.all()] == ["PENAL-1"]
    assert_books_verify()


@pytest.mark.parametrize("terms", [CAPITALISED, {"frequency": "QUARTERLY"}], ids=str)
def test_a_loan_of_any_kind_is_taken_over_with_its_history(terms: dict[str, Any]) -> None:
    a_product(**terms)
    offer = make_offer(
        product_by_code("PERSONAL_LOAN"),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1600,
        disbursed_on=DISBURSED,
    )
    bill_through(date(2026, 8, 10))
    first = offer.schedule[0]
    loan = take_over_loan(
        offer,
        borrower=a_borrower(),
        payments=[
            PastPayment(
                value_date=first.due_date,
                amount_paise=first.total_paise,
                payment_method="NEFT",
                reference_id="OLD-1",
            )
        ],
        as_of=date(2026, 8, 11),
    )
    loan.refresh_from_db()
    assert loan.next_number == 2
    assert loan.capitalised_paise == offer.plan.capitalised_interest_paise
    assert_books_verify()


def test_a_schedule_of_five_years_of_weeks_is_written_in_one_statement() -> None:
    a_product(frequency="WEEKLY", due_day=None)
    with CaptureQueriesContext(connection) as made:
        a_disbursed_loan(tenure_months=60)
    written = [q for q in made.captured_queries if 'INSERT INTO "loan_instalment"' in q["sql"]]
    assert (len(written), Instalment.objects.count()) == (1, 260)


def test_history_told_anew_leaves_what_was_capitalised_as_it_is() -> None:
    """A payment of before the moratorium's end comes late, and is taken back."""
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    bill_through(date(2026, 5, 20))
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=30_000 * RUPEE,
        payment_method="UPI",
        reference_id="LATE",
        value_date=CAPITALISES_ON - timedelta(days=2),
    )
    payment = post_payment(order, as_of=date(2026, 5, 21)).payment
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.next_number) == (20_000 * RUPEE, 2)
    assert_books_verify()
    reverse_payment(
        payment.pk, as_of=date(2026, 5, 21), by=Author(actor="teller", reason="bounced")
    )
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.next_number) == (20_000 * RUPEE, 1)
    assert len(booked("INTEREST_CAPITALISED")) == 1
    assert_books_verify()


def test_a_payment_that_comes_late_brings_what_the_clock_had_not_brought_yet() -> None:
    """No run has come since: the history told anew capitalises, once and under its own name."""
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=1_000 * RUPEE,
        payment_method="UPI",
        reference_id="LATE",
        value_date=CAPITALISES_ON - timedelta(days=2),
    )
    late = CAPITALISES_ON + timedelta(days=5)
    post_payment(order, as_of=late)
    loan.refresh_from_db()
    assert loan.capitalised_paise == 20_000 * RUPEE
    entry = Entry.objects.get(kind="INTEREST_CAPITALISED")
    assert (entry.reference, entry.narrative) == (f"CAPITALISED/{loan.pk}", "")
    bill_through(late)
    assert Entry.objects.filter(kind="INTEREST_CAPITALISED").count() == 1
    assert_books_verify()


def test_a_loan_whose_capitalising_was_missed_is_brought_to_date_by_the_core() -> None:
    a_product(**CAPITALISED)
    loan = a_disbursed_loan()
    late = CAPITALISES_ON + timedelta(days=3)
    bill_range(late, low=0, high=2**62)
    loan.refresh_from_db()
    assert loan.capitalised_paise == 20_000 * RUPEE
    assert booked("INTEREST_CAPITALISED") == [(CAPITALISES_ON, "1100", "4000", 20_000 * RUPEE)]


def test_instalments_of_weeks_weigh_on_affordability_by_the_month() -> None:
    """A weekly loan of 26 × 20,040 takes 86,840 a month of the income: 55 % of it is the most."""
    a_product(frequency="WEEKLY", due_day=None)
    borrower = a_borrower(annual_income_paise=18 * LAKH)
    with pytest.raises(AssertionError, match="FOIR_EXCEEDED"):
        a_disbursed_loan(borrower, tenure_months=6)
