"""The second person: what the tests ask for is approved as the product does it."""

from typing import Any

from django.test import Client
from django.utils import timezone

from bright_credit.common import business_day
from loan.models import ApprovalRequest
from loan.services.approvals.deciding import Checker, Decided, approve
from tests.api.calls import answer, post
from tests.callers import a_login, as_staff
from users.domain.callers import Caller, CallerKind
from users.models import User


def a_checker(name: str = "checker") -> Client:
    """Return the browser of a credit officer, who decides on what others ask for."""
    user = User.objects.filter(username=name).first() or a_login(name, role="credit officer")
    return as_staff(user)


def approved(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for something over the API, have a second person approve it, and return its answer."""
    asked = answer(post(client, path, body), status=202)
    assert asked["status"] == "PENDING"
    done: dict[str, Any] = answer(
        post(a_checker(), f"approvals/{asked['approval_id']}/approve", {}), status=201
    )
    assert done["approval"]["status"] == "APPROVED"
    return done


def approve_the_last() -> Decided:
    """Approve the newest request, as another person than its maker."""
    return approve(
        ApprovalRequest.objects.latest("pk").pk,
        by=Checker(caller=Caller(CallerKind.STAFF, 999_999), name="checker"),
        as_of=business_day.today(),
        now=timezone.now(),
    )
