"""What a caller may not set cannot be set by naming it: no field of ours is taken from a body."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from pytest_django import Settings

from tests.api.access_table import BODIES, CHARGE, Target
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.builders import a_disbursed_loan, pay
from tests.callers import a_login, a_partner, as_partner, as_staff
from tests.integration.admin.test_roles import rights
from users.models import Borrower, User

pytestmark = pytest.mark.django_db

#: Fields of the tables that a call writes, and of those that say who may do what.
WRITTEN = ("users.Borrower", "users.User", "users.AadhaarRecord", "loan.Loan", "loan.Payment")
WRITTEN_TOO = (
    "loan.LoanApplication",
    "loan.Charge",
    "users.PanRecord",
    "users.PhoneRecord",
    "users.SignInSession",
    "users.Partner",
)
VALUES: list[Any] = [True, 1, "APPROVED", None]


def every_field() -> list[str]:
    """Return the names under which a careless serializer would take a value."""
    names: set[str] = {"caller", "scopes", "session_id", "is_verified", "credit_score"}
    for label in (*WRITTEN, *WRITTEN_TOO):
        for field in apps.get_model(label)._meta.get_fields():
            names |= {field.name, getattr(field, "attname", field.name), f"{field.name}_id"}
    return sorted(names)


@pytest.mark.parametrize("address", BODIES)
def test_a_field_that_is_not_offered_is_refused_and_changes_nothing(
    client: Client, today: SetDate, address: str
) -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, 100_00, on=loan.disbursed_on)
    target = Target(loan.borrower.public_id, loan.public_id, payment.pk, 1)
    path = address.partition(" ")[2].replace("<payment_id>", str(payment.pk))
    path = path.replace("<loan_id>", target.loan_id).replace("<charge>", CHARGE)
    path = path.replace("<approval_id>", str(target.approval_id)).replace("<endpoint_id>", "1")
    before = _rows()
    for name in every_field():
        body = BODIES[address](target)
        if name in body or name in OFFERED:
            continue
        for value in VALUES:
            sent = json.dumps(body | {name: value})
            answer = client.post(path, sent, content_type="application/json")
            errors = problem_of(answer, status=400, code="invalid")["errors"]
            assert {(error["field"], error["code"]) for error in errors} == {
                (name, "unknown_field")
            }
    assert _rows() == before


#: Offered by some address, and taken there; the fields that each takes are in its description.
OFFERED = {
    "consents",
    "date_of_birth",
    "pan",
    "phone",
    "user_id",
    "everywhere",
    "value_date",
    "note",
}


def _rows() -> list[Any]:
    models = [apps.get_model(label) for label in (*WRITTEN, *WRITTEN_TOO)]
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_a_partner_cannot_register_for_another_by_any_field(
    client: Client, today: SetDate, settings: Settings
) -> None:
    settings.OPEN_TO_LOOPBACK = False
    mine, other = a_partner("Mine"), a_partner("Other")
    headers: dict[str, Any] = as_partner(mine)
    body = BODIES["POST /api/v1/users/register"](Target("", "", 0, 0))
    for name in ("partner", "partner_id"):
        sent = json.dumps(body | {name: other.pk})
        answer = client.post(
            "/api/v1/users/register", sent, content_type="application/json", **headers
        )
        assert answer.status_code == 400
    assert not Borrower.objects.filter(partner=other).exists()


def test_a_call_of_staff_changes_no_login(today: SetDate) -> None:
    clerk = a_login("me", role="operations")
    before = rights()
    sent = json.dumps({"is_superuser": True, "is_staff": True, "groups": [1]})
    as_staff(clerk).post("/api/v1/users/register", sent, content_type="application/json")
    assert rights() == before
    assert not User.objects.filter(is_superuser=True).exists()
