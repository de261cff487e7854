"""In which form documents are answered, and what is refused alike for all of them."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api.calls import API, get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.api.test_documents import a_repaid_loan, document
from tests.builders import a_disbursed_loan

NAMES = (
    "key-facts",
    "sanction-letter",
    "statement",
    "interest-certificate",
    "foreclosure-letter",
    "no-dues-certificate",
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/pdf", "application/pdf"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_the_accept_header_chooses_the_form(client: Client, accept: str, media_type: str) -> None:
    loan = a_disbursed_loan()
    address = f"{API}loans/{loan.public_id}/documents/key-facts"
    response = client.get(address, headers={"accept": accept})
    assert (response.status_code, response.headers["Content-Type"]) == (200, media_type)


def test_the_format_outweighs_the_accept_header_and_names_the_file(client: Client) -> None:
    loan = a_disbursed_loan()
    address = f"{API}loans/{loan.public_id}/documents/key-facts"
    response = client.get(f"{address}?format=pdf", headers={"accept": "application/json"})
    assert response.headers["Content-Type"] == "application/pdf"
    name = f'inline; filename="KFS-{loan.public_id}.pdf"'
    assert response.headers["Content-Disposition"] == name
    assert response.headers["Cache-Control"] == "no-store"
    again = client.get(f"{address}?format=pdf")
    assert again.content == response.content
    json = client.get(f"{address}?format=json", headers={"accept": "application/pdf"})
    assert json.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", NAMES)
def test_a_form_that_is_not_served_is_refused(client: Client, name: str) -> None:
    loan = a_disbursed_loan()
    query = {"financial_year": "2025-26"} if name == "interest-certificate" else {}
    response = document(client, loan, name, format="xml", **query)
    assert faults(problem_of(response, status=400)) == [("format", "invalid_choice")]
    address = f"{API}loans/{loan.public_id}/documents/{name}"
    problem_of(client.get(address, headers={"accept": "text/csv"}), status=406)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("loan_id", ["LN-2026-999999", "LN-2024-0001", "456"])
def test_an_unknown_loan_has_no_documents(client: Client, name: str, loan_id: str) -> None:
    query = {"financial_year": "2025-26"} if name == "interest-certificate" else {}
    response = get(client, f"loans/{loan_id}/documents/{name}", format="pdf", **query)
    assert faults(problem_of(response, status=404)) == [("loan_id", "loan_not_found")]


def test_an_unknown_document_is_not_found(client: Client) -> None:
    loan = a_disbursed_loan()
    problem_of(document(client, loan, "love-letter"), status=404, code="not_found")
    response = get(client, "loans/LN-2026-999999/documents")
    assert faults(problem_of(response, status=404)) == [("loan_id", "loan_not_found")]


def test_a_day_outside_the_loans_life_has_no_statement(client: Client) -> None:
    loan = a_disbursed_loan()
    response = document(client, loan, "statement", as_of="2026-01-11", format="pdf")
    assert faults(problem_of(response, status=400)) == [("as_of", "statement_date_refused")]


@pytest.mark.parametrize("name", NAMES)
def test_without_the_lenders_identity_there_is_no_document(
    client: Client, settings: Settings, name: str, today: SetDate
) -> None:
    loan = a_repaid_loan()
    today(date(2026, 8, 1))
    settings.LENDER = settings.LENDER | {"BRIGHTLEND_LENDER_CIN": ""}
    query = {"financial_year": "2025-26"} if name == "interest-certificate" else {}
    problem = problem_of(
        document(client, loan, name, **query), status=422, code="lender_not_configured"
    )
    assert "set BRIGHTLEND_LENDER_CIN." in problem["detail"]
