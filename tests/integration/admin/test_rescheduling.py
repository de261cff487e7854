"""Changing the terms of a loan, and giving one back, from its page in the admin."""

from datetime import timedelta

import pytest
from django.test import Client

from loan.models import Event, Loan
from tests.approving import approve_the_last
from tests.audit import findings
from tests.builders import a_disbursed_loan
from tests.integration.admin.conftest import TODAY, Book
from tests.integration.admin.pages import page_of, text_of
from tests.integration.admin.test_early_repayment import ORDER, address

pytestmark = pytest.mark.django_db

HOLIDAY = {
    "change": "HOLIDAY",
    "instalments": "2",
    "interest": "WITH_FIRST_INSTALMENT",
    "keeping": "EMI",
    "reason": "Parental leave",
}


def test_a_holiday_is_shown_first_and_agreed_when_confirmed(boss: Client, book: Book) -> None:
    button = address(book.loan, "reschedule_it")
    assert button in text_of(boss, page_of(book.loan))
    shown = boss.post(button, HOLIDAY).content.decode()
    assert "Instalments that change" in shown
    assert not Event.objects.filter(kind="RESCHEDULE").exists()
    boss.post(button, HOLIDAY | {"confirmed": "on"})
    event = Event.objects.get(kind="RESCHEDULE")
    assert (event.reason, event.payload["change"]) == ("Parental leave", "HOLIDAY")
    book.loan.refresh_from_db()
    assert book.loan.restructured_on is None
    assert findings() == []


def test_interest_that_is_added_to_the_principal_is_shown_first(boss: Client, book: Book) -> None:
    fresh = a_disbursed_loan(as_of=TODAY - timedelta(days=1))
    button = address(fresh, "reschedule_it")
    assert "Added to the principal when it ends" in boss.get(button).content.decode()
    asked = HOLIDAY | {"interest": "CAPITALISED"}
    assert "Becomes principal" in boss.post(button, asked).content.decode()
    boss.post(button, asked | {"confirmed": "on"})
    fresh.refresh_from_db()
    assert fresh.holiday_interest_paise > 0
    assert "To be capitalised, of a holiday" in text_of(boss, page_of(fresh))
    # What is overdue is said at once, and nothing is agreed.
    refused = boss.post(address(book.loan, "reschedule_it"), asked).content.decode()
    assert "the interest is collected later" in refused
    book.loan.refresh_from_db()
    assert book.loan.holiday_ends_on is None
    assert findings() == []


def test_a_restructuring_waits_for_a_second_person(boss: Client, book: Book) -> None:
    button = address(book.loan, "reschedule_it")
    boss.post(button, HOLIDAY | {"confirmed": "on", "restructures": "on"})
    assert not Event.objects.filter(kind="RESCHEDULE").exists()
    approve_the_last()
    book.loan.refresh_from_db()
    assert book.loan.restructured_on == TODAY
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instalments": ""}, "This change needs it."),
        ({"instalments": "53"}, "A holiday has at most 52."),
        ({"change": "DUE_DAY"}, "This change needs it."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_what_a_change_lacks_is_said_at_its_field(
    boss: Client, book: Book, changes: dict[str, str], words: str
) -> None:
    form = HOLIDAY | {"confirmed": "on"} | changes
    assert words in boss.post(address(book.loan, "reschedule_it"), form).content.decode()
    assert not Event.objects.filter(kind="RESCHEDULE").exists()


def test_a_loan_is_given_back_within_its_days_alone(boss: Client, book: Book) -> None:
    fresh = a_disbursed_loan(as_of=TODAY - timedelta(days=1))
    shown = boss.get(address(fresh, "cancel_it")).content.decode()
    assert "Cooling-off period ends" in shown
    boss.post(address(fresh, "cancel_it"), ORDER | {"confirmed": "on"})
    assert Loan.objects.get(pk=fresh.pk).status == "CLOSED"
    boss.post(address(book.loan, "cancel_it"), ORDER | {"confirmed": "on"})
    assert Loan.objects.get(pk=book.loan.pk).status == "ACTIVE"
    assert findings() == []


def test_who_may_not_change_loans_sees_no_button(viewer: Client, book: Book) -> None:
    button = address(book.loan, "reschedule_it")
    assert button not in text_of(viewer, page_of(book.loan))
    assert viewer.post(button, HOLIDAY).status_code == 403
