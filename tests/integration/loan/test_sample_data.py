"""The sample data as shipped: they load, their books verify, and they hold what was promised."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from credit.models import CreditScore, TransactionFile
from credit.services.transactions import load_transaction_file
from loan.domain.delinquency import Bucket
from loan.domain.standing import InstalmentStatus
from loan.models import BusinessDay, Loan, LoanApplication, LoanProduct, Payment
from loan.selectors.loans import loan_by_public_id
from loan.services.billing.run import run_billing
from loan.services.origination import apply_for_loan
from loan.services.payments import PaymentOrder, post_payment
from statements.selectors.statement import statement
from tests.audit import assert_books_verify
from users.models import AadhaarRecord, Borrower
from users.services.registration import register_borrower

INITIAL_DATA = settings.BASE_DIR / "initial_data.json"
TRANSACTIONS = settings.BASE_DIR / "user_transactions.csv"
CLOSED_THROUGH = date(2026, 10, 31)
NOVEMBER_3 = date(2026, 11, 3)
NOVEMBER_23 = date(2026, 11, 23)
RUPEE = 100


@pytest.fixture(scope="module")
def _sample(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the sample once; every test works on it in a transaction of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", INITIAL_DATA, verbosity=0)
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.usefixtures("_sample"), pytest.mark.django_db]


def the_loan() -> Loan:
    return loan_by_public_id("LN-2025-0456")


def test_its_books_verify_and_are_closed_through_october() -> None:
    assert BusinessDay.objects.get().closed_through_date == CLOSED_THROUGH
    assert_books_verify()


def test_eight_borrowers_have_a_first_score_and_a_later_one_and_no_aadhaar_record() -> None:
    assert [borrower.public_id for borrower in Borrower.objects.order_by("pk")] == [
        f"BC-USER-00{number}" for number in range(1, 9)
    ]
    for borrower in Borrower.objects.all():
        triggers = [score.trigger for score in borrower.credit_scores.order_by("id")]
        assert triggers == [CreditScore.Trigger.REGISTRATION, CreditScore.Trigger.BILLING_RUN]
    assert not AadhaarRecord.objects.exists()
    assert any(not borrower.name.isascii() for borrower in Borrower.objects.all())


def test_the_flat_loan_is_the_one_of_the_contract() -> None:
    loan = the_loan()
    assert (loan.principal_paise, loan.tenure_months) == (500_000 * RUPEE, 24)
    assert (loan.interest_method, loan.annual_rate_bps) == ("FLAT", 880)
    rows = list(loan.instalments.order_by("number"))
    assert rows[0].due_date == date(2025, 4, 5)
    assert {row.total_paise for row in rows} == {24_500 * RUPEE}
    assert {(row.principal_paise, row.interest_paise) for row in rows[:-1]} == {
        (20_833 * RUPEE, 3_667 * RUPEE)
    }
    assert (rows[-1].principal_paise, rows[-1].interest_paise) == (20_841 * RUPEE, 3_659 * RUPEE)


def test_its_statement_shows_the_first_instalment_paid() -> None:
    shown = statement("LN-2025-0456", as_of=None, today=NOVEMBER_3)
    first = shown.history[0]
    assert (first.due_date, first.status) == (date(2025, 4, 5), InstalmentStatus.PAID)
    assert (first.principal_paise, first.interest_paise) == (20_833 * RUPEE, 3_667 * RUPEE)
    assert {line.status for line in shown.history} == {InstalmentStatus.PAID}
    assert shown.upcoming[0].due_date == date(2026, 11, 5)
    assert shown.summary.principal_paid_paise == 19 * 20_833 * RUPEE


@pytest.mark.parametrize("today", [date(2026, 11, 5), NOVEMBER_23, date(2027, 1, 20)])
def test_the_payment_of_the_contract_meets_exactly_the_november_instalment(today: date) -> None:
    order = PaymentOrder(
        loan_id="LN-2025-0456",
        amount_paise=24_500 * RUPEE,
        payment_method="UPI",
        reference_id="PAY-789XYZ",
    )
    payment = post_payment(order, as_of=today).payment
    (line,) = payment.allocations.all()
    assert (line.instalment_number, line.interest_paise, line.principal_paise) == (
        20,
        3_667 * RUPEE,
        20_833 * RUPEE,
    )
    assert_books_verify()


def test_the_loans_stand_at_different_stages() -> None:
    active = Loan.objects.filter(status=Loan.Status.ACTIVE)
    assert set(active.values_list("position_date", flat=True)) == {CLOSED_THROUGH}
    assert active.filter(oldest_unpaid_due_date__gt=CLOSED_THROUGH, advance_paise=0).count() == 2
    assert active.filter(advance_paise__gt=0).count() == 1
    assert active.filter(npa_since=date(2026, 10, 3)).count() == 1
    late = active.get(oldest_unpaid_due_date=date(2026, 9, 5))
    standing = statement(late.public_id, as_of=CLOSED_THROUGH, today=NOVEMBER_3).summary
    assert standing.bucket == Bucket.SMA_1
    assert late.next_principal_paid_paise > 0
    assert late.penal_paid_paise > 0
    closed = Loan.objects.filter(status=Loan.Status.CLOSED)
    assert sorted(closed.values_list("excess_paise", flat=True)) == [0, 251 * RUPEE + 50]
    assert max(Loan.objects.values_list("pk", flat=True)) == 456


def test_one_application_waits_and_one_was_rejected_with_reasons() -> None:
    waiting = LoanApplication.objects.get(status=LoanApplication.Status.REFERRED)
    assert [reason["code"] for reason in waiting.reasons] == ["AMOUNT_ABOVE_AUTO_LIMIT"]
    rejected = LoanApplication.objects.get(status=LoanApplication.Status.REJECTED)
    assert "INCOME_BELOW_MIN" in [reason["code"] for reason in rejected.reasons]


def test_only_the_personal_loan_takes_applications() -> None:
    open_to = LoanProduct.objects.filter(open_to_applications=True)
    assert list(open_to.values_list("code", flat=True)) == ["PERSONAL_LOAN"]


def test_the_next_borrower_and_the_next_loan_have_the_numbers_of_the_contract() -> None:
    registration = register_borrower(
        aadhaar_number="888877776666",
        name="Rahul Sharma",
        email="rahul@brightlend.com",
        annual_income_paise=1_800_000 * RUPEE,
        employment_type="SALARIED",
        as_of=NOVEMBER_23,
    )
    assert registration.borrower.public_id == "BC-USER-009"
    assert registration.initial_credit_score == 720
    loan = apply_for_loan(
        "BC-USER-009",
        product_code="PERSONAL_LOAN",
        amount_paise=500_000 * RUPEE,
        tenure_months=24,
        purpose="HOME_RENOVATION",
        as_of=NOVEMBER_23,
    ).loan
    assert loan is not None
    assert (loan.public_id, loan.annual_rate_bps) == ("LN-2026-0457", 1600)


def test_every_row_of_the_transaction_file_loads() -> None:
    file = load_transaction_file(TRANSACTIONS, name="user_transactions.csv", as_of=CLOSED_THROUGH)
    loaded = file.file
    assert (loaded.status, loaded.refusal_text) == (TransactionFile.Status.LOADED, "")
    assert (loaded.rejected_rows, loaded.duplicate_rows, loaded.warnings) == (0, 0, [])
    assert 500 < loaded.accepted_rows < 1_500
    assert file.touched_borrower_ids == tuple(range(1, 9))


def test_the_first_billing_run_closes_every_day_since_october() -> None:
    report = run_billing(
        date(2026, 11, 22), today=NOVEMBER_23, may_run_ahead=False, transactions=TRANSACTIONS
    )
    assert [run.business_date.day for run in report.closed] == list(range(1, 23))
    assert report.rescored == 8
    dues = [run.manifest["dues"]["count"] for run in report.closed if run.manifest["dues"]["count"]]
    assert dues == [5]
    assert_books_verify()


def test_loading_it_twice_changes_nothing() -> None:
    before = list(Payment.objects.order_by("pk").values_list())
    call_command("loaddata", INITIAL_DATA, verbosity=0)
    assert list(Payment.objects.order_by("pk").values_list()) == before
    assert_books_verify()
