"""A loan's documents: GET /api/v1/loans/{loan_id}/documents/…, and an offer's key facts."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries, Settings

from loan.models import Loan
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.builders import (
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    pay,
)
from tests.flat_loan import paid_on, the_contracts_loan

QUOTE = {"product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def document(client: Client, loan: Loan, name: str, **query: Any) -> Any:
    return get(client, f"loans/{loan.public_id}/documents/{name}", **query)


def a_repaid_loan(*, extra_paise: int = 0) -> Loan:
    """Return a loan of six instalments, each paid on its day; the first with something more."""
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    for row in loan.instalments.order_by("number"):
        more = extra_paise if row.number == 1 else 0
        pay(loan, row.total_paise + more, on=row.due_date, reference=f"UPI-{row.number}")
    return loan


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    assert response.headers["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_key_facts_of_a_loan_are_those_it_was_paid_out_with(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    today(date(2027, 1, 1))
    body = answer(document(client, loan, "key-facts"))
    assert body["number"] == f"KFS-{loan.public_id}"
    assert (body["issued_on"], body["valid_until"]) == ("2026-01-10", None)
    assert body["borrower"]["name"] == "Rahul Sharma"
    assert body["lender"]["grievance_officer"].keys() == {"name", "phone", "email"}
    assert body["loan"] == {
        "product": "Personal loan",
        "amount": 500_000,
        "tenure_months": 24,
        "instalments": {
            "frequency": "MONTHLY",
            "count": 24,
            "first_amount": 24_482,
            "last_amount": Decimal("24469.51"),
            "first_due_date": "2026-02-05",
            "days_to_first_due_date": 26,
        },
        "interest_rate": 16,
        "interest_method": "REDUCING_BALANCE",
        "day_count": "EQUAL_PERIODS",
        "interest_type": "FIXED",
        "reducing_balance_rate": 16,
        "apr": Decimal("18.46"),
    }
    fee = {"name": "Processing fee", "payee": "LENDER", "amount": 10_000, "gst": 1_800}
    assert body["fees"] == [fee | {"collection": "NETTED"}]
    assert body["apr_computation"] == {
        "sanctioned_amount": 500_000,
        "total_interest": Decimal("87555.51"),
        "fees": 11_800,
        "fees_to_lender": 11_800,
        "fees_to_third_parties": 0,
        "fees_deducted": 11_800,
        "fees_paid_apart": 0,
        "interest_kept_back": 0,
        "net_disbursed": 488_200,
        "total_payable": Decimal("587555.51"),
        "apr": Decimal("18.46"),
    }
    assert body["contingent_charges"][0]["amount"] == 500
    assert [row["number"] for row in body["amortisation_schedule"]] == list(range(1, 25))
    assert body["amortisation_schedule"][0] == {
        "number": 1,
        "due_date": "2026-02-05",
        "outstanding_principal": 500_000,
        "principal": Decimal("17815.33"),
        "interest": Decimal("6666.67"),
        "instalment": 24_482,
    }


def test_the_contracts_flat_loan_discloses_its_reducing_rate_and_no_fee(
    client: Client, today: SetDate
) -> None:
    day = date(2025, 5, 1)
    today(day)
    loan = the_contracts_loan([paid_on(date(2025, 4, 5))], today=day)
    body = answer(document(client, loan, "key-facts"))
    assert body["fees"] == []
    assert body["loan"]["interest_rate"] == Decimal("8.80")
    assert body["loan"]["reducing_balance_rate"] == Decimal("16.08")
    assert "this equals 16.08 % a year" in text_of(
        document(client, loan, "sanction-letter", format="pdf")
    )


def test_an_offer_has_key_facts_with_its_number_and_its_time(client: Client) -> None:
    a_product()
    body = answer(post(client, "loans/quote/key-facts", QUOTE))
    quoted = answer(post(client, "loans/quote", QUOTE))
    assert body["valid_until"] == "2026-01-14"
    assert body["borrower"] is None
    assert body["number"] == f"KFS-{body['proposal_number']}"
    assert body["proposal_number"].startswith("OF-20260110-")
    assert (body["loan"]["apr"], body["apr_computation"]["net_disbursed"]) == (
        quoted["apr"],
        quoted["net_disbursed"],
    )


def test_each_offer_has_a_number_of_its_own_and_the_same_one_again(
    client: Client, today: SetDate
) -> None:
    a_product()
    first, second = a_borrower(), a_borrower()
    offers = [
        QUOTE,
        QUOTE | {"amount": 501_000},
        QUOTE | {"tenure_months": 36},
        QUOTE | {"user_id": first.public_id},
        QUOTE | {"user_id": second.public_id},
    ]
    numbers = [number_of(client, offer) for offer in offers]
    assert len(set(numbers)) == len(offers)
    assert [number_of(client, offer) for offer in offers] == numbers
    today(date(2026, 1, 11))
    assert number_of(client, QUOTE) not in numbers


def number_of(client: Client, offer: dict[str, Any]) -> str:
    number: str = answer(post(client, "loans/quote/key-facts", offer))["proposal_number"]
    return number


def test_an_offers_key_facts_come_as_pages_too(client: Client) -> None:
    a_product()
    borrower = a_borrower(name="அனில் குமார் Anil")
    text = text_of(
        post(client, "loans/quote/key-facts?format=pdf", QUOTE | {"user_id": borrower.public_id})
    )
    assert "open until 14 January 2026" in text
    assert borrower.public_id in text


def test_the_lenders_holidays_lengthen_an_offer(client: Client, settings: Settings) -> None:
    a_product()
    settings.LENDER_HOLIDAYS = frozenset({date(2026, 1, 14), date(2026, 1, 15)})
    body = answer(post(client, "loans/quote/key-facts", QUOTE))
    assert body["valid_until"] == "2026-01-16"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"amount": 1}, "amount", "not_offered"),
        ({"amount": "500000"}, "amount", "not_a_number"),
        ({"tenure_months": 61}, "tenure_months", "not_offered"),
        ({"extra": 1}, "extra", "unknown_field"),
    ],
)
def test_an_offer_that_cannot_be_made_has_no_key_facts(
    client: Client, changes: dict[str, Any], field: str, code: str
) -> None:
    a_product()
    problem = problem_of(post(client, "loans/quote/key-facts", QUOTE | changes), status=400)
    assert faults(problem) == [(field, code)]


def test_the_sanction_letter_says_on_which_application_and_what_for(client: Client) -> None:
    loan = a_disbursed_loan()
    body = answer(document(client, loan, "sanction-letter"))
    assert loan.application is not None
    assert body["application_id"] == loan.application.public_id
    assert (body["purpose"], body["sanctioned_on"]) == ("Home Renovation", "2026-01-10")
    assert [row["since"] for row in body["if_first_instalment_stays_unpaid"]] == [
        "2026-02-05",
        "2026-03-07",
        "2026-04-06",
        "2026-05-06",
    ]


def test_the_interest_certificate_holds_what_was_paid_from_april_to_march(
    client: Client, today: SetDate
) -> None:
    loan = a_repaid_loan()
    today(date(2026, 8, 1))
    first = answer(document(client, loan, "interest-certificate", financial_year="2025-26"))
    assert (first["until"], first["provisional"]) == ("2026-03-31", False)
    assert (first["interest_paid"], first["principal_paid"]) == (
        Decimal("2451.73"),
        Decimal("32454.27"),
    )
    assert first["repayments"] == [
        {"paid_on": "2026-02-05", "principal": Decimal("16119.67"), "interest": Decimal("1333.33")},
        {"paid_on": "2026-03-05", "principal": Decimal("16334.60"), "interest": Decimal("1118.40")},
    ]
    second = answer(document(client, loan, "interest-certificate", financial_year="2026-27"))
    assert (second["until"], second["provisional"]) == ("2026-08-01", True)
    assert second["opening_principal"] == first["closing_principal"] == Decimal("67545.73")
    assert second["closing_principal"] == 0
    paid = answer(get(client, "statements", loan_id=loan.public_id))["loan_summary"]
    assert first["interest_paid"] + second["interest_paid"] == paid["interest_paid"]


def test_money_in_advance_counts_in_the_year_of_the_due_date_it_meets(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    pay(loan, 3 * 24_482 * RUPEE, on=date(2026, 3, 20))
    today(date(2026, 4, 6))
    for year, interest in (("2025-26", "13095.80"), ("2026-27", "6188.42")):
        body = answer(document(client, loan, "interest-certificate", financial_year=year))
        assert body["interest_paid"] == Decimal(interest)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"financial_year": "2026-27"}, "financial_year_refused"),
        ({"financial_year": "2024-25"}, "financial_year_refused"),
        ({"financial_year": "2025-27"}, "invalid_financial_year"),
        ({"financial_year": "2025"}, "invalid_financial_year"),
        ({"financial_year": "2025-2026"}, "max_length"),
        ({"financial_year": ""}, "blank"),
        ({}, "required"),
    ],
)
def test_a_year_that_has_not_begun_or_is_none_has_no_certificate(
    client: Client, query: dict[str, str], code: str
) -> None:
    loan = a_disbursed_loan()
    problem = problem_of(document(client, loan, "interest-certificate", **query), status=400)
    assert faults(problem) == [("financial_year", code)]


def test_a_loan_that_is_repaid_has_a_no_dues_certificate(client: Client, today: SetDate) -> None:
    loan = a_repaid_loan(extra_paise=5 * RUPEE)
    today(date(2026, 8, 1))
    body = answer(document(client, loan, "no-dues-certificate"))
    assert (body["issued_on"], body["closed_on"]) == ("2026-08-01", "2026-07-05")
    assert (body["amount_lent"], body["principal_paid"]) == (100_000, 100_000)
    assert (body["interest_paid"], body["refundable"]) == (Decimal("4718.17"), 5)


def test_a_loan_that_an_advance_has_closed_today_has_one_before_any_billing_run(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    pay(loan, 104_718_17, on=FIRST_DUE)
    last = date(2026, 7, 5)
    today(last)
    loan.refresh_from_db()
    assert loan.status == "ACTIVE"
    assert answer(document(client, loan, "no-dues-certificate"))["closed_on"] == last.isoformat()
    listed = answer(get(client, f"loans/{loan.public_id}/documents"))["documents"]
    assert "no-dues-certificate" in [each["document"] for each in listed]


def test_a_loan_on_which_a_paisa_is_owed_has_no_no_dues_certificate(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    pay(loan, 104_718_16, on=FIRST_DUE)
    today(date(2026, 7, 6))
    problem = problem_of(document(client, loan, "no-dues-certificate", format="pdf"), status=409)
    assert faults(problem) == [("loan_id", "loan_not_closed")]
    assert "₹0.01 of its principal" in problem["detail"]


def test_the_statement_is_the_statement_and_its_pages_show_it(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    pay(loan, 1_000 * RUPEE, on=FIRST_DUE, reference="UPI/FIRST-1")
    today(date(2026, 2, 20))
    shown = answer(get(client, "statements", loan_id=loan.public_id))
    assert answer(document(client, loan, "statement")) == shown
    text = text_of(document(client, loan, "statement", format="pdf"))
    for words in (
        f"Loan account {loan.public_id}, as of 20 February 2026",
        "Due now ₹23,482.00 Overdue ₹23,482.00",
        "5 February 2026 UPI/FIRST-1, UPI ₹1,000.00 ₹1,000.00 ₹0.00 ₹0.00 ₹0.00",
        "PENAL-1 Penal 9 February 2026 ₹500.00 ₹0.00 ₹0.00 ₹500.00",
        "Partially paid",
        "Standing SMA-0",
        "Past due 15 days",
    ):
        assert words in text, (words, text)
    before = text_of(document(client, loan, "statement", format="pdf", as_of="2026-01-31"))
    assert "as of 31 January 2026" in before
    assert "No payment has been received yet." in before


def test_the_list_names_the_documents_that_there_are(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(date(2026, 4, 1))
    body = answer(get(client, f"loans/{loan.public_id}/documents"))
    assert [each["title"] for each in body["documents"]] == [
        "Key Facts Statement",
        "Sanction letter",
        "Statement of account",
        "Interest certificate 2025-26",
        "Interest certificate 2026-27",
        "Foreclosure letter",
    ]
    for each in body["documents"]:
        answer(client.get(each["url"]))


def test_a_closed_loan_has_interest_certificates_up_to_the_year_of_its_closing(
    client: Client, today: SetDate
) -> None:
    loan = a_repaid_loan()
    today(date(2030, 1, 1))
    body = answer(get(client, f"loans/{loan.public_id}/documents"))
    assert [each["title"] for each in body["documents"]][-3:] == [
        "Interest certificate 2025-26",
        "Interest certificate 2026-27",
        "No-dues certificate",
    ]


def test_each_document_takes_as_many_statements_however_much_happened(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = a_disbursed_loan(amount_paise=LAKH), a_repaid_loan()
    run_billing(date(2026, 7, 31), today=date(2026, 8, 1), may_run_ahead=False)
    today(date(2026, 8, 1))
    for loan in (few, many):
        # The loan with borrower, product and application; its instalments.
        for name in ("key-facts", "sanction-letter"):
            with django_assert_num_queries(2):
                answer(document(client, loan, name))
        # And, as one message, payments, events, instalments, the borrower's changes of class. The
        # calendar comes with the loan, or before it.
        with django_assert_num_queries(2):
            answer(document(client, loan, "statement"))
        with django_assert_num_queries(3):
            answer(document(client, loan, "interest-certificate", financial_year="2026-27"))
        # The loan with the calendar.
        with django_assert_num_queries(1):
            answer(get(client, f"loans/{loan.public_id}/documents"))
    with django_assert_num_queries(3):
        answer(document(client, many, "no-dues-certificate", format="json"))


def test_an_offers_key_facts_take_as_many_statements_as_its_quote(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    a_product()
    offer = QUOTE | {"user_id": a_borrower().public_id}
    # The product, its bands, its slabs; borrower and score; the calendar; the borrower by name.
    with django_assert_num_queries(7):
        answer(post(client, "loans/quote/key-facts", offer))
