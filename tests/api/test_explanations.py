"""GET /api/v1/loans/{loan_id}/explanations."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from tests.api.calls import API, answer, get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.builders import FIRST_DUE, LAKH, RUPEE, a_disbursed_loan, pay
from tests.flat_loan import paid_on, the_contracts_loan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def explained(client: Client, loan: Loan, **query: Any) -> Any:
    return answer(get(client, f"loans/{loan.public_id}/explanations", **query))


def test_an_interest_is_explained_in_words_and_numbers(client: Client) -> None:
    loan = a_disbursed_loan()
    body = explained(client, loan, amount="instalments.3.interest")
    assert (body["loan_id"], body["as_of"]) == (loan.public_id, "2026-01-10")
    (explanation,) = body["explanations"]
    steps = explanation.pop("steps")
    assert explanation == {
        "amount": "instalments.3.interest",
        "label": "Interest of instalment 3",
        "unit": "RUPEES",
        "value": Decimal("6188.42"),
        "agrees": True,
    }
    assert steps[-1] == {
        "text": "Interest of instalment 3: ₹4,64,131.80 × 16 % × 1/12 of a year = ₹6,188.424, "
        "rounded to the nearest paisa, halves up: ₹6,188.42.",
        "operands": [
            {
                "name": "opening_principal",
                "label": "Principal owed before this instalment",
                "unit": "RUPEES",
                "value": Decimal("464131.80"),
            },
            {
                "name": "annual_rate",
                "label": "Yearly rate",
                "unit": "PERCENT_A_YEAR",
                "value": 16,
            },
            {
                "name": "part_of_year",
                "label": "5 March 2026 to 5 April 2026",
                "unit": "YEARS",
                "value": "1/12",
            },
        ],
        "exact": "₹6,188.424",
        "rounding": "round_to_paisa",
        "unit": "RUPEES",
        "result": Decimal("6188.42"),
        "rule": {
            "code": "EQUAL_PERIODS",
            "text": "Every whole period counts as 1/12 of a year, however many days it has, and "
            "whenever earlier instalments were paid.",
            "source": "The loan's terms, as agreed at disbursement",
        },
    }


def test_the_contracts_flat_row_is_explained_to_the_rupee(client: Client, today: SetDate) -> None:
    day = date(2025, 5, 1)
    today(day)
    loan = the_contracts_loan([paid_on(date(2025, 4, 5))], today=day)
    body = explained(client, loan, amount="instalments.1")
    values = {each["amount"]: each["value"] for each in body["explanations"]}
    assert values == {
        "instalments.1.amount": 24_500,
        "instalments.1.principal": 20_833,
        "instalments.1.interest": 3_667,
        "instalments.1.principal_paid": 20_833,
        "instalments.1.interest_paid": 3_667,
    }
    (interest,) = explained(client, loan, amount="instalments.1.interest")["explanations"]
    assert interest["steps"][0]["exact"] == "₹3,666.666666…"
    assert interest["steps"][0]["rounding"] == "round_to_rupee"


def test_every_amount_of_the_statement_is_explained_under_its_place(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    pay(loan, 10_000 * RUPEE, on=date(2026, 2, 20), reference="UPI/1")
    pay(loan, 60_000 * RUPEE, on=date(2026, 3, 20), reference="UPI/2")
    pay(loan, 90_000 * RUPEE, on=date(2026, 4, 2), reference="UPI/3")
    today(date(2026, 4, 20))
    shown = answer(get(client, "statements", loan_id=loan.public_id))
    found = explained(client, loan)["explanations"]
    assert [each["amount"] for each in found if not each["agrees"]] == []
    values = {each["amount"]: each["value"] for each in found}
    assert values == amounts_of(shown)


def amounts_of(shown: Any) -> dict[str, Any]:
    """Return every amount of a statement by its place in it."""
    summary = {
        f"loan_summary.{name}": value
        for name, value in shown["loan_summary"].items()
        if name not in {"asset_class", "bucket", "npa_since", "status"}
    }
    rows = {
        f"instalments.{row['number']}.{name}": row[name]
        for row in shown["instalments"] + shown["upcoming_instalments"]
        for name in ("amount", "principal", "interest", "principal_paid", "interest_paid")
    }
    charges = {
        f"charges.{row['charge']}.{name}": row[name]
        for row in shown["charges"]
        for name in ("amount", "paid", "waived", "outstanding")
    }
    payments = {
        f"payments.{row['reference_id']}.{name}": value
        for row in shown["payments"]
        for name, value in {
            "amount": row["amount"],
            **{f"allocation.{part}": paise for part, paise in row["allocation"].items()},
        }.items()
    }
    return summary | rows | charges | payments


def test_an_amount_that_its_steps_do_not_come_to_says_so(client: Client) -> None:
    """Were the terms in the loan's row changed, its schedule would no longer follow from them."""
    loan = a_disbursed_loan()
    Loan.objects.filter(pk=loan.pk).update(annual_rate_bps=1_700)
    (explanation,) = explained(client, loan, amount="instalments.1.interest")["explanations"]
    assert (explanation["agrees"], explanation["value"]) == (False, Decimal("6666.67"))
    assert explanation["steps"][-1]["result"] == Decimal("7083.33")


def test_explanations_are_drawn_as_of_a_past_day(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    pay(loan, 1_000 * RUPEE, on=FIRST_DUE)
    today(date(2026, 3, 1))
    query = {"amount": "loan_summary.days_past_due", "as_of": "2026-02-09"}
    body = explained(client, loan, **query)
    assert (body["as_of"], body["explanations"][0]["value"]) == ("2026-02-09", 4)
    assert body["explanations"][0]["unit"] == "DAYS"


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("amount=instalments.25", 404, "amount", "amount_not_found"),
        ("amount=INSTALMENTS.1", 404, "amount", "amount_not_found"),
        ("amount=charges.PENAL-1.amount", 404, "amount", "amount_not_found"),
        ("amount=", 400, "amount", "blank"),
        ("amount=" + "a" * 121, 400, "amount", "max_length"),
        ("amount=a&amount=b", 400, "amount", "repeated_parameter"),
        ("amount=a%00", 400, "amount", "invalid_characters"),
        ("as_of=2026-01-11", 400, "as_of", "statement_date_refused"),
        ("as_of=2026-01-09", 400, "as_of", "statement_date_refused"),
        ("as_of=today", 400, "as_of", "invalid_date"),
        ("known=1", 400, "known", "unknown_field"),
    ],
)
def test_what_is_not_shown_or_not_understood_is_refused(
    client: Client, query: str, status: int, field: str, code: str
) -> None:
    loan = a_disbursed_loan()
    response = client.get(f"{API}loans/{loan.public_id}/explanations?{query}")
    assert faults(problem_of(response, status=status)) == [(field, code)]


@pytest.mark.parametrize("loan_id", ["LN-2026-999999", "LN-2024-0001", "456"])
def test_an_unknown_loan_is_not_found(client: Client, loan_id: str) -> None:
    problem = problem_of(get(client, f"loans/{loan_id}/explanations"), status=404)
    assert faults(problem) == [("loan_id", "loan_not_found")]


def test_explanations_take_two_messages_however_many_amounts(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=60)
    for n in range(20):
        pay(loan, (100 + n) * RUPEE, on=date(2026, 7, 1))
    today(date(2026, 7, 1))
    # As for the statement: loan and calendar; payments, events, instalments, and the borrower's
    # changes of class.
    for query in ({}, {"amount": "instalments.60.principal"}):
        with django_assert_num_queries(2):
            explained(client, loan, **query)
