"""Repaying a loan early from its page in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from loan.models import Event, Loan, Payment
from tests.audit import findings
from tests.integration.admin.conftest import TODAY, Book
from tests.integration.admin.pages import page_of, text_of, words_of

pytestmark = pytest.mark.django_db


def address(loan: Loan, action: str) -> str:
    return reverse(f"admin:loan_loan_{action}", args=[loan.pk])


ORDER = {"payment_method": "NEFT", "reference_id": "UTR-ADMIN"}


def test_a_prepayment_is_shown_first_and_taken_when_confirmed(boss: Client, book: Book) -> None:
    form = ORDER | {"amount": "100000", "reduces": "REDUCE_TENURE"}
    assert address(book.loan, "prepay_it") in text_of(boss, page_of(book.loan))
    shown = boss.post(address(book.loan, "prepay_it"), form).content.decode()
    assert "Interest to come" in shown
    assert not Payment.objects.filter(reference_id="UTR-ADMIN").exists()
    boss.post(address(book.loan, "prepay_it"), form | {"confirmed": "on"})
    assert Event.objects.get(payment__reference_id="UTR-ADMIN").payload == {
        "towards": "REDUCE_TENURE"
    }
    page = text_of(boss, reverse("admin:loan_loan_explain", args=[book.loan.pk]))
    assert "differs" not in page
    assert findings() == []


def test_what_is_no_amount_is_said_to_be_none(boss: Client, book: Book) -> None:
    for amount, words in {
        "-5": "Must not be negative",
        "0": "must be more than zero",
        "many": "The amount",
        "1.234": "The amount",
    }.items():
        form = ORDER | {"amount": amount, "reduces": "REDUCE_EMI", "confirmed": "on"}
        assert words in boss.post(address(book.loan, "prepay_it"), form).content.decode()
    assert not Payment.objects.filter(reference_id="UTR-ADMIN").exists()


def test_a_foreclosure_shows_its_quote_and_closes_the_loan(boss: Client, book: Book) -> None:
    words = words_of(boss, address(book.loan, "foreclose_it"))
    assert "What closes the loan on 12 February 2026" in words or "To be paid" in words
    boss.post(address(book.loan, "foreclose_it"), ORDER | {"confirmed": "on"})
    book.loan.refresh_from_db()
    assert (book.loan.status, book.loan.closed_on) == ("CLOSED", TODAY)
    assert findings() == []


def test_who_may_not_take_payments_sees_neither_button(viewer: Client, book: Book) -> None:
    assert address(book.loan, "prepay_it") not in text_of(viewer, page_of(book.loan))
    assert viewer.post(address(book.loan, "foreclose_it"), ORDER).status_code == 403
