"""Interest that has run and is not billed, on the real books."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_beat.models import PeriodicTask

from bright_credit.common import business_day
from ledger.domain.chart import AccountCode
from ledger.models import Entry
from ledger.selectors import trial_balance
from loan.domain.accrual import accrued_interest_paise
from loan.domain.events import WriteOffKind
from loan.domain.schedule import amortization_schedule
from loan.models import Accrual, AccrualShare, Loan
from loan.selectors.loans import terms_of
from loan.services.accruing import post_accruals
from loan.services.billing.run import run_billing
from loan.services.business_day import hold_classifying
from loan.services.early_repayment import foreclose, foreclosure_quote_for
from loan.services.happening import Author
from loan.services.payments import PaymentOrder, post_payment
from loan.services.writing_off import write_off
from loan.tasks import post_nightly_accruals
from tests.audit import assert_books_verify, findings
from tests.builders import DISBURSED, RUPEE, a_disbursed_loan, pay
from tests.integration.loan.racing import collide

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
NPA = date(2026, 5, 6)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def accrue(day: date) -> list[int]:
    """Close days through one, book what is to be accrued, and return it by day."""
    close_through(day)
    made = post_accruals(today=day + timedelta(days=1), actor="system")
    return [accrual.accrued_paise for accrual in made]


def accrual_entries() -> list[tuple[str, str, str, str, int]]:
    return [
        (entry.reference, str(entry.value_date), line.debit_id, line.credit_id, line.amount_paise)
        for entry in Entry.objects.filter(kind="INTEREST_ACCRUED").order_by("id")
        for line in entry.transfers.all()
    ]


def balance(code: str) -> int:
    return trial_balance(as_of=date.max).balance_paise(AccountCode(code))


def first_period_days(loan: Loan) -> int:
    return (loan.first_due_date - loan.disbursed_on).days


def test_each_day_books_its_growth_and_billing_turns_it_round() -> None:
    loan = a_disbursed_loan()
    assert loan.first_due_date == date(2026, 2, 5)
    first, second = amortization_schedule(terms_of(loan))[:2]
    days = first_period_days(loan)
    on_the_third = (date(2026, 2, 3) - DISBURSED).days + 1
    assert accrue(date(2026, 2, 3)) == [first.interest_paise * on_the_third // days]
    assert accrue(date(2026, 2, 4)) == [first.interest_paise]
    assert accrue(date(2026, 2, 5)) == [second.interest_paise // 28]
    third = first.interest_paise * on_the_third // days
    assert accrual_entries() == [
        ("ACCRUAL/2026-02-03/PERSONAL_LOAN", "2026-02-04", "1210", "4010", third),
        (
            "ACCRUAL/2026-02-04/PERSONAL_LOAN",
            "2026-02-05",
            "1210",
            "4010",
            first.interest_paise - third,
        ),
        (
            "ACCRUAL/2026-02-05/PERSONAL_LOAN",
            "2026-02-06",
            "4010",
            "1210",
            first.interest_paise - second.interest_paise // 28,
        ),
    ]
    # All that was earned by then: what was billed, and a day of the next period.
    assert balance("4000") + balance("4010") == first.interest_paise + second.interest_paise // 28
    assert_books_verify()


def test_days_that_were_missed_leave_what_days_in_time_leave() -> None:
    loan = a_disbursed_loan()
    accrue(date(2026, 2, 1))
    close_through(date(2026, 2, 9))
    caught_up = post_accruals(today=date(2026, 2, 10), actor="system")
    terms = terms_of(loan)
    assert {accrual.as_of: accrual.accrued_paise for accrual in caught_up} == {
        day: accrued_interest_paise(terms, amortization_schedule(terms), day)
        for day in (date(2026, 2, number) for number in range(2, 10))
    }
    assert balance("1210") == caught_up[-1].accrued_paise
    assert post_accruals(today=date(2026, 2, 10), actor="system") == ()
    assert_books_verify()


def test_a_borrower_who_does_not_perform_accrues_nothing_until_standard_again() -> None:
    loan = a_disbursed_loan()
    (before,) = accrue(NPA - timedelta(days=1))
    assert before > 0
    assert accrue(NPA) == [0]
    assert accrual_entries()[-1][2:] == ("4010", "1210", before)
    assert balance("1210") == balance("4010") == 0
    pay(loan, 4 * EMI, on=NPA + timedelta(days=1))
    (after,) = accrue(NPA + timedelta(days=1))
    rows = amortization_schedule(terms_of(loan))
    assert after == rows[4].interest_paise * 3 // 31  # the 5th to the 7th of May
    assert_books_verify()


def test_a_loan_that_is_written_off_or_repaid_early_accrues_nothing() -> None:
    written_off, repaid = a_disbursed_loan(), a_disbursed_loan()
    for month in (2, 3, 4, 5):
        pay(repaid, EMI, on=date(2026, month, 5))
    (before,) = accrue(NPA)
    assert before > 0
    on = NPA + timedelta(days=1)
    write_off(written_off.public_id, WriteOffKind.TECHNICAL, as_of=on, by=Author(reason="lost"))
    quote = foreclosure_quote_for(repaid.public_id, on=None, as_of=on).quote
    order = PaymentOrder(
        loan_id=repaid.public_id,
        amount_paise=quote.amount_paise,
        payment_method="UPI",
        reference_id="WHOLE",
    )
    foreclose(order, quoted_on=on, as_of=on)
    assert accrue(on) == [0]
    assert Accrual.objects.count() == 2
    assert AccrualShare.objects.count() == 1
    assert_books_verify()


def test_a_past_event_is_left_to_the_next_accrual_and_is_no_difference_till_then() -> None:
    loan = a_disbursed_loan()
    assert accrue(NPA) == [0]
    payment = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=4 * EMI,
        payment_method="UPI",
        reference_id="LATE",
        value_date=date(2026, 5, 4),
    )
    post_payment(payment, as_of=NPA + timedelta(days=1))
    assert_books_verify()
    (after,) = accrue(NPA + timedelta(days=1))
    assert after == amortization_schedule(terms_of(loan))[4].interest_paise * 3 // 31
    assert_books_verify()


def test_interest_that_was_changed_behind_the_books_is_found() -> None:
    loan = a_disbursed_loan()
    (booked,) = accrue(date(2026, 2, 3))
    Loan.objects.filter(pk=loan.pk).update(disbursed_on=date(2026, 2, 1))
    (found,) = [finding for finding in findings() if finding.check == "accrual"]
    assert found.subject == "PERSONAL_LOAN as of 2026-02-03"
    assert f"booked {booked} paise" in found.detail


def test_the_command_and_the_nightly_task_book_each_day_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(business_day, "today", lambda: date(2026, 2, 3))
    call_command("post_accrual")
    a_disbursed_loan()
    assert "Every closed day has its accrual." in capsys.readouterr().out
    close_through(date(2026, 2, 2))
    call_command("post_accrual")
    assert "2026-02-02" in capsys.readouterr().out
    assert post_nightly_accruals() == {}
    monkeypatch.setattr(business_day, "today", lambda: date(2026, 2, 4))
    close_through(date(2026, 2, 3))
    assert list(post_nightly_accruals(of_a_later_release=1)) == ["2026-02-03"]


def test_the_beat_knows_the_task() -> None:
    scheduled = PeriodicTask.objects.get(task=post_nightly_accruals.name)
    assert scheduled.enabled


def test_an_accrual_takes_as_many_statements_whatever_the_number_of_loans() -> None:
    taken = []
    for loans, day in ((1, date(2026, 2, 3)), (3, date(2026, 2, 4)), (5, date(2026, 2, 5))):
        for _ in range(loans):
            a_disbursed_loan(as_of=day)
        close_through(day)
        with CaptureQueriesContext(connection) as statements:
            post_accruals(today=day + timedelta(days=1), actor="system")
        taken.append(len(statements))
    assert taken[1:] == [26, 26]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accrue_at_once_one_books_the_day() -> None:
    a_disbursed_loan()
    close_through(date(2026, 2, 3))
    made = collide(
        [lambda: post_accruals(today=date(2026, 2, 4), actor="system") for _ in range(4)],
        hold=hold_classifying,
    )
    assert sorted(len(each) for each in made if isinstance(each, tuple)) == [0, 0, 0, 1]
    assert Accrual.objects.count() == Entry.objects.filter(kind="INTEREST_ACCRUED").count() == 1
    assert_books_verify()
