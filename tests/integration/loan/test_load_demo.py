"""The demo book: built through the services, it ends today, and its books verify."""

from collections.abc import Sequence
from datetime import date
from io import StringIO

import pytest
from django.conf import settings as shipped
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django import Settings

from bright_credit.common import business_day
from credit.models import BankTransaction
from loan.models import BillingRun, BusinessDay, Loan, LoanApplication, Payment
from loan.services.billing.run import run_billing
from loan.services.demo.book import DemoOrder, DemoReport, load_demo
from tests.audit import assert_books_verify
from users.models import AadhaarRecord, Borrower

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 12)
YESTERDAY = date(2026, 11, 11)
SAMPLE_LOANS = 7


def a_demo(*, borrowers: int = 12, months: int = 6, seed: int = 1) -> DemoReport:
    return load_demo(DemoOrder(borrowers=borrowers, months=months, seed=seed, today=TODAY))


def load_sample() -> None:
    call_command("loaddata", shipped.BASE_DIR / "initial_data.json", verbosity=0)


def test_on_an_empty_book_a_batch_ends_today_and_verifies() -> None:
    report = a_demo()
    assert (report.batch, report.borrowers, Borrower.objects.count()) == (1, 12, 12)
    assert AadhaarRecord.objects.count() == 12
    assert report.active + report.closed == Loan.objects.count() > 5
    assert report.payments == Payment.objects.count() > 10
    assert report.bank_transactions == BankTransaction.objects.count()
    assert report.referred >= 1
    assert BusinessDay.objects.get().closed_through_date == YESTERDAY
    assert Payment.objects.filter(value_date__gt=TODAY).count() == 0
    assert_books_verify()


def test_after_the_sample_data_the_days_since_are_closed_by_the_billing_run() -> None:
    load_sample()
    a_demo()
    days = BillingRun.objects.order_by("business_date").values_list("business_date", flat=True)
    assert [day.day for day in days] == list(range(1, 12))
    assert Loan.objects.count() > SAMPLE_LOANS
    assert LoanApplication.objects.filter(submitted_on=TODAY).exists()
    assert_books_verify()


def test_after_a_billing_run_a_second_batch_is_made_of_other_people() -> None:
    load_sample()
    run_billing(YESTERDAY, today=TODAY, may_run_ahead=False)
    first = a_demo(borrowers=6, months=3)
    second = a_demo(borrowers=6, months=3)
    assert (first.batch, second.batch) == (1, 2)
    assert Borrower.objects.count() == 8 + 6 + 6
    emails = Borrower.objects.filter(email__endswith=".example").values_list("email", flat=True)
    assert len({email.partition("@")[0] for email in emails}) == 6
    assert_books_verify()


def test_the_same_order_makes_the_same_book() -> None:
    def made(seed: int) -> Sequence[tuple[object, ...]]:
        """Return the loans of a batch that is undone again."""
        with transaction.atomic():
            a_demo(borrowers=6, months=4, seed=seed)
            loans = Loan.objects.order_by("disbursed_on", "pk").values_list(
                "principal_paise", "disbursed_on", "principal_paid_paise", "borrower__name"
            )
            found = list(loans)
            transaction.set_rollback(True)
        return found

    assert made(7) == made(7)
    assert made(7) != made(8)


def test_days_closed_ahead_of_the_calendar_are_where_the_book_ends() -> None:
    load_sample()
    run_billing(date(2026, 12, 20), today=TODAY, may_run_ahead=True)
    a_demo(borrowers=6, months=3)
    assert BusinessDay.objects.get().closed_through_date == date(2026, 12, 20)
    assert_books_verify()


def test_the_command_loads_the_sample_first_and_says_what_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(business_day, "today", lambda: TODAY)
    out = StringIO()
    call_command("load_demo", "--borrowers", 5, "--months", 3, stdout=out)
    assert Borrower.objects.count() == 8 + 5
    assert "loading the sample data first" in out.getvalue()
    assert "Demo batch 1" in out.getvalue()
    assert "verify_books" in out.getvalue()
    assert_books_verify()


@pytest.mark.parametrize(
    "options", [("--borrowers", 0), ("--borrowers", -5), ("--months", 0), ("--months", 61)]
)
def test_sizes_beyond_reason_are_refused(options: tuple[str, int]) -> None:
    with pytest.raises(CommandError, match=f"{options[0]} must be from 1 to"):
        call_command("load_demo", *options)
    assert not Borrower.objects.exists()


def test_live_mode_refuses(settings: Settings) -> None:
    settings.LIVE = True
    with pytest.raises(CommandError, match="live mode"):
        call_command("load_demo")
    assert not Borrower.objects.exists()
