"""The foreclosure letter, over HTTP and on paper."""

from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from statements.domain.papers.letters import foreclosure_paper
from statements.domain.papers.paper import Figures, Grid
from statements.selectors.documents import foreclosure_letter
from tests.api.calls import answer, get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.api.test_documents import a_repaid_loan, document
from tests.builders import a_disbursed_loan, a_product

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 20)


def test_the_letter_says_what_the_quote_says(client: Client, today: SetDate) -> None:
    a_product(foreclosure_charge_bps=200)
    loan = a_disbursed_loan()
    today(TODAY)
    quote = answer(get(client, f"loans/{loan.public_id}/foreclosure-quote", on="2026-01-25"))
    body = answer(document(client, loan, "foreclosure-letter", on="2026-01-25"))
    assert (body["on"], body["amount"]) == ("2026-01-25", quote["amount"])
    for part in ("principal_outstanding", "interest_accrued", "per_diem", "foreclosure_charge"):
        assert body[part] == quote[part] > 0
    pages = document(client, loan, "foreclosure-letter", format="pdf")
    assert pages.content.startswith(b"%PDF-")
    assert f"FL-20260120-{loan.public_id}.pdf" in pages["Content-Disposition"]
    listed = answer(get(client, f"loans/{loan.public_id}/documents"))["documents"]
    assert "foreclosure-letter" in [each["document"] for each in listed]


def test_the_paper_names_each_part_and_leaves_out_what_is_nothing(today: SetDate) -> None:
    a_product(foreclosure_charge_bps=200)
    loan = a_disbursed_loan()
    letter = foreclosure_letter(loan.public_id, on=None, today=TODAY)
    paper = foreclosure_paper(letter)
    tables = (block for block in paper.blocks if isinstance(block, Grid | Figures))
    words = " ".join(cell for table in tables for row in table.rows for cell in row)
    # 5,00,000 × 16 % × 10/365, 2 % of the principal, and 18 % on that.
    for shown in ("5,00,000.00", "2,191.78", "10,000.00", "1,800.00", "₹5,13,991.78"):
        assert shown in words, shown
    assert "Penal charges" not in words


def test_a_closed_loan_and_days_that_no_quote_is_given_for_have_no_letter(
    client: Client, today: SetDate
) -> None:
    loan, closed = a_disbursed_loan(), a_repaid_loan()
    today(TODAY)
    for on, code in (("2026-01-19", "quote_for_past_day"), ("2026-02-21", "quote_too_far_ahead")):
        refused = document(client, loan, "foreclosure-letter", on=on)
        assert faults(problem_of(refused, status=400)) == [("on", code)]
    today(date(2026, 8, 1))
    refused = document(client, closed, "foreclosure-letter")
    assert problem_of(refused, status=409)["code"] == "loan_closed"


def test_the_statements_of_a_letter_are_counted(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    loan = a_disbursed_loan()
    today(TODAY)
    with django_assert_num_queries(4):
        document(client, loan, "foreclosure-letter")
