"""POST /api/v1/loans/payments: what is refused, with nothing taken."""

import json
from typing import Any

import pytest
from django.test import Client

from ledger.models import Entry
from loan.models import Allocation, Due, Loan, Payment
from tests.api.calls import API, post, with_literal
from tests.api.problem import faults, problem_of
from tests.builders import a_disbursed_loan

PATH = "loans/payments"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def asked() -> dict[str, Any]:
    """Return an order that would be taken."""
    return {
        "loan_id": a_disbursed_loan().public_id,
        "amount": 24_482,
        "payment_method": "UPI",
        "reference_id": "PAY-789XYZ",
    }


def refused(client: Client, body: object, *, status: int, code: str | None = None) -> Any:
    """Return the problem of an order that left nothing behind."""
    loans = list(Loan.objects.values_list())
    problem = problem_of(post(client, PATH, body), status=status, code=code)
    assert list(Loan.objects.values_list()) == loans
    for table in (Payment, Allocation, Due):
        assert not table.objects.exists()
    assert set(Entry.objects.values_list("kind", flat=True)) <= {"DISBURSEMENT"}
    return problem


def test_every_missing_field_is_named_at_once(client: Client) -> None:
    assert faults(refused(client, {}, status=400)) == [
        (name, "required") for name in ("loan_id", "amount", "payment_method", "reference_id")
    ]


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("null", "null"),
        ('"24482"', "not_a_number"),
        ("true", "not_a_number"),
        ("[]", "not_a_number"),
        ("0", "min_value"),
        ("0.00", "min_value"),
        ("-0", "min_value"),
        ("-24482", "min_value"),
        ("-0.01", "min_value"),
        ("24482.001", "invalid_amount"),
        ("24482.000", "invalid_amount"),
        ("2.4482e4", "invalid_amount"),
        ("1E+2000000", "invalid_amount"),
        ("1E-2000000", "invalid_amount"),
        ("10000000000001", "max_value"),
        ("9999999999999999", "max_value"),
    ],
)
def test_what_is_no_amount_is_refused(
    client: Client, asked: dict[str, Any], literal: str, code: str
) -> None:
    problem = refused(client, with_literal(asked, "amount", literal), status=400)
    assert faults(problem) == [("amount", code)]


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("NaN", "number_not_finite"),
        ("Infinity", "number_not_finite"),
        ("99999999999999999", "number_too_long"),
        ("0." + "0" * 50 + "1", "number_too_long"),
        ("1_000", "malformed_json"),
        ("1,00,000", "malformed_json"),
        ("+5", "malformed_json"),
        (".5", "malformed_json"),
        ("१२३", "malformed_json"),
        ('5,"amount":7', "duplicate_key"),
    ],
)
def test_what_is_no_json_number_is_refused(
    client: Client, asked: dict[str, Any], literal: str, code: str
) -> None:
    refused(client, with_literal(asked, "amount", literal), status=400, code=code)


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("null", "null"),
        ("789", "not_a_string"),
        ('""', "blank"),
        ('"   "', "blank"),
        (json.dumps("R" * 65), "max_length"),
        (json.dumps("R" * 100_000), "max_length"),
        ('"-PAY"', "invalid"),
        ('"=PAY"', "invalid"),
        ('"@PAY"', "invalid"),
        ('"PAY 1"', "invalid"),
        ('"PAY\'1"', "invalid"),
        ('"PAY;1"', "invalid"),
        ('"PAY\\\\1"', "invalid"),
        ('"PAY%001"', "invalid"),
        ('"PAY\\n1"', "invalid_characters"),
        ('"PAY\\r\\n1"', "invalid_characters"),
        ('"PAY\\u00001"', None),
        ('"PAY\\u200b1"', "invalid_characters"),
        ('"PAY\\u202e1"', "invalid_characters"),
        ('"PAY-\\u0967"', "invalid"),
        ('"\\uff30\\uff21\\uff39"', "invalid"),
        ('"भुगतान"', "invalid"),
        ('"PAY-\\ud83d\\ude00"', "invalid"),
    ],
)
def test_what_is_no_reference_is_refused(
    client: Client, asked: dict[str, Any], literal: str, code: str | None
) -> None:
    problem = refused(client, with_literal(asked, "reference_id", literal), status=400)
    if code is None:
        assert problem["code"] == "nul_character"
    else:
        assert faults(problem) == [("reference_id", code)]


@pytest.mark.parametrize("reference", ["a", "R" * 64, "UTR:2026/01-10_7.b", "0"])
def test_references_as_banks_give_them_are_taken(
    client: Client, asked: dict[str, Any], reference: str
) -> None:
    assert post(client, PATH, asked | {"reference_id": reference}).status_code == 201
    assert Payment.objects.get().reference_id == reference


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ("null", "null"),
        ("1", "invalid_choice"),
        ('"upi"', "invalid_choice"),
        ('"BARTER"', "invalid_choice"),
    ],
)
def test_an_unknown_method_is_refused(
    client: Client, asked: dict[str, Any], literal: str, code: str
) -> None:
    problem = refused(client, with_literal(asked, "payment_method", literal), status=400)
    assert faults(problem) == [("payment_method", code)]
    if code == "invalid_choice":
        allowed = "UPI, NEFT, IMPS, RTGS, NACH, CARD, CASH, CHEQUE"
        assert problem["errors"][0]["detail"] == f"Must be one of: {allowed}."


@pytest.mark.parametrize("name", ["allocation", "status", "payment_id"])
def test_what_is_not_the_payers_to_say_is_refused(
    client: Client, asked: dict[str, Any], name: str
) -> None:
    assert faults(refused(client, asked | {name: 1}, status=400)) == [(name, "unknown_field")]


@pytest.mark.parametrize(
    "loan_id",
    [
        "LN-2026-999999",
        "LN-2026-9223372036854775807",
        "LN-2026-9223372036854775808",
        "LN-2026-0",
        "LN-2026-0000",
        "LN-2026--001",
        "LN-26-0001",
        "ln-2026-0001",
        "LN-२०२६-0001",
        "LN-2026-0001;--",
        "1",
        "BC-USER-001",
    ],
)
def test_an_unknown_loan_is_not_found(client: Client, asked: dict[str, Any], loan_id: str) -> None:
    problem = refused(client, asked | {"loan_id": loan_id}, status=404, code="loan_not_found")
    assert faults(problem) == [("loan_id", "loan_not_found")]


def test_a_loan_is_known_by_one_spelling_of_its_number(
    client: Client, asked: dict[str, Any]
) -> None:
    key = Loan.objects.get().pk
    for wrong in (f"LN-2025-{key:04d}", f"LN-2026-0{key:04d}", f"LN-2026-+{key:04d}"):
        refused(client, asked | {"loan_id": wrong}, status=404, code="loan_not_found")


def test_only_post_pays(client: Client) -> None:
    for method in (client.get, client.put, client.delete, client.patch):
        assert "POST" in method(API + PATH).headers["Allow"]
        problem_of(method(API + PATH), status=405)


def test_outsiders_must_sign_in(client: Client, asked: dict[str, Any]) -> None:
    response = client.post(
        API + PATH,
        data=json.dumps(asked),
        content_type="application/json",
        HTTP_X_FORWARDED_FOR="127.0.0.1",
    )
    problem_of(response, status=401)
    assert not Payment.objects.exists()
