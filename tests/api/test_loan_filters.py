"""The filters of GET /api/v1/loans."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.calls import get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.api.test_loans import listed, loans_of
from tests.builders import DISBURSED, FIRST_DUE, LAKH, a_borrower, a_disbursed_loan, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_a_list_can_be_narrowed_by_product_and_by_the_day_of_disbursement(
    client: Client, today: SetDate
) -> None:
    borrower = a_borrower()
    early, late = (a_disbursed_loan(borrower, as_of=day) for day in (DISBURSED, FIRST_DUE))
    today(FIRST_DUE)
    for query, expected in (
        ({}, [late, early]),
        ({"product": "PERSONAL_LOAN"}, [late, early]),
        ({"product": "GOLD"}, []),
        ({"disbursed_from": FIRST_DUE.isoformat()}, [late]),
        ({"disbursed_to": (FIRST_DUE - timedelta(days=1)).isoformat()}, [early]),
        ({"disbursed_from": DISBURSED.isoformat(), "disbursed_to": DISBURSED.isoformat()}, [early]),
    ):
        found = [row["loan_id"] for row in listed(client, borrower, **query)["results"]]
        assert found == [loan.public_id for loan in expected], query


def test_a_list_by_status_goes_by_how_a_loan_stands_today(client: Client, today: SetDate) -> None:
    borrower = a_borrower()
    running = a_disbursed_loan(borrower)
    ending = a_disbursed_loan(borrower, tenure_months=6, amount_paise=LAKH)
    pay(ending, 2 * LAKH, on=DISBURSED)

    def found(status: str) -> list[str]:
        return [row["loan_id"] for row in listed(client, borrower, status=status)["results"]]

    assert found("ACTIVE") == [ending.public_id, running.public_id]
    assert found("CLOSED") == []
    # Its dues are met from what it holds in advance; its row has not been written since.
    today(FIRST_DUE + timedelta(days=200))
    assert found("ACTIVE") == [running.public_id]
    assert found("CLOSED") == [ending.public_id]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"status": "active"}, ("status", "invalid_choice")),
        ({"disbursed_from": "2026-02-30"}, ("disbursed_from", "invalid_date")),
        ({"product": "a" * 41}, ("product", "max_length")),
    ],
)
def test_a_filter_that_is_none_is_a_clear_400(
    client: Client, query: dict[str, str], fault: tuple[str, str]
) -> None:
    response = get(client, "loans", user_id="BC-USER-001", **query)
    assert faults(problem_of(response, status=400, code="invalid")) == [fault]


def test_pages_keep_their_filter(client: Client) -> None:
    borrower = a_borrower()
    loans = loans_of(borrower, 3)
    first = listed(client, borrower, limit=2, product="PERSONAL_LOAN")
    second = client.get(first["next"]).json()
    assert [row["loan_id"] for row in second["results"]] == [loans[0].public_id]
    assert "product=PERSONAL_LOAN" in first["next"]


def test_filters_cost_no_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    borrower = a_borrower()
    a_disbursed_loan(borrower)
    for query in ({}, {"status": "CLOSED"}, {"product": "PERSONAL_LOAN", "status": "ACTIVE"}):
        # The borrower, the loans, the open date.
        with django_assert_num_queries(3):
            listed(client, borrower, **query)
