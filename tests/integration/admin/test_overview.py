"""The first page and the sidebar."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from loan.models import Loan
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import text_of, words_of

pytestmark = pytest.mark.django_db

INDEX = "admin:index"


def test_the_first_page_shows_the_book(viewer: Client, book: Book) -> None:
    words = words_of(viewer, reverse(INDEX))
    for figure in (
        "Referred applications 1 wait for a decision",
        "Borrowers 2 registered",
        "Active loans 1 business date 12 Feb 2026",
        "Principal outstanding ₹4,86,666.67",
        "Overdue ₹4,482.00 on 1 loan",
        "Non-performing 0 ₹0.00 outstanding",
        "Payments today ₹0.00 0 payments",
        "Last billing run 11 Feb 2026 closed",
    ):
        assert figure in words
    assert "5 Feb 2026 CLOSED 1 ₹24,482.00" in words


def test_an_npa_is_counted_with_what_is_outstanding(viewer: Client, book: Book) -> None:
    Loan.objects.update(npa_since=book.loan.first_due_date)
    assert "Non-performing 1 ₹4,86,666.67 outstanding" in words_of(viewer, reverse(INDEX))


def test_an_empty_book_is_shown_as_empty(boss: Client) -> None:
    words = words_of(boss, reverse(INDEX))
    assert "Principal outstanding ₹0.00" in words
    assert "No billing run yet." in words


def test_who_may_see_no_loans_sees_no_figures(staff: Callable[..., Client], book: Book) -> None:
    words = words_of(staff("users.view_borrower"), reverse(INDEX))
    assert "₹" not in words
    assert "ask an administrator" in words


def test_the_sidebar_leads_only_to_what_the_person_may_see(
    staff: Callable[..., Client], viewer: Client
) -> None:
    few = text_of(staff("ledger.view_entry"), reverse(INDEX))
    assert reverse("admin:ledger_entry_changelist") in few
    for unseen in ("loan_loan", "users_user", "loan_billingrun", "credit_creditscore"):
        address = reverse(f"admin:{unseen}_changelist")
        assert address not in few
        assert address in text_of(viewer, reverse(INDEX))


def test_the_queue_is_counted_in_the_sidebar(staff: Callable[..., Client], book: Book) -> None:
    page = words_of(staff("loan.view_loanapplication"), reverse(INDEX))
    assert "Referred: to decide 1" in page


def test_pages_ask_nothing_of_other_hosts(boss: Client, book: Book) -> None:
    page = text_of(boss, reverse(INDEX))
    assert "/static/bright_credit/favicon.svg" in page
    assert "/static/bright_credit/admin.css" in page
    assert 'src="http' not in page
    assert 'href="http' not in page
