"""Waiving a charge, reversing a bounce and paying excess back, in the admin."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from loan.models import ApprovalRequest, Charge, Event, Loan
from tests.approving import approve_the_last
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, pay
from tests.integration.admin.conftest import TODAY, Book
from tests.integration.admin.pages import messages_of, page_of, text_of, words_of

pytestmark = pytest.mark.django_db

Staff = Callable[..., Client]


def test_a_charge_is_waived_with_a_reason(staff: Staff, book: Book) -> None:
    teller = staff("loan.view_charge", "loan.change_charge", name="meera")
    charge = Charge.objects.get(loan=book.loan)
    address = reverse("admin:loan_charge_waive_it", args=[charge.pk])
    assert "Waive" in text_of(teller, page_of(charge))
    words = words_of(teller, address)
    assert "Charges unpaid ₹500.00 ₹0.00" in words
    assert "required" in teller.post(address, {"amount": "100"}).content.decode()
    refused = teller.post(address, {"amount": "500.01", "reason": "x"}, follow=True)
    assert messages_of(refused) == ["must be at most ₹500.00, which is unpaid"]
    done = teller.post(address, {"amount": "", "reason": "goodwill"}, follow=True)
    number = ApprovalRequest.objects.latest("pk").pk
    waits = f"Waiver of a charge: request {number} waits for a second person."
    assert messages_of(done) == [waits]
    assert not Event.objects.filter(kind="WAIVER").exists()
    approve_the_last()
    event = Event.objects.get(kind="WAIVER")
    assert (event.actor, event.reason) == ("meera", "goodwill")
    assert LogEntry.objects.get().change_message == "Waiver asked for: goodwill"
    assert reverse("admin:loan_charge_waive_it", args=[charge.pk]) not in text_of(
        teller, page_of(charge)
    )
    assert_books_verify()


def test_excess_is_recorded_as_paid_back(staff: Staff) -> None:
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    pay(loan, 6 * loan.instalment_paise + 4_000 * RUPEE, on=FIRST_DUE)
    teller = staff("loan.view_loan", "loan.change_loan", name="meera")
    address = reverse("admin:loan_loan_refund_it", args=[loan.pk])
    assert address in text_of(teller, page_of(loan))
    bad = teller.post(address, {"amount": "0.001", "reference_id": "-"}).content.decode()
    assert "Enter a valid value" in bad
    done = teller.post(address, {"amount": "4000", "reference_id": "UTR-1"}, follow=True)
    assert "waits for a second person" in messages_of(done)[0]
    approve_the_last()
    again = teller.post(address, {"amount": "9000", "reference_id": "UTR-2"}, follow=True)
    assert "which is held" in messages_of(again)[0]
    assert Event.objects.filter(kind="REFUND").count() == 1
    assert_books_verify()


def test_who_may_only_look_is_offered_nothing(viewer: Client, book: Book) -> None:
    charge = Charge.objects.get(loan=book.loan)
    for address in (
        reverse("admin:loan_charge_waive_it", args=[charge.pk]),
        reverse("admin:loan_loan_refund_it", args=[book.loan.pk]),
    ):
        assert viewer.get(address).status_code == 403
        assert viewer.post(address, {"reason": "x"}).status_code == 403
        assert address not in text_of(viewer, page_of(charge))
    assert not Event.objects.filter(kind__in=["WAIVER", "REFUND"]).exists()


def test_a_bounced_payment_brings_its_charge(staff: Staff) -> None:
    a_product(bounce_charge_paise=500 * RUPEE)
    loan = a_disbursed_loan(as_of=date(2026, 1, 20))
    payment = pay(loan, 24_482 * RUPEE, on=TODAY)
    teller = staff("loan.view_payment", "loan.change_payment", name="meera")
    address = reverse("admin:loan_payment_reverse_it", args=[payment.pk])
    assert "bounce charge" in text_of(teller, address)
    teller.post(address, {"reason": "NACH 04", "bounced": "on"}, follow=True)
    assert Charge.objects.get(loan=loan, kind="BOUNCE").amount_paise == 590 * RUPEE
    assert Loan.objects.get(pk=loan.pk).principal_paid_paise == 0
    assert_books_verify()
