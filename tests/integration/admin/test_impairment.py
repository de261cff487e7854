"""Marking a borrower, writing a loan off and settling it, from a loan's page in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from loan.domain.asset_class import AssetClass
from loan.models import ApprovalRequest, Event, Loan
from loan.services.class_marks import MarkOrder, mark_class
from loan.services.happening import Author
from tests.audit import findings
from tests.integration.admin.conftest import TODAY, Book
from tests.integration.admin.pages import page_of, text_of

pytestmark = pytest.mark.django_db

MARK = {"mark": "LOSS", "reason": "fraud, says the auditor"}
WRITE_OFF = {"kind": "TECHNICAL", "reason": "lost"}
SETTLE = {"amount": "1000", "payment_method": "NEFT", "reference_id": "S-1", "reason": "agreed"}


def address(loan: Loan, action: str) -> str:
    return reverse(f"admin:loan_loan_{action}", args=[loan.pk])


@pytest.fixture
def marked(book: Book) -> Loan:
    """Return a loan whose borrower is marked as a loss."""
    by = Author(actor="auditor", reason="fraud")
    return mark_class(
        MarkOrder(loan_id=book.loan.public_id, asset_class=AssetClass.LOSS), as_of=TODAY, by=by
    ).loan


def test_a_mark_is_shown_first_then_asked_for_and_marks_nobody_by_itself(
    boss: Client, book: Book
) -> None:
    where, asked = address(book.loan, "mark_class_of_it"), ApprovalRequest.objects.count()
    assert where in text_of(boss, page_of(book.loan))
    assert "LOSS" in boss.post(where, MARK).content.decode()
    assert ApprovalRequest.objects.count() == asked
    boss.post(where, MARK | {"confirmed": "on"})
    assert ApprovalRequest.objects.latest("id").kind == "CLASS_MARK"
    assert not Event.objects.filter(kind="CLASS_MARK").exists()


def test_the_page_of_a_marked_loan_says_so(boss: Client, marked: Loan) -> None:
    assert "LOSS" in text_of(boss, page_of(marked))
    assert findings() == []


@pytest.mark.parametrize(
    ("action", "form", "kind", "after"),
    [
        ("write_off_it", WRITE_OFF, "WRITE_OFF", "WRITTEN OFF"),
        ("settle_it", SETTLE, "SETTLEMENT", "CLOSED"),
    ],
)
def test_a_loan_leaves_the_books_by_a_request_that_shows_what_changes(
    boss: Client, marked: Loan, action: str, form: dict[str, str], kind: str, after: str
) -> None:
    where = address(marked, action)
    assert after in boss.post(where, form).content.decode()
    boss.post(where, form | {"confirmed": "on"})
    assert ApprovalRequest.objects.latest("id").kind == kind
    marked.refresh_from_db()
    assert marked.status == "ACTIVE"


def test_what_cannot_be_is_said_and_asked_of_nobody(boss: Client, book: Book) -> None:
    asked = ApprovalRequest.objects.count()
    for action, form, words in (
        ("write_off_it", WRITE_OFF, "only non-performing loans"),
        ("settle_it", SETTLE | {"amount": "0"}, "must be more than zero"),
        ("mark_class_of_it", MARK | {"mark": "LIFTED"}, "is not marked"),
        ("mark_class_of_it", MARK | {"mark": "STANDARD"}, "STANDARD is not one of"),
    ):
        answer = boss.post(address(book.loan, action), form | {"confirmed": "on"}, follow=True)
        assert words in answer.content.decode(), action
    assert ApprovalRequest.objects.count() == asked


def test_who_only_looks_sees_no_such_button(viewer: Client, book: Book) -> None:
    for action in ("write_off_it", "settle_it", "mark_class_of_it"):
        assert address(book.loan, action) not in text_of(viewer, page_of(book.loan))
        assert viewer.post(address(book.loan, action), {}).status_code == 403
