"""The billing run: what a day posts, once, in order, and what it leaves behind."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.models import Entry, Transfer
from loan.models import Allocation, BillingRun, BusinessDay, Charge, Due, Loan
from loan.services.billing.run import BillingReport, DayNotOver, TooManyDays, run_billing
from tests.audit import assert_books_verify, findings
from tests.builders import RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
FEBRUARY_5 = date(2026, 2, 5)


def close(day: date, *, transactions: Path | None = None) -> BillingReport:
    """Close every day up to `day`, as on the morning after."""
    return run_billing(
        day, today=day + timedelta(days=1), may_run_ahead=False, transactions=transactions
    )


def test_dues_become_rows_on_their_date_and_not_before() -> None:
    loan = a_disbursed_loan()
    close(date(2026, 2, 4))
    assert Due.objects.count() == 0
    close(date(2026, 2, 5))
    due = Due.objects.get()
    assert (due.loan_id, due.number, due.interest_paise) == (loan.pk, 1, 6_666_67)
    assert_books_verify()


def test_missed_days_are_caught_up_in_order() -> None:
    a_disbursed_loan()
    report = close(date(2026, 4, 10))
    days = [run.business_date for run in report.closed]
    assert days == [date(2026, 1, 10) + timedelta(days=n) for n in range(len(days))]
    assert days[-1] == date(2026, 4, 10)
    assert list(Due.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert BusinessDay.objects.get().closed_through_date == date(2026, 4, 10)
    assert_books_verify()


def test_a_second_run_of_the_same_day_changes_nothing() -> None:
    a_disbursed_loan()
    close(date(2026, 3, 20))
    before = (list(Entry.objects.values_list()), list(Transfer.objects.values_list()))
    runs = list(BillingRun.objects.values_list())
    assert close(date(2026, 3, 20)).closed == ()
    assert before == (list(Entry.objects.values_list()), list(Transfer.objects.values_list()))
    assert runs == list(BillingRun.objects.values_list())


def test_an_unpaid_due_is_charged_for_when_its_grace_is_over() -> None:
    a_disbursed_loan()
    close(date(2026, 2, 8))
    assert Charge.objects.count() == 0
    close(date(2026, 2, 9))
    assert Charge.objects.get().levied_on == date(2026, 2, 9)
    assert_books_verify()


def test_an_advance_meets_the_due_of_its_date() -> None:
    loan = a_disbursed_loan()
    pay(loan, EMI, on=date(2026, 1, 20))
    close(date(2026, 2, 5))
    loan.refresh_from_db()
    assert (loan.advance_paise, loan.next_number) == (0, 2)
    assert Allocation.objects.get().source == Allocation.Source.ADVANCE
    assert_books_verify()


def test_a_loan_becomes_npa_at_the_day_end_of_the_ninetieth_day() -> None:
    loan = a_disbursed_loan()
    close(date(2026, 2, 5) + timedelta(days=89))
    loan.refresh_from_db()
    assert loan.npa_since is None
    close(date(2026, 2, 5) + timedelta(days=90))
    loan.refresh_from_db()
    assert loan.npa_since == date(2026, 5, 6)
    assert_books_verify()


def test_history_does_not_depend_on_when_the_run_was_made() -> None:
    """A payment that arrives while the run is days behind first does what the run had not."""
    punctual, behind = a_disbursed_loan(), a_disbursed_loan()
    payment_day = date(2026, 3, 20)
    close(payment_day - timedelta(days=1))
    for loan in (punctual, behind):
        pay(loan, 60_000 * RUPEE, on=payment_day)
    close(payment_day)
    assert _story(punctual) == _story(behind)

    late = a_disbursed_loan()
    assert late.disbursed_on == date(2026, 3, 21)  # the books were closed through the 20th


def test_a_payment_ahead_of_the_run_leaves_the_run_nothing_to_repeat() -> None:
    loan = a_disbursed_loan()
    pay(loan, 60_000 * RUPEE, on=date(2026, 3, 20))  # two dues and two charges are behind it
    before = _story(loan)
    close(date(2026, 3, 20))
    assert _story(loan) == before
    assert_books_verify()


def _story(loan: Loan) -> list[object]:
    """Return what happened to a loan, without keys and instants."""
    loan.refresh_from_db()
    return [
        list(loan.dues.order_by("number").values_list("number", "due_date", "interest_paise")),
        list(loan.charges.order_by("key").values_list("key", "levied_on", "amount_paise")),
        list(
            loan.allocations.order_by("id").values_list(
                "value_date", "instalment_number", "interest_paise", "principal_paise"
            )
        ),
        (loan.next_number, loan.principal_paid_paise, loan.penal_levied_through, loan.npa_since),
    ]


def test_a_day_that_has_not_ended_is_refused_outside_the_sandbox() -> None:
    a_disbursed_loan()
    today = date(2026, 2, 5)
    with pytest.raises(DayNotOver):
        run_billing(today, today=today, may_run_ahead=False)
    run_billing(today, today=today, may_run_ahead=True)
    assert BusinessDay.objects.get().closed_through_date == today


def test_days_beyond_reason_are_refused() -> None:
    a_disbursed_loan()
    with pytest.raises(TooManyDays):
        run_billing(date(2999, 1, 1), today=date(2026, 2, 5), may_run_ahead=True)


def test_a_payment_after_the_close_takes_the_open_business_date() -> None:
    loan = a_disbursed_loan()
    today = date(2026, 2, 5)
    run_billing(today, today=today, may_run_ahead=True)
    assert pay(loan, EMI, on=today).value_date == date(2026, 2, 6)
    assert_books_verify()


def test_the_manifest_counts_what_the_day_brought() -> None:
    loan = a_disbursed_loan()
    pay(loan, 100 * RUPEE, on=date(2026, 2, 5))
    a_disbursed_loan(as_of=date(2026, 1, 11))
    run = close(date(2026, 2, 5)).closed[-1]
    assert run.manifest["dues"]["count"] == 2
    assert run.manifest["payments"] == {"count": 1, "amount_paise": 100 * RUPEE}
    assert run.manifest["run"]["loans_seen"] == 1  # a payment has billed the other one
    assert run.manifest["loans"]["overdue"] == 2
    assert run.status == BillingRun.Status.CLOSED


def test_the_seal_of_a_day_shows_tampering() -> None:
    a_disbursed_loan()
    close(date(2026, 2, 6))
    assert findings() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET narrative = 'tampered' WHERE kind = 'DISBURSEMENT'")
    assert {finding.check for finding in findings()} == {"seal"}


def test_positions_and_the_calendar_never_go_back() -> None:
    loan = a_disbursed_loan()
    pay(loan, EMI, on=FEBRUARY_5)
    close(FEBRUARY_5)
    with pytest.raises(IntegrityError, match="cannot go back"), transaction.atomic():
        Loan.objects.filter(pk=loan.pk).update(position_date=date(2026, 1, 31))
    with pytest.raises(IntegrityError, match="cannot go back"), transaction.atomic():
        BusinessDay.objects.update(closed_through_date=date(2026, 1, 31))
