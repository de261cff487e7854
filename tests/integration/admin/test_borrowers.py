"""Finding borrowers, what is shown of them, and what never is."""

import base64
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.builders import a_borrower, a_disbursed_loan
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import list_of, messages_of, page_of, tables, text_of, words_of
from users.models import AadhaarRecord, Borrower
from users.services.registration import register_borrower

pytestmark = pytest.mark.django_db

NUMBER = "888877776666"


@pytest.fixture
def meera() -> Borrower:
    """Return a borrower whose Aadhaar number is known to the test."""
    return register_borrower(
        aadhaar_number=NUMBER,
        name="Meera Nair",
        email="meera@example.com",
        annual_income_paise=120_000_000,
        employment_type="SALARIED",
        as_of=a_disbursed_loan().disbursed_on,
    ).borrower


@pytest.mark.parametrize("text", ["{id}", "{lower}", "Meera", "nair", "meera@", "6666"])
def test_a_borrower_is_found_by_id_name_email_and_last_four_digits(
    viewer: Client, meera: Borrower, text: str
) -> None:
    typed = text.format(id=meera.public_id, lower=meera.public_id.lower())
    page = text_of(viewer, f"{list_of(Borrower)}?q={typed}")
    assert page_of(meera) in page
    assert page_of(Borrower.objects.exclude(pk=meera.pk).get()) not in page


def test_a_borrower_is_found_by_the_key_in_the_address_of_their_page(
    viewer: Client, meera: Borrower
) -> None:
    assert page_of(meera) in text_of(viewer, f"{list_of(Borrower)}?q={meera.pk}")


def test_a_whole_aadhaar_number_is_not_searched_for(viewer: Client, meera: Borrower) -> None:
    for typed in (NUMBER, "8888 7777 6666", "8888-7777-6666"):
        answer = viewer.get(list_of(Borrower), {"q": typed}, follow=True)
        assert answer.redirect_chain == [(list_of(Borrower), 302)]
        assert typed not in answer.content.decode()
        assert "last four digits" in messages_of(answer)[0]


def test_no_page_shows_more_of_an_aadhaar_number_than_its_last_four_digits(
    boss: Client, book: Book, meera: Borrower
) -> None:
    record = AadhaarRecord.objects.get(borrower=meera)
    sealed = (bytes(record.number_hmac), bytes(record.ciphertext))
    secrets = [NUMBER, NUMBER[:8], "8888 7777", "8888-7777", record.key_id, str(record.pk)]
    secrets += [text for raw in sealed for text in (raw.hex(), base64.b64encode(raw).decode())]
    addresses = [reverse("admin:index"), page_of(meera)]
    for model in tables():
        addresses += [list_of(model), *(page_of(row) for row in model._default_manager.all()[:3])]
    for address in addresses:
        page = text_of(boss, address)
        assert not [secret for secret in secrets if secret in page], address
    assert "XXXX-XXXX-6666" in text_of(boss, page_of(meera))


def test_a_borrowers_page_shows_loans_applications_and_scores(viewer: Client, book: Book) -> None:
    words = words_of(viewer, page_of(book.loan.borrower))
    assert "₹18,00,000.00" in words
    assert f"{book.loan.public_id} PERSONAL_LOAN 20 Jan 2026 ₹5,00,000.00" in words
    assert "APPROVED" in words
    assert "Payment history" in words
    assert "cost points" in words
    assert "Score history" in words


def test_a_borrowers_page_shows_only_what_the_person_may_see(
    staff: Callable[..., Client], book: Book
) -> None:
    words = words_of(staff("users.view_borrower"), page_of(book.loan.borrower))
    assert "Rahul Sharma" in words
    for unseen in (book.loan.public_id, "Applications", "Score history"):
        assert unseen not in words


def test_only_what_verification_found_may_be_changed(staff: Callable[..., Client]) -> None:
    borrower = a_borrower()
    clerk = staff("users.change_borrower", "users.view_borrower")
    data = {"kyc_status": "VERIFIED", "name": "Somebody Else", "annual_income_paise": "1"}
    clerk.post(page_of(borrower), data)
    changed = Borrower.objects.get(pk=borrower.pk)
    assert changed.kyc_status == Borrower.KycStatus.VERIFIED
    assert (changed.name, changed.annual_income_paise) == (
        borrower.name,
        borrower.annual_income_paise,
    )
    assert "KYC status" in LogEntry.objects.get().get_change_message()
