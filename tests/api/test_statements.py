"""GET /api/v1/statements."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from loan.services.billing.run import run_billing
from tests.api.calls import API, answer, get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, FIRST_DUE, LAKH, RUPEE, a_disbursed_loan, pay
from tests.flat_loan import EMI as FLAT_EMI
from tests.flat_loan import paid_on, the_contracts_loan

EMI = 24_482 * RUPEE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def drawn(client: Client, loan: Loan, **query: Any) -> Any:
    return answer(get(client, "statements", loan_id=loan.public_id, **query))


def test_the_contracts_statement_to_the_letter(client: Client, today: SetDate) -> None:
    day = date(2025, 5, 1)
    today(day)
    loan = the_contracts_loan([paid_on(date(2025, 4, 5))], today=day)
    assert loan.public_id == "LN-2025-0456"
    response = get(client, "statements", loan_id="LN-2025-0456")
    body = answer(response)
    summary = body["loan_summary"]
    names = ("principal_paid", "interest_paid", "outstanding")
    assert {name: summary[name] for name in names} == {
        "principal_paid": 20_833,
        "interest_paid": 3_667,
        "outstanding": 479_167,
    }
    assert body["payment_history"] == [
        {
            "due_date": "2025-04-05",
            "status": "PAID",
            "breakdown": {"principal": 20_833, "interest": 3_667},
        }
    ]
    assert (
        b'"loan_summary":{"principal_paid":20833,"interest_paid":3667,"outstanding":479167,'
    ) in response.content
    assert (
        b'"payment_history":[{"due_date":"2025-04-05","status":"PAID",'
        b'"breakdown":{"principal":20833,"interest":3667}}]'
    ) in response.content
    assert_books_verify()


def test_a_rows_of_the_history_has_exactly_the_contracts_keys(
    client: Client, today: SetDate
) -> None:
    day = date(2027, 3, 6)
    today(day)
    loan = the_contracts_loan([paid_on(date(2025, 4, 5)), paid_on(date(2025, 6, 7))], today=day)
    history = drawn(client, loan)["payment_history"]
    assert len(history) == 24
    for row in history:
        assert list(row) == ["due_date", "status", "breakdown"]
        assert list(row["breakdown"]) == ["principal", "interest"]
    assert history[-1]["breakdown"] == {"principal": 20_841, "interest": 3_659}
    assert sum(row["breakdown"]["principal"] for row in history) == 500_000
    assert sum(row["breakdown"]["interest"] for row in history) == 88_000


def test_a_new_loan_has_everything_before_it(client: Client) -> None:
    loan = a_disbursed_loan()
    body = drawn(client, loan)
    assert {name: body[name] for name in ("loan_id", "user_id", "product", "as_of")} == {
        "loan_id": loan.public_id,
        "user_id": loan.borrower.public_id,
        "product": "PERSONAL_LOAN",
        "as_of": "2026-01-10",
    }
    assert body["loan_summary"] == {
        "principal_paid": 0,
        "interest_paid": 0,
        "outstanding": 500_000,
        "amount_lent": 500_000,
        "capitalised_interest": 0,
        "holiday_interest": 0,
        "upfront_interest": 0,
        "charges_paid": 0,
        "penal_charges_paid": 0,
        "advance": 0,
        "excess": 0,
        "due_amount": 0,
        "overdue_amount": 0,
        "days_past_due": 0,
        "bucket": "CURRENT",
        "asset_class": "STANDARD",
        "npa_since": None,
        "status": "ACTIVE",
    }
    for name in ("payment_history", "instalments", "charges", "payments"):
        assert body[name] == []
    upcoming = body["upcoming_instalments"]
    assert len(upcoming) == 24
    assert upcoming[0] == {
        "number": 1,
        "due_date": "2026-02-05",
        "status": "UPCOMING",
        "amount": 24_482,
        "principal": Decimal("17815.33"),
        "interest": Decimal("6666.67"),
        "principal_paid": 0,
        "interest_paid": 0,
        "paid_on": None,
    }


def test_each_status_shows_in_its_time(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(date(2026, 2, 4))
    assert statuses(client, loan) == []
    today(FIRST_DUE)
    assert statuses(client, loan) == ["DUE"]
    today(date(2026, 2, 6))
    assert statuses(client, loan) == ["OVERDUE"]
    pay(loan, 7_000 * RUPEE, on=date(2026, 2, 6))
    assert statuses(client, loan) == ["PARTIALLY_PAID"]
    pay(loan, 17_482 * RUPEE, on=date(2026, 2, 6))
    assert statuses(client, loan) == ["PAID"]
    today(date(2026, 3, 5))
    assert statuses(client, loan) == ["PAID", "DUE"]
    assert statuses(client, loan, as_of="2026-02-05") == ["OVERDUE"]  # as its day-end found it
    assert statuses(client, loan, as_of="2026-02-04") == []
    assert len(drawn(client, loan)["upcoming_instalments"]) == 22


def statuses(client: Client, loan: Loan, **query: Any) -> list[str]:
    body = drawn(client, loan, **query)
    rows = body["payment_history"]
    assert [row["status"] for row in body["instalments"]] == [row["status"] for row in rows]
    return [row["status"] for row in rows]


def test_charges_and_payments_are_listed_with_what_met_them(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    pay(loan, 1_000 * RUPEE, on=date(2026, 2, 5), reference="FIRST")
    pay(loan, EMI - 800 * RUPEE, on=date(2026, 2, 20), reference="SECOND")
    today(date(2026, 2, 20))
    body = drawn(client, loan)
    assert body["charges"] == [
        {
            "charge": "PENAL-1",
            "kind": "PENAL",
            "levied_on": "2026-02-09",
            "amount": 500,
            "gst": 0,
            "paid": 200,
            "waived": 0,
            "outstanding": 300,
        }
    ]
    first, second = body["payments"]
    assert (first["reference_id"], first["amount"], first["value_date"]) == (
        "FIRST",
        1_000,
        "2026-02-05",
    )
    assert [(line["instalment"], line["charge"]) for line in second["lines"]] == [
        (1, None),
        (None, "PENAL-1"),
    ]
    assert second["allocation"]["penal_charges"] == 200
    assert body["instalments"][0]["paid_on"] == "2026-02-20"
    assert body["loan_summary"]["penal_charges_paid"] == 200
    earlier = drawn(client, loan, as_of="2026-02-09")
    assert (earlier["charges"][0]["paid"], len(earlier["payments"])) == (0, 1)
    assert drawn(client, loan, as_of="2026-02-08")["charges"] == []


def test_what_the_clock_has_done_shows_on_its_day_before_the_run_has_come(
    client: Client, today: SetDate
) -> None:
    """A due met from advance on its day, and a penal charge: no row says so yet."""
    loan = a_disbursed_loan()
    pay(loan, EMI, on=date(2026, 1, 20))
    day = date(2026, 3, 9)
    today(day)
    early = drawn(client, loan)
    assert [(row["status"], row["paid_on"]) for row in early["instalments"]] == [
        ("PAID", "2026-02-05"),
        ("OVERDUE", None),
    ]
    assert [row["levied_on"] for row in early["charges"]] == ["2026-03-09"]
    run_billing(day - timedelta(days=1), today=day, may_run_ahead=False)
    assert drawn(client, loan) == early


def test_principal_paid_and_outstanding_are_the_amount_lent_on_every_day(
    client: Client, today: SetDate
) -> None:
    last = date(2026, 8, 10)
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    rows = list(loan.instalments.order_by("number"))
    for row, late_by in zip(rows, (0, 0, 20, 1, 40, 36), strict=True):
        pay(loan, row.total_paise + 33, on=row.due_date + timedelta(days=late_by))
    today(last)
    for offset in range((last - DISBURSED).days + 1):
        day = DISBURSED + timedelta(days=offset)
        summary = drawn(client, loan, as_of=day.isoformat())["loan_summary"]
        assert summary["principal_paid"] + summary["outstanding"] == 100_000, day
        assert summary["amount_lent"] == 100_000


def test_a_closed_loan_shows_its_whole_life(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    for row in loan.instalments.order_by("number"):
        pay(loan, row.total_paise, on=row.due_date)
    today(date(2027, 1, 1))
    body = drawn(client, loan)
    assert body["loan_summary"]["status"] == "CLOSED"
    assert body["loan_summary"]["outstanding"] == 0
    assert [row["status"] for row in body["payment_history"]] == ["PAID"] * 6
    assert body["upcoming_instalments"] == []


def test_a_statement_of_the_open_business_date_when_days_were_closed_ahead(
    client: Client,
) -> None:
    loan = a_disbursed_loan()
    run_billing(date(2026, 2, 9), today=DISBURSED, may_run_ahead=True)
    body = drawn(client, loan)
    assert (body["as_of"], body["loan_summary"]["overdue_amount"]) == ("2026-02-10", 24_482)
    assert drawn(client, loan, as_of="2026-02-10") == body


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2026-01-09", "statement_date_refused"),
        ("2026-01-11", "statement_date_refused"),
        ("2199-12-31", "statement_date_refused"),
        ("2200-01-01", "date_out_of_range"),
        ("1899-12-31", "date_out_of_range"),
        ("0000-01-01", "invalid_date"),
        ("2026-02-30", "invalid_date"),
        ("2026-1-10", "invalid_date"),
        ("20260110", "invalid_date"),
        ("10-01-2026", "invalid_date"),
        ("2026-01-10T00:00:00", "invalid_date"),
        ("today", "invalid_date"),
        ("", "invalid_date"),
        ("२०२६-०१-१०", "invalid_date"),
        ("2026-01-10\x00", "invalid_date"),
    ],
)
def test_a_day_outside_the_loans_life_or_no_day_at_all_is_refused(
    client: Client, as_of: str, code: str
) -> None:
    loan = a_disbursed_loan()
    response = get(client, "statements", loan_id=loan.public_id, as_of=as_of)
    assert faults(problem_of(response, status=400)) == [("as_of", code)]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "loan_id", "required"),
        ("loan_id=", "loan_id", "blank"),
        ("loan_id=" + "L" * 31, "loan_id", "max_length"),
        ("loan_id=LN%00", "loan_id", "invalid_characters"),
        ("loan_id=LN%0A1", "loan_id", "invalid_characters"),
        ("loan_id=A&loan_id=B", "loan_id", "repeated_parameter"),
        ("loan_id=A&as_of=2026-01-10&as_of=2026-01-10", "as_of", "repeated_parameter"),
        ("loan_id=A&user_id=B", "user_id", "unknown_field"),
        ("loan_id=A&format=pdf", "format", "unknown_field"),
    ],
)
def test_a_wrong_query_is_refused_by_its_parameter(
    client: Client, query: str, field: str, code: str
) -> None:
    problem = problem_of(client.get(f"{API}statements?{query}"), status=400)
    assert faults(problem) == [(field, code)]


@pytest.mark.parametrize("loan_id", ["LN-2026-999999", "LN-2024-0001", "456", "LN-2025-०४५६"])
def test_an_unknown_loan_is_not_found(client: Client, loan_id: str) -> None:
    a_disbursed_loan()
    problem = problem_of(get(client, "statements", loan_id=loan_id), status=404)
    assert faults(problem) == [("loan_id", "loan_not_found")]


def test_a_statement_takes_two_messages_however_long_the_loan_and_its_history(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    short = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    long = a_disbursed_loan(amount_paise=LAKH, tenure_months=60)
    pay(short, 100 * RUPEE, on=date(2026, 7, 1))
    for n in range(20):
        pay(long, (100 + n) * RUPEE, on=date(2026, 7, 1))
    today(date(2026, 7, 1))
    for loan, payments in ((short, 1), (long, 20)):
        # The loan with its borrower, and the calendar. Payments, events, instalments, and the
        # borrower's changes of class.
        with django_assert_num_queries(2):
            assert len(drawn(client, loan)["payments"]) == payments
        with django_assert_num_queries(2):
            drawn(client, loan, as_of="2026-06-01")


def test_a_rupee_above_the_flat_instalment_stays_in_advance(client: Client, today: SetDate) -> None:
    day = date(2025, 4, 30)
    today(day)
    loan = the_contracts_loan([paid_on(date(2025, 4, 5), FLAT_EMI + RUPEE)], today=day)
    summary = drawn(client, loan)["loan_summary"]
    assert (summary["advance"], summary["principal_paid"]) == (1, 20_833)
