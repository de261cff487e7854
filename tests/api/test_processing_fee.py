"""A processing fee that is paid apart, over HTTP: quoted, disclosed, charged, waived, explained."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.api.test_documents import document, text_of
from tests.approving import approved
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, FIRST_DUE, RUPEE, a_borrower, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

FEE = 11_800 * RUPEE
KEY = "PROCESSING-FEE"


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return the loan of docs/accounting.md, with its fee to be paid apart."""
    a_product(fee_collection="PAID")
    loan = a_disbursed_loan()
    today(DISBURSED)
    return loan


def charges_of(client: Client, loan: Loan) -> Any:
    return answer(get(client, "statements", loan_id=loan.public_id))["charges"]


def test_quote_application_and_loan_say_how_the_fee_is_collected(
    client: Client, today: SetDate
) -> None:
    a_product(fee_collection="PAID")
    today(DISBURSED)
    wished = {"product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}
    quoted = answer(post(client, "loans/quote", wished))
    asked = wished | {"user_id": a_borrower().public_id, "purpose": "HOME_RENOVATION"}
    granted = answer(post(client, "loans/apply", asked), status=201)
    shown = answer(get(client, f"loans/{granted['loan_id']}"))
    for body in (quoted, granted, shown):
        assert (body["fee_collection"], body["processing_fee"], body["fee_gst"]) == (
            "PAID",
            10_000,
            1_800,
        )
        assert (body["net_disbursed"], body["apr"]) == (500_000, Decimal("18.46"))
    assert quoted["total_cost"] == Decimal("99355.51"), "87,555.51 of interest and the fee"


def test_the_statement_shows_the_fee_as_a_charge_and_explains_it(
    client: Client, loan: Loan
) -> None:
    line = {
        "charge": KEY,
        "kind": "PROCESSING_FEE",
        "levied_on": "2026-01-10",
        "amount": 11_800,
        "gst": 1_800,
        "paid": 0,
        "waived": 0,
        "outstanding": 11_800,
    }
    assert charges_of(client, loan) == [line]
    pay(loan, 800 * RUPEE, on=DISBURSED)
    assert charges_of(client, loan) == [line | {"paid": 800, "outstanding": 11_000}]
    told = answer(get(client, f"loans/{loan.public_id}/explanations"))["explanations"]
    assert all(each["agrees"] for each in told)
    amount = next(each for each in told if each["amount"] == f"charges.{KEY}.amount")
    assert amount["steps"][0]["text"] == (
        "Processing fee and its GST, due on 10 January 2026, when the loan was paid out: "
        "₹10,000.00 + ₹1,800.00 = ₹11,800.00."
    )
    text = text_of(document(client, loan, "statement", format="pdf"))
    assert f"{KEY} Processing fee 10 January 2026 ₹11,800.00" in text


def test_the_key_facts_and_the_sanction_letter_say_that_the_fee_is_payable(
    client: Client, loan: Loan
) -> None:
    facts = answer(document(client, loan, "key-facts"))
    assert facts["fees"][0]["collection"] == "PAID"
    computed = facts["apr_computation"]
    assert (computed["fees"], computed["fees_deducted"], computed["fees_paid_apart"]) == (
        11_800,
        0,
        11_800,
    )
    assert (computed["net_disbursed"], computed["apr"]) == (500_000, Decimal("18.46"))
    assert answer(document(client, loan, "sanction-letter"))["net_disbursed"] == 500_000
    for name in ("key-facts", "sanction-letter"):
        text = text_of(document(client, loan, name, format="pdf"))
        assert "₹11,800.00 payable by you, due on 10 January 2026" in text
        assert "deducted from the payout" not in text


def test_the_fee_is_waived_by_one_person_and_another(client: Client, loan: Loan) -> None:
    path = f"loans/{loan.public_id}/charges/{KEY}/waive"
    preview = answer(post(client, path + "/preview", {"amount": 5_900}))
    assert preview["change"]["after"]["charges_unpaid"] == 5_900
    done = approved(client, path, {"amount": 5_900, "reason": "offer of the month"})
    assert done["change"] == preview["change"]
    (line,) = charges_of(client, loan)
    assert (line["waived"], line["outstanding"]) == (5_900, 5_900)
    assert_books_verify()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"reason": "x", "amount": 11_800.01}, 409, "waiver_exceeds_charge"),
        ({"reason": "x", "amount": 0}, 400, None),
        ({"amount": 100}, 400, None),
    ],
)
def test_a_waiver_of_the_fee_that_cannot_be_is_refused(
    client: Client, loan: Loan, body: dict[str, Any], status: int, code: str | None
) -> None:
    path = f"loans/{loan.public_id}/charges/{KEY}/waive"
    problem_of(post(client, path, body), status=status, code=code)
    assert charges_of(client, loan)[0]["waived"] == 0


@pytest.mark.parametrize("name", [KEY, "processing-fee", "PROCESSING-FEE-2"])
def test_no_other_charge_may_have_the_name_of_the_fee(
    client: Client, loan: Loan, name: str
) -> None:
    body = {"charge": name, "amount": 100, "reason": "another one"}
    problem = problem_of(post(client, f"loans/{loan.public_id}/charges", body), status=400)
    assert faults(problem) == [("charge", "charge_key_reserved")]


def test_a_foreclosure_quote_has_the_unpaid_fee_and_its_letter_shows_it(
    client: Client, loan: Loan, today: SetDate
) -> None:
    today(FIRST_DUE)
    quote = answer(get(client, f"loans/{loan.public_id}/foreclosure-quote"))
    assert quote["charges"] == 11_800
    assert "₹11,800.00" in text_of(document(client, loan, "foreclosure-letter", format="pdf"))


def test_a_loan_given_back_is_asked_for_a_fee_that_is_kept(
    client: Client, loan: Loan, today: SetDate
) -> None:
    today(date(2026, 1, 12))
    quote = answer(get(client, f"loans/{loan.public_id}/cancellation-quote"))
    # 5,00,000 × 16 % × 2/365, and the fee.
    assert (quote["charges"], quote["fee_returned"]) == (11_800, 0)
    assert quote["amount"] == Decimal("512238.36")


def test_a_loan_with_its_fee_apart_takes_as_many_statements_as_it_is_known_to(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Those of a fee that is deducted; then the event's number, the charge, and one message."""
    product = a_product()
    today(DISBURSED)
    asked = {
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
    }
    for way, statements in (("NETTED", 22), ("PAID", 25)):
        product.fee_collection = way
        product.save()
        borrower = a_borrower()
        with django_assert_num_queries(statements):
            answer(post(client, "loans/apply", asked | {"user_id": borrower.public_id}), status=201)
