"""A loan's documents and explanations, from its page in the admin."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from tests.builders import LAKH, RUPEE, a_disbursed_loan, pay
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import page_of, text_of, words_of

pytestmark = pytest.mark.django_db


def explain_page(loan: Loan, **query: str) -> str:
    return reverse("admin:loan_loan_explain", args=[loan.pk], query=query or None)


def test_a_loans_page_leads_to_its_documents_as_pdf(viewer: Client, book: Book) -> None:
    page = text_of(viewer, page_of(book.loan))
    folder = f"/api/v1/loans/{book.loan.public_id}/documents"
    for address in (
        f"{folder}/key-facts?format=pdf",
        f"{folder}/sanction-letter?format=pdf",
        f"{folder}/statement?format=pdf",
        f"{folder}/interest-certificate?financial_year=2025-26&format=pdf",
    ):
        assert address.replace("&", "&amp;") in page
        answer = viewer.get(address)
        assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-dues-certificate" not in page


def test_a_closed_loans_page_leads_to_its_no_dues_certificate(viewer: Client) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6, as_of=date(2025, 3, 1))
    for row in loan.instalments.order_by("number"):
        pay(loan, row.total_paise, on=row.due_date)
    assert f"{loan.public_id}/documents/no-dues-certificate?format=pdf" in text_of(
        viewer, page_of(loan)
    )


def test_every_amount_is_listed_and_leads_to_its_steps(viewer: Client, book: Book) -> None:
    assert explain_page(book.loan) in text_of(viewer, page_of(book.loan))
    page = text_of(viewer, explain_page(book.loan))
    assert "differs" not in page
    for amount in ("loan_summary.overdue_amount", "charges.PENAL-1.amount", "payments.UPI-FIRST"):
        assert f"?amount={amount}" in page
    words = words_of(viewer, explain_page(book.loan, amount="instalments.1.interest"))
    assert "Interest of instalment 1" in words
    assert (
        "Interest of instalment 1: ₹5,00,000.00 × 16 % × 1/12 of a year = ₹6,666.666666…" in words
    )
    assert "The statement shows ₹6,666.67 . agrees" in words


def test_an_amount_that_its_steps_do_not_come_to_is_marked(viewer: Client, book: Book) -> None:
    Loan.objects.filter(pk=book.loan.pk).update(annual_rate_bps=1_700)
    assert "differs" in text_of(viewer, explain_page(book.loan))
    words = words_of(viewer, explain_page(book.loan, amount="instalments.1.interest"))
    assert "The statement shows ₹6,666.67 . differs" in words
    assert "₹7,083.33" in words


def test_explaining_takes_as_many_statements_however_much_has_happened(
    viewer: Client, book: Book, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = a_disbursed_loan(as_of=date(2026, 1, 20)), book.loan
    for n in range(10):
        pay(many, (100 + n) * RUPEE, on=date(2026, 2, 11))
    for loan in (few, many):
        # Session, person, permissions (2); calendar, loan; its statement (2); the sidebar; the
        # access log.
        with django_assert_num_queries(10):
            text_of(viewer, explain_page(loan))


def test_an_explanation_is_for_those_who_may_see_the_loan(
    staff: Callable[..., Client], book: Book
) -> None:
    address = explain_page(book.loan)
    assert staff("users.view_borrower").get(address).status_code == 403
    assert staff("loan.view_loan", name="teller").get(address).status_code == 200


def test_what_is_not_there_is_not_explained(viewer: Client, book: Book) -> None:
    assert viewer.get(explain_page(book.loan, amount="nothing")).status_code == 404
    missing = reverse("admin:loan_loan_explain", args=[10**9])
    assert viewer.get(missing).status_code == 404
