"""A PAN and a phone number are given later, changed, shown masked, and told to nobody else."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.calls import answer, post
from tests.api.problem import problem_of
from tests.builders import a_borrower
from tests.callers import a_login, a_partner, as_borrower, as_partner, as_staff
from users import vault
from users.domain.scopes import Scope
from users.models import Borrower, PanRecord, PhoneRecord, VaultRecord
from users.services.numbers import change_pan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

PAN = "ABCPK1234F"
PHONE = "+919876543210"


def give(what: str, value: object, borrower: Borrower, **headers: Any) -> Any:
    """Give a borrower's PAN or phone number."""
    address = f"/api/v1/borrowers/{borrower.public_id}/{what}"
    return Client().post(address, {what: value}, "application/json", **headers)


def kept(records: type[VaultRecord]) -> list[str]:
    """Return what the vault keeps of a kind."""
    return [
        vault.unseal(
            vault.Sealed(row.key_id, bytes(row.ciphertext)), kind=row.KIND, record_id=row.pk
        )
        for row in records._default_manager.all()
    ]


def test_a_pan_given_later_is_kept_and_answered_masked() -> None:
    borrower = a_borrower()
    given = answer(give("pan", " abcpk1234f", borrower))
    assert given == {"user_id": borrower.public_id, "pan": "XXXXXX234F"}
    assert kept(PanRecord) == [PAN]


def test_a_pan_that_was_mistyped_is_replaced_and_frees_the_one_before() -> None:
    borrower, other = a_borrower(), a_borrower()
    for number in ("ABCPK1234F", "ABCPK1243F", "ABCPK1243F"):
        answer(give("pan", number, borrower))
    assert kept(PanRecord) == ["ABCPK1243F"]
    answer(give("pan", "ABCPK1234F", other))
    assert PanRecord.objects.count() == 2


def test_anothers_pan_is_refused_as_at_registration() -> None:
    borrower, other = a_borrower(), a_borrower()
    answer(give("pan", PAN, other))
    answer(give("pan", "ABCPK1243F", borrower))
    refused = problem_of(give("pan", PAN, borrower), status=409)
    assert refused["code"] == "already_registered"
    assert "errors" not in refused
    assert other.public_id not in str(refused)
    assert sorted(kept(PanRecord)) == ["ABCPK1234F", "ABCPK1243F"]


def test_a_phone_number_changes_in_life_and_may_be_shared_or_taken_away() -> None:
    borrower, wife = a_borrower(), a_borrower()
    own: dict[str, Any] = as_borrower(borrower)
    given = answer(give("phone", "098765 43210", borrower, **own))
    assert given == {"user_id": borrower.public_id, "phone": "+91 XXXXXX3210"}
    answer(give("phone", PHONE, wife))
    assert kept(PhoneRecord) == [PHONE, PHONE]
    changed = answer(give("phone", "6123456789", borrower, **own))
    assert changed["phone"] == "+91 XXXXXX6789"
    assert sorted(kept(PhoneRecord)) == ["+916123456789", PHONE]
    for _ in range(2):
        assert answer(give("phone", None, borrower, **own))["phone"] is None
    assert PhoneRecord.objects.get().borrower_id == wife.pk


@pytest.mark.parametrize(
    ("what", "value", "code"),
    [
        ("pan", None, "null"),
        ("pan", "", "blank"),
        ("pan", "ABCCK1234F", "invalid_pan"),
        ("pan", 1234, "not_a_string"),
        ("phone", "", "blank"),
        ("phone", "12345", "invalid_phone"),
        ("phone", 9_876_543_210, "not_a_string"),
    ],
)
def test_what_is_none_is_refused_by_its_field_and_changes_nothing(
    what: str, value: object, code: str
) -> None:
    refused = problem_of(give(what, value, a_borrower()), status=400)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [(what, code)]
    assert not PanRecord.objects.exists()
    assert not PhoneRecord.objects.exists()


def test_a_partner_gives_a_pan_of_its_own_borrower_once() -> None:
    partner, borrower = a_partner(), a_borrower()
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    other: dict[str, Any] = as_partner(a_partner("Other"))
    assert give("pan", PAN, borrower, **other).status_code == 404
    without: dict[str, Any] = as_partner(
        partner, [scope for scope in Scope if scope != Scope.BORROWERS_REGISTER]
    )
    assert give("pan", PAN, borrower, **without).status_code == 403
    own: dict[str, Any] = as_partner(partner, [Scope.BORROWERS_REGISTER])
    assert give("pan", PAN, borrower, **own).status_code == 200
    refused = problem_of(give("pan", "ABCPK1243F", borrower, **own), status=409)
    assert refused["code"] == "pan_on_record"
    assert kept(PanRecord) == [PAN]


def test_staff_replace_a_pan_and_a_borrower_does_not() -> None:
    borrower = a_borrower()
    change_pan(borrower.public_id, pan=PAN)
    own: dict[str, Any] = as_borrower(borrower)
    assert give("pan", "ABCPK1243F", borrower, **own).status_code == 403
    clerk = as_staff(a_login("omar", role="operations"))
    address = f"/api/v1/borrowers/{borrower.public_id}/pan"
    replaced = clerk.post(address, {"pan": "ABCPK1243F"}, "application/json")
    assert answer(replaced)["pan"] == "XXXXXX243F"
    assert kept(PanRecord) == ["ABCPK1243F"]


def test_statements_are_pinned(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = f"borrowers/{a_borrower().public_id}"
    with django_assert_num_queries(6):  # begin, borrower, held, known, record, commit
        assert post(client, f"{address}/pan", {"pan": PAN}).status_code == 200
    with django_assert_num_queries(5):  # begin, borrower, held, record, commit
        assert post(client, f"{address}/phone", {"phone": PHONE}).status_code == 200
