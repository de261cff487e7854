"""What a borrower agrees to is recorded, and taken back by another row, unless it is needed."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.builders import a_borrower, a_disbursed_loan, an_aadhaar_number
from tests.callers import ELSEWHERE, a_login, a_partner, as_borrower, as_partner, as_staff
from users.domain.consents import Action, Purpose
from users.domain.scopes import Scope
from users.models import AccessLogEntry, Borrower, Consent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TEXT = "2026-11"


def said(purpose: Purpose = Purpose.MARKETING, action: Action = Action.GIVEN) -> dict[str, str]:
    """Return the body that says so."""
    return {"purpose": purpose.value, "action": action.value, "text_version": TEXT}


def _own(borrower: Borrower) -> dict[str, Any]:
    headers: dict[str, Any] = as_borrower(borrower)
    return headers


def say(borrower: Borrower, purpose: Purpose, action: Action, **headers: Any) -> Any:
    """Record what a borrower says, as they themselves unless headers say otherwise."""
    return Client().post(
        f"/api/v1/borrowers/{borrower.public_id}/consents",
        said(purpose, action),
        "application/json",
        **(headers or _own(borrower)),
    )


def test_a_consent_says_what_was_agreed_to_by_whom_from_where() -> None:
    borrower = a_borrower()
    given = answer(say(borrower, Purpose.MARKETING, Action.GIVEN), status=201)
    consent = Consent.objects.get()
    assert given == {
        "consent_id": consent.pk,
        "user_id": borrower.public_id,
        "purpose": "MARKETING",
        "action": "GIVEN",
        "text_version": TEXT,
        "at": given["at"],
        "recorded_by": f"borrower:{borrower.pk}",
    }
    assert consent.address == ELSEWHERE


def test_a_withdrawal_is_another_row_and_the_list_tells_both(client: Client) -> None:
    borrower = a_borrower()
    for action in Action:
        assert say(borrower, Purpose.MARKETING, action).status_code == 201
    page = answer(get(client, f"borrowers/{borrower.public_id}/consents"))
    assert [row["action"] for row in page["results"]] == ["WITHDRAWN", "GIVEN"]
    assert (page["next"], page["previous"]) == (None, None)


def test_what_does_not_stand_cannot_be_withdrawn() -> None:
    borrower = a_borrower()
    never = say(borrower, Purpose.MARKETING, Action.WITHDRAWN)
    assert problem_of(never, status=409)["code"] == "consent_not_given"
    for action, status in ((Action.GIVEN, 201), (Action.WITHDRAWN, 201), (Action.WITHDRAWN, 409)):
        assert say(borrower, Purpose.MARKETING, action).status_code == status
    assert Consent.objects.count() == 2


def test_what_a_loan_needs_stands_until_the_loan_has_ended(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    borrower = loan.borrower
    own: dict[str, Any] = as_borrower(borrower)
    for purpose in Purpose:
        assert say(borrower, purpose, Action.GIVEN, **own).status_code == 201
    refused = problem_of(
        say(borrower, Purpose.LOAN_PROCESSING, Action.WITHDRAWN, **own), status=409
    )
    assert refused["code"] == "consent_needed"
    assert refused["errors"][0]["field"] == "purpose"
    assert say(borrower, Purpose.CREDIT_BUREAU_ENQUIRY, Action.WITHDRAWN, **own).status_code == 201
    assert Consent.objects.filter(action="WITHDRAWN").count() == 1
    _close(client, loan)
    assert say(borrower, Purpose.LOAN_PROCESSING, Action.WITHDRAWN, **own).status_code == 201


def _close(client: Client, loan: Loan) -> None:
    quote = answer(get(client, f"loans/{loan.public_id}/foreclosure-quote"))
    paid = {
        "amount": float(quote["amount"]),
        "payment_method": "UPI",
        "reference_id": "CLOSING",
    }
    assert post(client, f"loans/{loan.public_id}/foreclosure", paid).status_code == 201


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"purpose": "EVERYTHING"}, "purpose", "invalid_choice"),
        ({"action": "MAYBE"}, "action", "invalid_choice"),
        ({"text_version": "two words"}, "text_version", "invalid"),
        ({"text_version": "x" * 41}, "text_version", "max_length"),
        ({"at": "2020-01-01"}, "at", "unknown_field"),
        ({"actor": "borrower:1"}, "actor", "unknown_field"),
    ],
)
def test_a_bad_consent_is_refused_by_its_field(
    client: Client, changes: dict[str, str], field: str, code: str
) -> None:
    borrower = a_borrower()
    refused = post(client, f"borrowers/{borrower.public_id}/consents", said() | changes)
    assert 400 <= refused.status_code < 500
    errors = refused.json()["errors"]
    assert [(error["field"], error["code"]) for error in errors] == [(field, code)]
    assert not Consent.objects.exists()


def test_partners_record_for_their_own_and_by_their_scope_alone() -> None:
    partner, borrower = a_partner(), a_borrower()
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    without: dict[str, Any] = as_partner(
        partner, [scope for scope in Scope if scope != Scope.CONSENTS_RECORD]
    )
    assert say(borrower, Purpose.MARKETING, Action.GIVEN, **without).status_code == 403
    other: dict[str, Any] = as_partner(a_partner("Other"))
    assert say(borrower, Purpose.MARKETING, Action.GIVEN, **other).status_code == 404
    own: dict[str, Any] = as_partner(partner, [Scope.CONSENTS_RECORD])
    assert say(borrower, Purpose.MARKETING, Action.GIVEN, **own).status_code == 201
    assert Consent.objects.get().actor == f"partner:{partner.pk}"
    assert not AccessLogEntry.objects.exists()
    listed = Client().get(f"/api/v1/borrowers/{borrower.public_id}/consents", **own)
    assert len(answer(listed)["results"]) == 1
    assert AccessLogEntry.objects.get().borrower_id == borrower.pk


def test_no_consent_is_changed_or_removed() -> None:
    say(a_borrower(), Purpose.MARKETING, Action.GIVEN)
    for sql in ("UPDATE users_consent SET action = 'WITHDRAWN'", "DELETE FROM users_consent"):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_the_borrowers_page_tells_how_each_purpose_stands() -> None:
    borrower = a_borrower()
    say(borrower, Purpose.MARKETING, Action.GIVEN)
    viewer = as_staff(a_login("vikram", role="viewer"))
    page = viewer.get(reverse("admin:users_borrower_change", args=[borrower.pk])).content.decode()
    assert "Notices about other offers" in page
    assert f"borrower:{borrower.pk}" in page
    listed = viewer.get(reverse("admin:users_consent_changelist"), {"q": borrower.public_id})
    assert "Marketing" in listed.content.decode()


def test_statements_of_consents_are_pinned(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"borrowers/{a_borrower().public_id}/consents"
    with django_assert_num_queries(4):  # begin, borrower, consent, commit
        assert post(client, address, said()).status_code == 201
    with django_assert_num_queries(6):  # how it stands, and whether anything is borrowed
        assert post(client, address, said(action=Action.WITHDRAWN)).status_code == 201
    with django_assert_num_queries(2):
        assert get(client, address).status_code == 200


def registration(*said: dict[str, str]) -> dict[str, Any]:
    """Return the body of a registration that brings consents."""
    return {
        "aadhar_id": an_aadhaar_number(),
        "name": "Asha Rao",
        "email": "asha@example.com",
        "annual_income": 900_000,
        "employment_type": "SALARIED",
        "consents": list(said),
    }


def test_a_registration_brings_consents_in_the_same_transaction(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    given = [said(Purpose.LOAN_PROCESSING), said(Purpose.CREDIT_BUREAU_ENQUIRY), said()]
    with django_assert_num_queries(8):  # a registration's seven, and one for all consents
        registered = answer(post(client, "users/register", registration(*given)), status=201)
    assert sorted(registered) == ["initial_credit_score", "user_id", "welcome_message"]
    rows = Consent.objects.order_by("id")
    assert [(row.purpose, row.action, row.text_version) for row in rows] == [
        (each["purpose"], "GIVEN", TEXT) for each in given
    ]
    assert {row.borrower.public_id for row in rows} == {registered["user_id"]}
    assert {(row.actor, row.address) for row in rows} == {("sandbox", "127.0.0.1")}


def test_no_consents_and_an_empty_list_are_the_same(client: Client) -> None:
    assert post(client, "users/register", registration()).status_code == 201
    assert not Consent.objects.exists()


def test_one_that_was_given_and_taken_back_at_once_leaves_both_rows(client: Client) -> None:
    both = registration(said(), said(action=Action.WITHDRAWN))
    assert post(client, "users/register", both).status_code == 201
    assert list(Consent.objects.order_by("id").values_list("action", flat=True)) == [
        "GIVEN",
        "WITHDRAWN",
    ]


@pytest.mark.parametrize(
    ("sent", "status", "field", "code"),
    [
        (
            [said(), said(Purpose.LOAN_PROCESSING, Action.WITHDRAWN)],
            409,
            "consents.1.purpose",
            "consent_not_given",
        ),
        ([said() | {"purpose": "EVERYTHING"}], 400, "consents.0.purpose", "invalid_choice"),
        ([said(), said() | {"action": "MAYBE"}], 400, "consents.1.action", "invalid_choice"),
        ([said() | {"text_version": "two words"}], 400, "consents.0.text_version", "invalid"),
        ([said() | {"actor": "borrower:1"}], 400, "consents.0.actor", "unknown_field"),
        ([{"purpose": "MARKETING", "action": "GIVEN"}], 400, "consents.0.text_version", "required"),
        (["MARKETING"], 400, "consents.0", "not_an_object"),
        (said(), 400, "consents", "not_a_list"),
        (None, 400, "consents", "null"),
        ([said()] * 4, 400, "consents", "max_length"),
    ],
)
def test_a_consent_that_is_none_undoes_the_registration(
    client: Client, sent: object, status: int, field: str, code: str
) -> None:
    body = registration() | {"consents": sent}
    refused = problem_of(post(client, "users/register", body), status=status)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [(field, code)]
    assert not Borrower.objects.exists()


def test_a_refused_registration_keeps_no_consent(client: Client) -> None:
    body = registration(said())
    assert post(client, "users/register", body).status_code == 201
    again = post(client, "users/register", body | {"aadhar_id": an_aadhaar_number()})
    assert again.status_code == 409
    assert Consent.objects.count() == 1
