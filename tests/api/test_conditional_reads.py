"""ETag and If-None-Match: who has an answer already is sent no copy of it."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.api.conftest import SetDate
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def address() -> str:
    return f"/api/v1/loans/{a_disbursed_loan().public_id}"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a","b" , W/{}', "*"])
def test_an_answer_the_client_has_is_not_sent_again(
    client: Client, address: str, form: str
) -> None:
    first = client.get(address)
    again = client.get(address, HTTP_IF_NONE_MATCH=form.format(first.headers["ETag"]))
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-store"
    assert again.headers["Vary"] == first.headers["Vary"]
    assert again.headers["X-Request-ID"]
    assert "Content-Type" not in again.headers


@pytest.mark.parametrize("header", ['"other"', "", "nonsense", "W/", '"', "é"])
def test_another_tag_gets_the_answer(client: Client, address: str, header: str) -> None:
    again = client.get(address, HTTP_IF_NONE_MATCH=header)
    assert again.status_code == 200
    assert again.json()["loan_id"]


def test_head_has_the_tag_of_get(client: Client, address: str) -> None:
    tag = client.get(address).headers["ETag"]
    assert client.head(address).headers["ETag"] == tag
    assert client.head(address, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_a_change_changes_the_tag(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    for address in (
        f"/api/v1/loans/{loan.public_id}",
        f"/api/v1/statements?loan_id={loan.public_id}",
    ):
        today(FIRST_DUE)
        before = client.get(address).headers["ETag"]
        pay(loan, 100 * RUPEE, on=FIRST_DUE)
        after = client.get(address, HTTP_IF_NONE_MATCH=before)
        assert after.status_code == 200
        assert after.headers["ETag"] != before


def test_refusals_and_writes_have_no_tag(client: Client) -> None:
    refused = client.get("/api/v1/loans/LN-2099-9999", HTTP_IF_NONE_MATCH="*")
    assert refused.status_code == 404
    assert "ETag" not in refused.headers
    assert "ETag" not in client.post("/api/v1/loans/quote").headers


def test_a_tag_costs_no_statement(
    client: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The loan, its schedule, the open date: what a read without a tag takes.
    with django_assert_num_queries(3):
        tag = client.get(address).headers["ETag"]
    with django_assert_num_queries(3):
        assert client.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304
