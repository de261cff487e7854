"""How many statements the admin's pages take: pinned, and the same however many rows there are."""

from datetime import date, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from loan.models import BillingRun, Loan
from loan.services.billing.run import run_billing
from tests.builders import RUPEE, a_disbursed_loan, pay
from tests.integration.admin.conftest import TODAY, Book, a_file, a_referral
from tests.integration.admin.pages import label, list_of, page_of, tables, text_of

pytestmark = pytest.mark.django_db


def statements(client: Client, address: str) -> int:
    """Return how many statements a page takes."""
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(connection) as captured:
        text_of(client, address)
    return len(captured)


def enlarge(book: Book) -> None:
    """Add to everything that the book holds."""
    for number in range(3):
        loan = a_disbursed_loan(as_of=date(2026, 1, 20))
        pay(loan, 30_000 * RUPEE, on=date(2026, 2, 12), reference=f"MORE-{number}")
        pay(book.loan, 2_000 * RUPEE, on=date(2026, 2, 12), reference=f"AGAIN-{number}")
        a_referral()
        a_file(f"{loan.borrower.public_id},2026-02-0{number + 1},1500,CREDIT,SALARY", "x", "y")
    run_billing(TODAY, today=TODAY + timedelta(days=1), may_run_ahead=False)


def test_no_list_takes_more_statements_when_there_are_more_rows(boss: Client, book: Book) -> None:
    before = {label(model): statements(boss, list_of(model)) for model in tables()}
    enlarge(book)
    assert before == {label(model): statements(boss, list_of(model)) for model in tables()}


def test_no_page_takes_more_statements_when_more_has_happened(boss: Client, book: Book) -> None:
    rows: list[Model] = [
        book.loan,
        book.loan.borrower,
        book.referred,
        book.file,
        BillingRun.objects.latest("business_date"),
    ]
    addresses = [reverse("admin:index"), *(page_of(row) for row in rows)]
    before = {address: statements(boss, address) for address in addresses}
    enlarge(book)
    assert before == {address: statements(boss, address) for address in addresses}


def test_the_pages_that_are_open_all_day_are_pinned(boss: Client, book: Book) -> None:
    referred = book.referred
    assert {
        "the book": statements(boss, reverse("admin:index")),
        "loans": statements(boss, list_of(Loan)),
        "a loan": statements(boss, page_of(book.loan)),
        "a borrower": statements(boss, page_of(book.loan.borrower)),
        "a referral": statements(boss, page_of(referred)),
        "queue": statements(boss, f"{list_of(type(referred))}?status__exact=REFERRED"),
    } == {
        "the book": 11,
        "loans": 8,
        "a loan": 17,
        "a borrower": 13,
        "a referral": 9,
        "queue": 7,
    }
