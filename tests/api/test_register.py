"""POST /api/v1/users/register."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bright_credit.common import business_day
from tests.integration.users.people import aadhaar_number
from users.domain.identity import borrower_public_id
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord

URL = "/api/v1/users/register"

RAHUL: dict[str, Any] = {
    "aadhar_id": "888877776666",
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1_800_000,
    "employment_type": "SALARIED",
}

pytestmark = pytest.mark.django_db


def post(client: Client, body: object) -> Any:
    """Send a body as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(URL, data=text, content_type="application/json")


def faults(response: Any) -> set[tuple[str, str]]:
    """Return field and code of every error of a problem."""
    assert response.headers["Content-Type"].startswith("application/problem+json")
    return {(error["field"], error["code"]) for error in response.json()["errors"]}


def test_the_contracts_borrower_is_registered_with_720(client: Client) -> None:
    response = post(client, RAHUL)
    assert response.status_code == 201
    borrower = Borrower.objects.get()
    assert list(response.json().items()) == [
        ("user_id", borrower_public_id(borrower.pk)),
        ("welcome_message", "Account activated successfully"),
        ("initial_credit_score", 720),
    ]
    assert response.headers["Content-Type"].startswith("application/json")
    assert borrower.annual_income_paise == 180_000_000
    assert AadhaarRecord.objects.get(borrower=borrower).last_four == "6666"


def test_a_registration_takes_seven_statements(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Begin; is either detail known; borrower; vault record; cash flow; score; commit.
    with django_assert_num_queries(7):
        assert post(client, RAHUL).status_code == 201


@pytest.mark.parametrize(
    ("changes", "column", "kept"),
    [
        ({"name": " राहुल\u00a0 शर्मा "}, "name", "राहुल शर्मा"),
        ({"name": "Jose\u0301 D’Souza"}, "name", "José D’Souza"),
        ({"email": " Rahul@BrightLend.COM "}, "email", "rahul@brightlend.com"),
        ({"annual_income": 600000.5}, "annual_income_paise", 60_000_050),
        ({"annual_income": 1_000_000_000}, "annual_income_paise", 10**11),
        ({"annual_income": 0, "employment_type": "STUDENT"}, "annual_income_paise", 0),
        ({"date_of_birth": None}, "date_of_birth", None),
    ],
)
def test_details_are_taken_and_normalised(
    client: Client, changes: dict[str, Any], column: str, kept: object
) -> None:
    assert post(client, RAHUL | changes).status_code == 201
    assert Borrower.objects.values_list(column, flat=True).get() == kept


def test_pan_and_phone_may_be_given_and_the_answer_stays_as_it_is(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    given = RAHUL | {"pan": "abcpk1234f", "phone": "098765 43210"}
    with django_assert_num_queries(9):  # two more records of the vault
        response = post(client, given)
    assert response.status_code == 201
    assert sorted(response.json()) == ["initial_credit_score", "user_id", "welcome_message"]
    assert PanRecord.objects.get().last_four == "234F"
    assert PhoneRecord.objects.get().last_four == "3210"


def test_neither_pan_nor_phone_is_the_same_as_null(client: Client) -> None:
    assert post(client, RAHUL | {"pan": None, "phone": None}).status_code == 201
    assert not PanRecord.objects.exists()
    assert not PhoneRecord.objects.exists()


@pytest.mark.parametrize("field", RAHUL)
def test_a_missing_field_is_named(client: Client, field: str) -> None:
    response = post(client, {name: value for name, value in RAHUL.items() if name != field})
    assert response.status_code == 400
    assert faults(response) == {(field, "required")}
    assert not Borrower.objects.exists()


@pytest.mark.parametrize("field", RAHUL)
def test_a_null_is_refused(client: Client, field: str) -> None:
    response = post(client, RAHUL | {field: None})
    assert response.status_code == 400
    assert faults(response) == {(field, "null")}


@pytest.mark.parametrize("wrong", [True, 1, 1.5, [], ["a"], {}, {"a": 1}], ids=json.dumps)
@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("aadhar_id", "not_a_string"),
        ("name", "not_a_string"),
        ("email", "not_a_string"),
        ("employment_type", "invalid_choice"),
        ("date_of_birth", "invalid_date"),
        ("pan", "not_a_string"),
        ("phone", "not_a_string"),
    ],
)
def test_another_json_type_is_never_read_as_a_string(
    client: Client, field: str, code: str, wrong: object
) -> None:
    response = post(client, RAHUL | {field: wrong})
    assert response.status_code == 400
    assert faults(response) == {(field, code)}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("aadhar_id", "", "invalid_aadhaar"),
        ("aadhar_id", "888877776667", "invalid_aadhaar"),
        ("aadhar_id", "8888 7777 6666", "invalid_aadhaar"),
        ("aadhar_id", " 888877776666", "invalid_aadhaar"),
        ("aadhar_id", "८८८८७७७७६६६६", "invalid_aadhaar"),
        ("aadhar_id", "8" * 100_000, "invalid_aadhaar"),
        ("name", "", "blank"),
        ("name", "   ", "blank"),
        ("name", "12345", "invalid_name"),
        ("name", "😀", "invalid_name"),
        ("name", "Rahul\u202eamrahS", "invalid_characters"),
        ("name", "Rahul\u0007", "invalid_characters"),
        ("name", "A" * 201, "max_length"),
        ("name", "A" * 100_000, "max_length"),
        ("email", "", "blank"),
        ("email", "rahul", "invalid_email"),
        ("email", "राहुल@brightlend.com", "invalid_email"),
        ("email", "a@" + "b" * 300 + ".com", "max_length"),
        ("email", "rahul@brightlend.com\r\nBcc: x@y.example", "invalid_characters"),
        ("annual_income", "1800000", "not_a_number"),
        ("annual_income", True, "not_a_number"),
        ("annual_income", [], "not_a_number"),
        ("annual_income", -1, "min_value"),
        ("annual_income", 1_000_000_001, "max_value"),
        ("annual_income", 1.005, "invalid_amount"),
        ("annual_income", 0, "income_out_of_range"),
        ("employment_type", "", "invalid_choice"),
        ("employment_type", "salaried", "invalid_choice"),
        ("employment_type", "CEO", "invalid_choice"),
        ("date_of_birth", "", "invalid_date"),
        ("date_of_birth", "1990-02-30", "invalid_date"),
        ("date_of_birth", "19900228", "invalid_date"),
        ("date_of_birth", "28-02-1990", "invalid_date"),
        ("date_of_birth", "2999-01-01", "date_out_of_range"),
        ("date_of_birth", "1900-01-01", "invalid_date_of_birth"),
        ("pan", "", "blank"),
        ("pan", "ABCCK1234F", "invalid_pan"),
        ("pan", "ABCPK12345", "invalid_pan"),
        ("pan", "ABCPK1234FF", "max_length"),
        ("phone", "", "blank"),
        ("phone", "5876543210", "invalid_phone"),
        ("phone", "+1 202 555 0100", "invalid_phone"),
        ("phone", "९८७६५४३२१०", "invalid_phone"),
        ("phone", "9" * 25, "max_length"),
        ("is_staff", True, "unknown_field"),
        ("kyc_status", "VERIFIED", "unknown_field"),
        ("id", 1, "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_by_its_field(
    client: Client, field: str, value: object, code: str
) -> None:
    response = post(client, RAHUL | {field: value})
    assert response.status_code == 400
    assert faults(response) == {(field, code)}
    assert not Borrower.objects.exists()


@pytest.mark.parametrize(
    "number",
    ["1e6", "1E+2000000", "-0.001", "NaN", "Infinity", "9" * 5000, "0." + "0" * 5000 + "1", "1_0"],
)
def test_a_number_that_is_no_amount_is_refused(client: Client, number: str) -> None:
    body = json.dumps(RAHUL | {"annual_income": 123454321}).replace("123454321", number)
    response = post(client, body)
    assert response.status_code == 400
    assert not Borrower.objects.exists()


def test_every_field_at_fault_is_named_at_once(client: Client) -> None:
    response = post(
        client, {"aadhar_id": "1", "name": "1", "email": "1", "annual_income": "1", "rank": 1}
    )
    assert faults(response) == {
        ("aadhar_id", "invalid_aadhaar"),
        ("name", "invalid_name"),
        ("email", "invalid_email"),
        ("annual_income", "not_a_number"),
        ("employment_type", "required"),
        ("rank", "unknown_field"),
    }


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"text"', "null", "[" * 10_000, '{"name":"\\ud800"}']
)
def test_a_body_that_is_no_object_is_refused(client: Client, body: str) -> None:
    assert post(client, body).status_code == 400
    assert not Borrower.objects.exists()


def test_a_form_is_not_taken(client: Client) -> None:
    assert client.post(URL, data=RAHUL).status_code == 415
    assert not Borrower.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_post_registers(client: Client, method: str) -> None:
    response = getattr(client, method)(URL)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_there_is_no_address_with_a_trailing_slash(client: Client) -> None:
    response = client.post(f"{URL}/", data=json.dumps(RAHUL), content_type="application/json")
    assert response.status_code == 404


def test_a_minor_is_refused_by_the_rule_not_the_form(client: Client) -> None:
    born = business_day.today() - timedelta(days=17 * 365)
    response = post(client, RAHUL | {"date_of_birth": born.isoformat()})
    assert response.status_code == 422
    assert response.json()["code"] == "under_age"
    assert faults(response) == {("date_of_birth", "under_age")}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"email": "someone.else@brightlend.com"},
        {"aadhar_id": aadhaar_number(1)},
        {"aadhar_id": aadhaar_number(1), "email": " RAHUL@brightlend.COM"},
        {"aadhar_id": aadhaar_number(1), "email": "priya@brightlend.com"},
    ],
)
def test_a_duplicate_is_a_conflict_that_says_not_which_detail_nor_whose(
    client: Client, changes: dict[str, Any]
) -> None:
    rahul = RAHUL | {"pan": "ABCPK1234F"}
    assert post(client, rahul).status_code == 201
    response = post(client, rahul | changes | {"name": "Priya Nair"})
    assert response.status_code == 409
    assert response.json() == {
        "type": "/api/docs/errors#already_registered",
        "title": "An account exists with a detail given; which one, and whose, is not told",
        "status": 409,
        "code": "already_registered",
        "detail": "An account with these details already exists. "
        "If it is yours, sign in or ask support.",
        "instance": URL,
    }
    assert Borrower.objects.count() == 1


def test_whoever_comes_from_outside_must_sign_in(client: Client) -> None:
    body = json.dumps(RAHUL)
    response = client.post(
        URL, data=body, content_type="application/json", REMOTE_ADDR="203.0.113.9"
    )
    assert response.status_code == 401
    assert not Borrower.objects.exists()


def test_the_schema_takes_the_number_and_never_gives_it() -> None:
    printed = StringIO()
    call_command("spectacular", api_version="v1", format="openapi-json", stdout=printed)
    schema = json.loads(printed.getvalue())
    operation = schema["paths"][URL]["post"]
    assert operation["operationId"] == "register_borrower"
    given = schema["components"]["schemas"]["RegistrationRequest"]["properties"]
    assert all(given[name]["writeOnly"] is True for name in ("aadhar_id", "pan", "phone"))
    required = schema["components"]["schemas"]["RegistrationRequest"]["required"]
    assert not {"pan", "phone"} & set(required)
    answer = schema["components"]["schemas"]["RegistrationAnswer"]
    assert sorted(answer["properties"]) == sorted(answer["required"])
    assert sorted(answer["properties"]) == ["initial_credit_score", "user_id", "welcome_message"]
