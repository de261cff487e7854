"""What borrowers are told by mail of their loans, when, and how often: once."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from loan.models import Loan
from loan.services.billing.noticing import write_notices
from loan.services.billing.run import run_billing
from loan.services.happening import Author
from loan.services.payments import reverse_payment
from loan.services.takeover import take_over_loan
from loan.tasks import write_morning_notices
from tests.builders import (
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    pay,
)
from tests.integration.loan.test_takeover import an_offer, paid
from users.models import Borrower, Notice
from users.services.notices import mail_of, send_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sending")]

EMI = 24_482 * RUPEE


@pytest.fixture
def sending(settings: Settings) -> None:
    """Let notices be written, as live mode does."""
    settings.BORROWER_NOTICES = True


def kinds(loan: Loan) -> list[str]:
    return list(
        Notice.objects.filter(loan_id=loan.public_id).order_by("pk").values_list("kind", flat=True)
    )


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def text_of(kind: str) -> str:
    subject, text, html = mail_of(Notice.objects.get(kind=kind))
    assert subject in html
    return f"{subject}\n{text}"


def test_an_emi_is_announced_is_due_and_is_overdue_each_on_its_morning() -> None:
    loan = a_disbursed_loan()
    for days, expected in ((-4, 0), (-3, 1), (-2, 1), (-1, 1), (0, 2), (1, 3), (2, 3), (27, 3)):
        day = FIRST_DUE + timedelta(days=days)
        close_through(day - timedelta(days=1))
        for _ in range(2):
            write_notices(day)
        assert len(kinds(loan)) == expected, days
    assert kinds(loan) == ["DUE_SOON", "DUE", "OVERDUE"]
    soon = text_of("DUE_SOON")
    assert "Your EMI of ₹24,482.00 is due on 5 February 2026" in soon
    assert "You may refuse reminders" in soon
    overdue = text_of("OVERDUE")
    assert "₹24,482.00 of it is\nunpaid" in overdue
    assert "You may refuse reminders" not in overdue


def test_what_is_met_already_is_not_asked_for() -> None:
    paid_ahead, partly = a_disbursed_loan(), a_disbursed_loan()
    pay(paid_ahead, EMI, on=date(2026, 1, 20))
    pay(partly, 10_000 * RUPEE, on=date(2026, 1, 20))
    assert write_notices(FIRST_DUE - timedelta(days=3))["due_soon"] == 1
    assert "₹14,482.00" in text_of("DUE_SOON")
    pay(partly, 14_482 * RUPEE, on=FIRST_DUE)
    assert write_notices(FIRST_DUE) == {"due_soon": 0, "due": 0, "overdue": 0}
    close_through(FIRST_DUE)
    assert write_notices(FIRST_DUE + timedelta(days=1))["overdue"] == 0


def test_a_morning_that_was_missed_is_caught_up_for_what_is_overdue() -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE + timedelta(days=2))
    assert write_notices(FIRST_DUE + timedelta(days=3))["overdue"] == 1
    assert kinds(loan) == ["OVERDUE"]


def test_a_payment_is_acknowledged_once_and_the_last_one_closes_the_loan() -> None:
    loan = a_disbursed_loan(tenure_months=12)
    for _ in range(2):
        pay(loan, 45_000 * RUPEE, on=FIRST_DUE, reference="PAY-1")
    assert kinds(loan) == ["PAID"]
    receipt = text_of("PAID")
    assert "₹45,000.00 by UPI on 5 February 2026" in receipt
    assert "PAY-1" in receipt
    pay(loan, 7 * LAKH, on=date(2027, 1, 5))
    assert kinds(loan) == ["PAID", "PAID", "CLOSED"]
    assert "closed on 5 January 2027" in text_of("CLOSED")


def test_a_payment_taken_back_and_given_again_is_acknowledged_as_another() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI, on=FIRST_DUE)
    reverse_payment(payment.pk, as_of=FIRST_DUE, by=Author(actor="teller", reason="bounced"))
    pay(loan, EMI, on=FIRST_DUE)
    assert kinds(loan) == ["PAID", "PAID"]


def test_a_loan_that_its_advance_closes_in_the_run_is_told() -> None:
    loan = a_disbursed_loan(tenure_months=12)
    pay(loan, 7 * LAKH, on=FIRST_DUE)
    close_through(date(2027, 1, 5))
    assert kinds(loan) == ["PAID", "CLOSED"]


def test_reminders_are_refused_and_what_the_law_asks_for_is_not() -> None:
    loan = a_disbursed_loan()
    Borrower.objects.filter(pk=loan.borrower_id).update(wants_reminders=False)
    for day in (FIRST_DUE - timedelta(days=3), FIRST_DUE):
        write_notices(day)
    close_through(FIRST_DUE)
    write_notices(FIRST_DUE + timedelta(days=1))
    pay(loan, EMI, on=FIRST_DUE + timedelta(days=1))
    assert kinds(loan) == ["OVERDUE", "PAID"]


def test_a_reminder_refused_after_it_was_written_is_not_sent() -> None:
    loan = a_disbursed_loan()
    write_notices(FIRST_DUE)
    Borrower.objects.filter(pk=loan.borrower_id).update(wants_reminders=False)
    send_batch(today=FIRST_DUE, now=timezone.now())
    assert (Notice.objects.get().status, mail.outbox) == ("NOT_WANTED", [])


def test_a_reminder_that_is_no_longer_news_is_not_sent() -> None:
    a_disbursed_loan()
    write_notices(FIRST_DUE)
    send_batch(today=FIRST_DUE + timedelta(days=1), now=timezone.now())
    assert (Notice.objects.get().status, mail.outbox) == ("STALE", [])


def test_a_history_that_is_taken_over_is_news_to_nobody() -> None:
    a_product()
    take_over_loan(
        an_offer(),
        borrower=a_borrower(),
        payments=paid((FIRST_DUE, EMI)),
        as_of=date(2026, 3, 1),
    )
    assert not Notice.objects.exists()


def test_where_notices_are_switched_off_none_is_written(settings: Settings) -> None:
    settings.BORROWER_NOTICES = False
    pay(a_disbursed_loan(), EMI, on=FIRST_DUE)
    assert write_morning_notices() == {}
    assert not Notice.objects.exists()


def test_a_morning_takes_three_statements_however_many_loans_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        a_disbursed_loan()
    with django_assert_num_queries(3):
        assert write_notices(FIRST_DUE)["due"] == 3
