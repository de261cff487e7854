"""Finding borrowers, what is shown of them, and what never is."""

import base64
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from tests.builders import a_borrower, a_disbursed_loan
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import list_of, messages_of, page_of, tables, text_of, words_of
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord, VaultRecord
from users.services.registration import register_borrower

pytestmark = pytest.mark.django_db

NUMBER = "888877776666"
PAN = "ZQXPC7731Y"
PHONE = "+919173046284"


@pytest.fixture
def meera() -> Borrower:
    """Return a borrower whose Aadhaar number, PAN and phone number are known to the test."""
    return register_borrower(
        aadhaar_number=NUMBER,
        name="Meera Nair",
        email="meera@example.com",
        annual_income_paise=120_000_000,
        employment_type="SALARIED",
        pan=PAN,
        phone=PHONE,
        as_of=a_disbursed_loan().disbursed_on,
    ).borrower


@pytest.mark.parametrize(
    "text", ["{id}", "{lower}", "Meera", "nair", "meera@", "6666", "6284", "731Y", "731y"]
)
def test_a_borrower_is_found_by_id_name_email_and_last_four_of_a_number(
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


@pytest.mark.parametrize("typed", ["rahul1990k", "deepa1990k@example.com", "98765"])
def test_a_text_that_only_resembles_a_number_is_searched_for(viewer: Client, typed: str) -> None:
    assert viewer.get(list_of(Borrower), {"q": typed}).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        "8888 7777 6666",
        "8888-7777-6666",
        PAN,
        PAN.lower(),
        "ZQXPC 7731 Y",
        PHONE,
        "9173046284",
        "+91 91730 46284",
        "091730-46284",
    ],
)
def test_a_whole_number_of_a_persons_is_not_searched_for(
    viewer: Client, meera: Borrower, typed: str
) -> None:
    answer = viewer.get(list_of(Borrower), {"q": typed}, follow=True)
    assert answer.redirect_chain == [(list_of(Borrower), 302)]
    assert typed not in answer.content.decode()
    assert "last four digits" in messages_of(answer)[0]


def test_no_page_shows_more_of_an_aadhaar_number_than_its_last_four_digits(
    boss: Client, book: Book, meera: Borrower
) -> None:
    secrets = [NUMBER, NUMBER[:8], "8888 7777", "8888-7777", PAN, PAN[:6], PHONE, PHONE[3:9]]
    for records in (AadhaarRecord, PanRecord, PhoneRecord):
        record = records._default_manager.get(borrower=meera)
        sealed = [bytes(record.ciphertext), bytes(getattr(record, "number_hmac", b"none"))]
        secrets += [record.key_id, str(record.pk)]
        secrets += [text for raw in sealed for text in (raw.hex(), base64.b64encode(raw).decode())]
    addresses = [reverse("admin:index"), page_of(meera)]
    for model in tables():
        addresses += [list_of(model), *(page_of(row) for row in model._default_manager.all()[:3])]
    for address in addresses:
        page = text_of(boss, address)
        assert not [secret for secret in secrets if secret in page], address
    page = text_of(boss, page_of(meera))
    for shown in ("XXXX-XXXX-6666", "XXXXXX731Y", "+91 XXXXXX6284"):
        assert shown in page


def test_pan_and_phone_are_changed_on_a_page_of_their_own(
    staff: Callable[..., Client], meera: Borrower
) -> None:
    clerk = staff("users.change_borrower", "users.view_borrower")
    address = reverse("admin:users_borrower_numbers", args=[meera.pk])
    assert address in text_of(clerk, page_of(meera))
    said = clerk.post(address, {"pan": "zqxpc1234y", "phone": "9173000000"}, follow=True)
    assert messages_of(said) == ["The PAN is kept.", "The phone number is kept."]
    page = text_of(clerk, page_of(meera))
    assert "XXXXXX234Y" in page
    assert "+91 XXXXXX0000" in page
    gone = clerk.post(address, {"no_phone": "on"}, follow=True)
    assert messages_of(gone) == ["The phone number is taken away."]
    assert not PhoneRecord.objects.exists()
    assert PanRecord.objects.get().last_four == "234Y"


def test_a_number_that_is_none_is_refused_and_not_repeated_on_the_page(
    staff: Callable[..., Client], meera: Borrower
) -> None:
    clerk = staff("users.change_borrower", "users.view_borrower")
    address = reverse("admin:users_borrower_numbers", args=[meera.pk])
    refused = clerk.post(address, {"pan": "ZQXCC1234Y", "phone": "12345"}, follow=True)
    assert messages_of(refused) == [
        "Must be the PAN of a person, such as ABCPK1234F.",
        "Must be a mobile number of India, such as +91 98765 43210.",
    ]
    assert "ZQXCC1234Y" not in refused.content.decode()
    too_long = clerk.post(address, {"pan": "ZQXPC1234YY"})
    assert too_long.status_code == 200
    assert "ZQXPC1234YY" not in too_long.content.decode()
    assert (PanRecord.objects.get().last_four, PhoneRecord.objects.get().last_four) == (
        "731Y",
        "6284",
    )


@pytest.mark.parametrize("what", ["pan", "phone"])
def test_a_failure_of_that_page_reports_no_number(
    staff: Callable[..., Client],
    meera: Borrower,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    clerk = staff("users.change_borrower", "users.view_borrower")
    clerk.raise_request_exception = False
    monkeypatch.setattr(VaultRecord, "save", _falls_over)
    typed = {"pan": "ZQXPC1234Y", "phone": "9173000000"}
    address = reverse("admin:users_borrower_numbers", args=[meera.pk])
    assert clerk.post(address, {what: typed[what]}).status_code == 500
    [failure] = [record for record in caplog.records if record.exc_info and record.levelno >= 40]
    assert failure.exc_info is not None
    reporter = ExceptionReporter(failure.__dict__["request"], *failure.exc_info)
    for report in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "the vault fell over" in report
        assert typed[what] not in report


def test_only_who_may_change_borrowers_changes_their_numbers(
    viewer: Client, meera: Borrower
) -> None:
    address = reverse("admin:users_borrower_numbers", args=[meera.pk])
    assert address not in text_of(viewer, page_of(meera))
    assert viewer.get(address).status_code == 403
    assert viewer.post(address, {"no_phone": "on"}).status_code == 403
    assert PhoneRecord.objects.exists()


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


# Down here, because a report shows the lines around it, and those above know the numbers.
def _falls_over(*_given: object) -> None:
    raise ZeroDivisionError("the vault fell over")
