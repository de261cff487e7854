"""Requests for approval in the admin: offered to the right people, and decided on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from loan.models import ApprovalDecision, ApprovalRequest, Charge, Event
from tests.audit import assert_books_verify
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import messages_of, page_of, text_of, words_of

pytestmark = pytest.mark.django_db

Staff = Callable[..., Client]
LOOKS = ("loan.view_approvalrequest", "loan.view_charge")


def ask_for_a_waiver(staff: Staff, book: Book) -> tuple[Client, ApprovalRequest]:
    """Return the maker's browser and what they asked for."""
    maker = staff(*LOOKS, "loan.change_charge", "loan.decide_approvalrequest", name="meera")
    charge = Charge.objects.get(loan=book.loan)
    address = reverse("admin:loan_charge_waive_it", args=[charge.pk])
    maker.post(address, {"amount": "100", "reason": "goodwill"})
    return maker, ApprovalRequest.objects.latest("pk")


def button_of(verb: str, request: ApprovalRequest) -> str:
    return reverse(f"admin:loan_approvalrequest_{verb}_it", args=[request.pk])


def test_a_second_person_sees_what_it_changes_and_approves_it(staff: Staff, book: Book) -> None:
    _, request = ask_for_a_waiver(staff, book)
    checker = staff(*LOOKS, "loan.decide_approvalrequest", name="ravi")
    page = words_of(checker, page_of(request))
    assert "Waiver of a charge" in page
    assert "Charges unpaid ₹500.00 ₹400.00" in page
    text = text_of(checker, page_of(request))
    assert button_of("approve", request) in text
    assert button_of("withdraw", request) not in text
    done = checker.post(button_of("approve", request), {"note": "fair"}, follow=True)
    assert messages_of(done) == [f"{book.loan}: request {request.pk} is approved."]
    assert Event.objects.get(kind="WAIVER").actor == "meera"
    after = words_of(checker, page_of(request))
    assert "By ravi" in after
    assert "Note fair" in after
    assert button_of("approve", request) not in text_of(checker, page_of(request))
    assert_books_verify()


def test_the_maker_is_offered_to_withdraw_and_nothing_else(staff: Staff, book: Book) -> None:
    maker, request = ask_for_a_waiver(staff, book)
    text = text_of(maker, page_of(request))
    assert button_of("withdraw", request) in text
    assert button_of("approve", request) not in text
    refused = maker.post(button_of("approve", request), {"note": "mine"}, follow=True)
    assert messages_of(refused) == ["Who has made a request may not decide on it."]
    assert not ApprovalDecision.objects.exists()
    maker.post(button_of("withdraw", request))
    assert ApprovalDecision.objects.get().outcome == "WITHDRAWN"
    assert not Event.objects.filter(kind="WAIVER").exists()


def test_who_may_only_look_decides_nothing(staff: Staff, book: Book) -> None:
    _, request = ask_for_a_waiver(staff, book)
    viewer = staff(*LOOKS, name="viewer")
    for verb in ("approve", "reject"):
        assert viewer.post(button_of(verb, request), {"note": "x"}).status_code == 403
        assert button_of(verb, request) not in text_of(viewer, page_of(request))
    stranger = staff("loan.view_charge", name="stranger")
    assert stranger.get(page_of(request)).status_code == 403
    assert not ApprovalDecision.objects.exists()


def test_requests_are_found_by_their_status(staff: Staff, book: Book) -> None:
    _, request = ask_for_a_waiver(staff, book)
    checker = staff(*LOOKS, "loan.decide_approvalrequest", name="ravi")
    listed = reverse("admin:loan_approvalrequest_changelist")
    assert "meera" in words_of(checker, f"{listed}?status=PENDING")
    assert "meera" not in words_of(checker, f"{listed}?status=EXPIRED")
    late = timezone.now() - timedelta(days=1)
    ApprovalRequest.objects.create(
        loan=book.loan,
        kind="WAIVER",
        payload=request.payload,
        maker="staff:77",
        maker_name="tardy",
        asked_at=late,
        expires_at=late + timedelta(hours=1),
    )
    assert "tardy" in words_of(checker, f"{listed}?status=EXPIRED")
    checker.post(button_of("reject", request), {"note": "no ground"})
    assert "meera" in words_of(checker, f"{listed}?status=REJECTED")
