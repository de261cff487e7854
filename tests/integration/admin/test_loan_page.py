"""A loan on one page, and the ways to find it."""

from datetime import date, timedelta

import pytest
from django.test import Client

from loan.admin.loans import loans_like
from loan.domain.delinquency import Bucket, bucket
from loan.models import Loan, Payment
from loan.selectors.delinquency import in_bucket, overdue
from loan.services.billing.run import run_billing
from tests.builders import LAKH, RUPEE, a_disbursed_loan, a_product, pay
from tests.integration.admin.conftest import TODAY, Book
from tests.integration.admin.pages import list_of, page_of, text_of, words_of

pytestmark = pytest.mark.django_db


def test_a_loans_page_tells_its_whole_story(viewer: Client, book: Book) -> None:
    loan = Loan.objects.get(pk=book.loan.pk)
    words = words_of(viewer, page_of(loan))
    for panel in ("Terms", "Position on 12 Feb 2026", "Schedule", "Dues billed", "Charges"):
        assert panel in words
    assert f"Loan {loan.public_id} Borrower {loan.borrower.public_id} Rahul Sharma" in words
    # 24,482.00 was due on 5 February; 20,000.00 came on the 10th, after the penal charge.
    assert "Days past due 7" in words
    assert "Bucket SMA-0" in words
    assert "Overdue ₹4,482.00" in words
    assert "1 5 Feb 2026 ₹17,815.33 ₹6,666.67 ₹24,482.00 ₹13,333.33 ₹6,666.67" in words
    assert "PARTIALLY PAID" in words
    assert "PENAL-1 Penal 1 9 Feb 2026 ₹500.00 ₹0.00 ₹500.00" in words
    assert "UPI-FIRST UPI ₹20,000.00 Instalment 1: ₹6,666.67 interest, ₹13,333.33" in words
    assert "DISBURSEMENT" in words
    assert "1000 Bank 1100 Loans: principal ₹13,333.33" in words


def test_a_payment_shows_what_was_held_and_what_it_met_later(viewer: Client) -> None:
    loan = a_disbursed_loan(as_of=date(2026, 1, 20))
    pay(loan, 30_000 * RUPEE, on=date(2026, 1, 25))
    run_billing(date(2026, 2, 5), today=TODAY, may_run_ahead=False)
    words = words_of(viewer, page_of(loan))
    assert "Advance : ₹30,000.00" in words.replace("Advance:", "Advance :")
    assert "Met from what was held" in words
    assert "5 Feb 2026 Advance Instalment 1: ₹6,666.67 interest, ₹17,815.33 principal" in words
    assert "Advance held ₹5,518.00" in words


def test_a_loan_in_arrears_for_long_is_shown_as_non_performing_before_any_run(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan = a_disbursed_loan(as_of=date(2026, 1, 20))
    later = date(2026, 2, 5) + timedelta(days=91)
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: later)
    for address in (page_of(loan), list_of(Loan)):
        assert "NPA" in words_of(viewer, address).split("Bucket")[1]


@pytest.mark.parametrize(
    "text",
    [
        "{loan}",
        " {loan} ",
        "{lower}",
        "LN-1999-{key}",
        "{key}",
        "{borrower}",
        "meera",
        "MEERA@",
    ],
)
def test_a_loan_is_found_by_its_number_and_by_its_borrower(viewer: Client, text: str) -> None:
    other = a_disbursed_loan()
    loan = a_disbursed_loan()
    borrower = loan.borrower
    borrower.name, borrower.email = "Meera Nair", "meera@example.com"
    borrower.save()
    typed = text.format(
        loan=loan.public_id,
        lower=loan.public_id.lower(),
        key=loan.pk,
        borrower=borrower.public_id,
    )
    page = text_of(viewer, f"{list_of(Loan)}?q={typed}")
    assert loan.public_id in page
    assert other.public_id not in page


@pytest.mark.parametrize("text", ["LN-2026-99999", "9" * 18, "nobody", "%", "'; DROP TABLE", "९"])
def test_a_search_for_nothing_finds_nothing(viewer: Client, book: Book, text: str) -> None:
    answer = viewer.get(list_of(Loan), {"q": text})
    assert answer.status_code == 200
    assert book.loan.public_id not in answer.content.decode()


def test_a_payment_is_found_by_its_reference_and_by_its_loan(viewer: Client, book: Book) -> None:
    for typed in ("UPI-FIRST", book.loan.public_id, str(book.loan.pk)):
        assert (
            "UPI-FIRST" in text_of(viewer, f"{list_of(Payment)}?q={typed}").split("</search>")[-1]
        )
    assert not Payment.objects.filter(loans_like("LN-2026-0000", path="loan__")).exists()


def test_the_database_and_the_core_put_a_loan_in_the_same_bucket() -> None:
    loan = a_disbursed_loan(amount_paise=LAKH)
    due = loan.first_due_date
    for days in (-1, 0, 1, 2, 29, 30, 31, 32, 59, 60, 61, 62, 89, 90, 91, 92, 400):
        as_of = due + timedelta(days=days)
        core = bucket(due, as_of, day_ended=False)
        found = [
            each for each in Bucket if Loan.objects.filter(in_bucket(each, as_of=as_of)).exists()
        ]
        assert found == [core], days
        assert Loan.objects.filter(overdue(as_of=as_of)).exists() is (days > 0)
    Loan.objects.update(npa_since=due)
    assert Loan.objects.filter(in_bucket(Bucket.NPA, as_of=due)).exists()
    assert not Loan.objects.filter(in_bucket(Bucket.CURRENT, as_of=due)).exists()


def test_lists_are_filtered_by_status_product_and_delinquency(viewer: Client, book: Book) -> None:
    number = book.loan.public_id
    other = a_product()
    other.code = "OTHER"
    other.save(force_insert=True)
    for query, is_there in (
        ("status__exact=ACTIVE", True),
        ("status__exact=CLOSED", False),
        ("product__code__exact=PERSONAL_LOAN", True),
        ("product__code__exact=OTHER", False),
        ("bucket=OVERDUE", True),
        ("bucket=SMA_0", True),
        ("bucket=NPA", False),
        ("bucket=CURRENT", False),
        ("bucket=nonsense", True),
    ):
        assert (number in text_of(viewer, f"{list_of(Loan)}?{query}")) is is_there, query
