"""Who may open which page of the admin."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Entry
from loan.models import BillingRun, BusinessDay, Loan
from tests.integration.admin.conftest import Book, browser_of
from tests.integration.admin.pages import (
    add_to,
    deletion_of,
    label,
    list_of,
    page_of,
    read_only_tables,
    tables,
    text_of,
)
from users.models import (
    AadhaarRecord,
    AccessLogEntry,
    Borrower,
    PanRecord,
    PhoneRecord,
    User,
)

pytestmark = pytest.mark.django_db

FORBIDDEN = 403


@pytest.mark.usefixtures("book")
def test_a_superuser_opens_every_list_and_page(boss: Client) -> None:
    for model in tables():
        text_of(boss, list_of(model))
        for row in model._default_manager.all()[:1]:
            text_of(boss, page_of(row))
            text_of(boss, page_of(row).replace("/change/", "/history/"))


@pytest.mark.usefixtures("book")
def test_staff_who_may_look_open_every_list_and_page_and_no_form(viewer: Client) -> None:
    for model in tables():
        text_of(viewer, list_of(model))
        assert viewer.get(add_to(model)).status_code == FORBIDDEN, model
        for row in model._default_manager.all()[:1]:
            assert 'name="_save"' not in text_of(viewer, page_of(row))
            assert viewer.get(deletion_of(row)).status_code == FORBIDDEN, model


@pytest.mark.usefixtures("book")
def test_staff_without_permissions_open_nothing(staff: Callable[..., Client]) -> None:
    clerk = staff()
    for model in tables():
        assert clerk.get(list_of(model)).status_code == FORBIDDEN, model
        for row in model._default_manager.all()[:1]:
            assert clerk.get(page_of(row)).status_code == FORBIDDEN, model


def test_who_is_not_staff_is_sent_to_the_login() -> None:
    for outsider in (Client(), browser_of(User.objects.create_user("outsider"))):
        for model in tables():
            answer = outsider.get(list_of(model))
            assert answer.status_code == 302, model
            assert answer["Location"].startswith(reverse("admin:login"))


@pytest.mark.usefixtures("book")
def test_nobody_adds_changes_or_deletes_what_is_on_record(boss: Client) -> None:
    for model in read_only_tables():
        rows = model._default_manager.order_by("pk")
        before = list(rows.values())
        assert before, f"there is no {label(model)} to try it on"
        row = rows[0]
        assert boss.get(add_to(model)).status_code == FORBIDDEN, model
        assert boss.post(add_to(model), {"name": "new"}).status_code == FORBIDDEN, model
        assert boss.get(deletion_of(row)).status_code == FORBIDDEN, model
        assert boss.post(deletion_of(row), {"post": "yes"}).status_code == FORBIDDEN, model
        if model is not Borrower:
            answer = boss.post(page_of(row), dict.fromkeys(before[0], "1"))
            assert answer.status_code == FORBIDDEN, model
        bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        boss.post(list_of(model), bulk)
        after = list(rows.values())
        if model is AccessLogEntry:
            after = after[: len(before)]  # looking at the log is a look, too
        assert after == before, model


def test_only_what_happened_has_pages_and_the_vault_has_none() -> None:
    registered = {label(model) for model in tables()}
    assert not {AadhaarRecord, PanRecord, PhoneRecord} & set(tables())
    assert {label(model) for model in (Loan, Entry, BillingRun, BusinessDay)} <= registered


def test_the_ledger_offers_no_button_that_changes(boss: Client, book: Book) -> None:
    entry = Entry.objects.latest("id")
    page = text_of(boss, page_of(entry))
    assert entry.reference in page
    assert not any(word in page for word in ('name="_save"', "deletelink", "Add entry"))


@pytest.mark.parametrize(
    "action",
    [
        "admin:loan_billingrun_run_now",
        "admin:credit_transactionfile_upload",
        "admin:loan_billingrun_upload",
    ],
)
def test_the_buttons_of_the_lists_are_closed_to_those_who_only_look(
    viewer: Client, action: str
) -> None:
    assert viewer.get(reverse(action)).status_code == FORBIDDEN
    assert viewer.post(reverse(action)).status_code == FORBIDDEN


def test_signing_in_leads_to_the_book(boss: Client) -> None:
    User.objects.create_superuser("ops", password="a-long-password")
    answer = Client().post(
        reverse("admin:login"), {"username": "ops", "password": "a-long-password"}, follow=True
    )
    assert answer.redirect_chain == [(reverse("admin:index"), 302)]
