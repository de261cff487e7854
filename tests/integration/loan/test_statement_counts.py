"""SQL statements pinned: each is named, and none is repeated for each row of a list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from loan.services.billing.run import run_billing
from tests.api.calls import answer, post
from tests.builders import FIRST_DUE, LAKH, RUPEE, a_borrower, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

# A test runs inside a transaction, so begin and commit are seen as a savepoint and its release.
# What is sent by one message (`bright_credit.common.postgresql.messages`) is counted once.


@pytest.fixture
def on_first_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be the first due date."""
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: FIRST_DUE)


def order_of(loan: Loan, *, rupees: float, reference: str) -> dict[str, Any]:
    return {
        "loan_id": loan.public_id,
        "amount": rupees,
        "payment_method": "UPI",
        "reference_id": reference,
    }


@pytest.mark.usefixtures("on_first_due")
def test_a_payment_takes_six_statements(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    loan = a_disbursed_loan()
    order = order_of(loan, rupees=24_482, reference="PAY-1")
    # Begin. Locked, in one message: the day, with the open date; the loan's row.
    # Read, in one message: the reference; its number among the loan's events; a key; open charges;
    # unpaid instalments; what is billed.
    # Its due. Written, in one message: the payment; its event; its allocation; the entries with
    # their transfers; the position. Commit.
    with django_assert_num_queries(6):
        answer(post(client, "loans/payments", order), status=201)
    # Begin, what is locked, what is read; the payment; commit; the allocation, for the answer.
    with django_assert_num_queries(6):
        answer(post(client, "loans/payments", order), status=201)


def test_a_payment_that_meets_many_dues_and_charges_takes_two_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Charges are levied by one statement and marked as paid by another, however many they are."""
    few, many = a_disbursed_loan(), a_disbursed_loan()
    for loan, day, of_class in ((few, date(2026, 2, 20), 0), (many, date(2027, 6, 20), 5)):
        # Those above, and: the new charges; what is paid of them. The loan
        # is read again by the builder. Arrears of 90 days on the way are told by all loans: the
        # events and the schedule of this one; the borrower's loans; the changes of class, and those
        # that are new.
        with django_assert_num_queries(6 + 2 + 1 + of_class):
            pay(loan, 5 * LAKH, on=day)
    assert (few.charges.count(), many.charges.count()) == (1, 17)
    assert not many.charges.filter(paid_paise=0).exists()


def test_a_payment_reads_no_more_after_many_payments(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    loan = a_disbursed_loan()
    for _ in range(20):
        pay(loan, 100 * RUPEE, on=FIRST_DUE)
    # As above, less the due, which is billed already.
    with django_assert_num_queries(5 + 1):
        pay(loan, 100 * RUPEE, on=FIRST_DUE)


@pytest.mark.usefixtures("on_first_due")
def test_an_application_takes_twenty_one_statements_when_it_is_paid_out(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_product(maximum_active_loans=100)
    a_disbursed_loan(as_of=FIRST_DUE)
    request = {"product": "PERSONAL_LOAN", "purpose": "OTHER"}
    for running, months in ((0, 6), (5, 60)):
        borrower = a_borrower()
        for n in range(running):
            a_disbursed_loan(borrower, amount_paise=(25 + n) * 1_000 * RUPEE, as_of=FIRST_DUE)
        asked = request | {
            "user_id": borrower.public_id,
            "amount": 100_000,
            "tenure_months": months,
        }
        # Begin; the day's lock with the open date; the product, its bands, its slabs; the borrower,
        # locked; loans; bank transactions; score; recent applications; duplicates.
        # The application; the decision; the loan; its instalments; its entry (savepoint, insert,
        # read back, transfers, release); commit.
        with django_assert_num_queries(21):
            answer(post(client, "loans/apply", asked), status=201)
        # Those of the first two lines, the application, the decision; commit.
        with django_assert_num_queries(14):
            body = answer(post(client, "loans/apply", asked), status=201)
        assert body["status"] == "REJECTED"


def test_a_day_takes_as_many_statements_for_ten_dues_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    a_disbursed_loan()
    run_billing(FIRST_DUE - timedelta(days=1), today=FIRST_DUE, may_run_ahead=False)
    counts = []
    for day in (FIRST_DUE, date(2026, 3, 5)):
        run_billing(day - timedelta(days=1), today=day, may_run_ahead=False)
        # The opening, one transaction: the calendar, the run, its work list.
        # The one chunk: claimed in a transaction of its own; locked, schedules held, loans moved
        # and loans in suspense that are due looked for, dues, entry, whether any partner listens,
        # done; none is left.
        # The classes: begin, its lock, the day's lock, whether it is closed; whose class was
        # changed today, who is newly non-performing, has aged, is standard again; commit.
        # The close: begin, lock, run, date, run before, seal, manifest, run, commit.
        # The scores: begin, runs, files; loans and payments of those days; dues, loans, borrowers,
        # bank transactions; scores, runs, commit.
        with django_assert_num_queries(74):
            report = run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)
        counts.append(report.closed[-1].manifest["dues"]["count"])
        for _ in range(9):
            a_disbursed_loan(as_of=day + timedelta(days=1))
    assert counts == [1, 10]
