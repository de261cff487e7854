"""Deciding on referred applications."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from loan.models import ApplicationDecision, Loan, LoanApplication
from loan.services.business_day import closed_through
from tests.audit import assert_books_verify
from tests.integration.admin.conftest import TODAY, a_referral
from tests.integration.admin.pages import list_of, messages_of, page_of, text_of
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def decider(staff: Callable[..., Client]) -> Client:
    """Return the browser of staff who may look at applications and decide on them."""
    return staff("loan.view_loanapplication", "loan.change_loanapplication", name="meera")


def decision_on(application: LoanApplication, verb: str) -> str:
    """Return the address that approves or rejects."""
    return reverse(f"admin:loan_loanapplication_{verb}", args=[application.pk])


def test_the_queue_holds_what_waits_and_a_page_tells_why(decider: Client) -> None:
    application = a_referral()
    queue = f"{list_of(LoanApplication)}?status__exact=REFERRED"
    assert application.public_id in text_of(decider, queue)
    page = text_of(decider, page_of(application))
    for text in ("AMOUNT_ABOVE_AUTO_LIMIT", "₹6,00,000.00", "720", "FOIR", "Approve", "Reject"):
        assert text in page
    assert "1 results" in text_of(decider, queue).replace("1 result ", "1 results ")


def test_an_approval_pays_out_and_keeps_who_and_why(decider: Client) -> None:
    application = a_referral()
    closed_through(as_of=TODAY)
    form = text_of(decider, decision_on(application, "approve"))
    assert "csrfmiddlewaretoken" in form
    answer = decider.post(
        decision_on(application, "approve"), {"note": "Salary slips seen"}, follow=True
    )
    loan = Loan.objects.get(application=application)
    assert messages_of(answer) == [
        f"{application.public_id} is approved; {loan.public_id} is paid out."
    ]
    decision = ApplicationDecision.objects.latest("id")
    assert (decision.outcome, decision.note) == ("APPROVED", "Salary slips seen")
    assert decision.decided_by == User.objects.get(username="meera")
    assert "Salary slips seen" in answer.content.decode()
    assert loan.public_id in answer.content.decode()
    assert LogEntry.objects.get().change_message == "APPROVED: Salary slips seen"
    assert_books_verify()


def test_a_rejection_pays_nothing_and_keeps_why(decider: Client) -> None:
    application = a_referral()
    answer = decider.post(
        decision_on(application, "reject"), {"note": "Employer not found"}, follow=True
    )
    assert messages_of(answer) == [f"{application.public_id} is rejected."]
    application.refresh_from_db()
    assert application.status == LoanApplication.Status.REJECTED
    assert not Loan.objects.exists()


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("note", ["", "   ", "x" * 501, "nul\0"])
def test_a_decision_needs_a_reason_of_at_most_500_characters(
    decider: Client, verb: str, note: str
) -> None:
    application = a_referral()
    answer = decider.post(decision_on(application, verb), {"note": note})
    assert answer.status_code == 200
    assert answer.context["form"].errors["note"]
    application.refresh_from_db()
    assert application.status == LoanApplication.Status.REFERRED


def test_a_second_decision_is_refused_in_words(decider: Client) -> None:
    application = a_referral()
    decider.post(decision_on(application, "reject"), {"note": "No"}, follow=True)
    answer = decider.post(decision_on(application, "approve"), {"note": "Yes"}, follow=True)
    assert answer.status_code == 200
    assert messages_of(answer) == ["the application is REJECTED and cannot become APPROVED"]
    assert not Loan.objects.exists()


def test_a_decided_application_offers_no_decision(decider: Client) -> None:
    application = a_referral()
    decider.post(decision_on(application, "reject"), {"note": "No"})
    assert decision_on(application, "approve") not in text_of(decider, page_of(application))


def test_looking_at_the_form_decides_nothing(decider: Client) -> None:
    application = a_referral()
    text_of(decider, decision_on(application, "approve"))
    application.refresh_from_db()
    assert application.status == LoanApplication.Status.REFERRED


def test_a_decision_needs_the_permission_and_the_token(viewer: Client, decider: Client) -> None:
    application = a_referral()
    for method in (viewer.get, viewer.post):
        answer = method(decision_on(application, "approve"), {"note": "Yes"})
        assert answer.status_code == 403
    assert decision_on(application, "approve") not in text_of(viewer, page_of(application))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="meera"))
    assert strict.post(decision_on(application, "approve"), {"note": "Yes"}).status_code == 403
    application.refresh_from_db()
    assert application.status == LoanApplication.Status.REFERRED


@pytest.mark.parametrize("key", ["0", "999999", "abc", "9" * 30])
def test_an_application_that_is_not_there_is_not_found(decider: Client, key: str) -> None:
    address = reverse("admin:loan_loanapplication_approve", args=[key])
    assert decider.get(address).status_code == 404
    assert decider.post(address, {"note": "Yes"}).status_code == 404
