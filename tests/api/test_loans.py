"""GET /api/v1/loans and GET /api/v1/loans/{loan_id}."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from loan.services.billing.run import run_billing
from tests.api.calls import API, NO_INTEREST_APART, PLAIN_CONVENTIONS, answer, get
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.builders import (
    DISBURSED,
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    pay,
)
from users.models import Borrower

EMI = 24_482 * RUPEE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def detail(client: Client, loan: Loan) -> Any:
    return answer(get(client, f"loans/{loan.public_id}"))


def listed(client: Client, borrower: Borrower, **query: Any) -> Any:
    return answer(get(client, "loans", user_id=borrower.public_id, **query))


def loans_of(borrower: Borrower, count: int) -> list[Loan]:
    """Return loans of a borrower, oldest first."""
    a_product(maximum_active_loans=100, maximum_recent_enquiries=None)
    return [
        a_disbursed_loan(borrower, amount_paise=(25_000 + 1_000 * n) * RUPEE, tenure_months=60)
        for n in range(count)
    ]


def test_a_new_loan_shows_its_terms_its_schedule_and_nothing_due(client: Client) -> None:
    loan = a_disbursed_loan()
    body = detail(client, loan)
    schedule = body.pop("schedule")
    assert body == {
        "loan_id": loan.public_id,
        "user_id": loan.borrower.public_id,
        "product": "PERSONAL_LOAN",
        "status": "ACTIVE",
        "amount": 500_000,
        "tenure_months": 24,
        "interest_rate": 16,
        "interest_method": "REDUCING_BALANCE",
        "conventions": PLAIN_CONVENTIONS,
        **NO_INTEREST_APART,
        **dict.fromkeys(("capitalised_interest", "holiday_interest"), 0),
        "holiday_ends_on": None,
        "emi": 24_482,
        "apr": Decimal("18.46"),
        "disbursed_on": "2026-01-10",
        "first_due_date": "2026-02-05",
        "principal_paid": 0,
        "interest_paid": 0,
        "outstanding": 500_000,
        "advance": 0,
        "excess": 0,
        "oldest_unpaid_due_date": "2026-02-05",
        "npa_since": None,
        "restructured_on": None,
        "closed_on": None,
        "as_of": "2026-01-10",
        "days_past_due": 0,
        "bucket": "CURRENT",
        "asset_class": "STANDARD",
        "due": 0,
        "overdue": 0,
        "processing_fee": 10_000,
        "fee_gst": 1_800,
        "fee_collection": "NETTED",
        "net_disbursed": 488_200,
    }
    assert len(schedule) == 24
    assert (schedule[0]["interest"], schedule[0]["principal"]) == (
        Decimal("6666.67"),
        Decimal("17815.33"),
    )


def test_the_list_has_the_loans_figures_without_the_schedule(client: Client) -> None:
    loan = a_disbursed_loan()
    (row,) = listed(client, loan.borrower)["results"]
    shown = detail(client, loan)
    assert row == {name: shown[name] for name in row}
    assert "schedule" not in row


def test_arrears_show_on_their_day_whether_the_run_has_come_or_not(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    for days, due, overdue, bucket, asset_class in (
        (-1, 0, 0, "CURRENT", "STANDARD"),
        (0, 24_482, 0, "CURRENT", "STANDARD"),
        (1, 24_482, 24_482, "SMA_0", "STANDARD"),
        (28, 48_964, 24_482, "SMA_0", "STANDARD"),  # the second due, on its day
        (30, 48_964, 48_964, "SMA_0", "STANDARD"),
        (31, 48_964, 48_964, "SMA_1", "STANDARD"),
        (60, 73_446, 73_446, "SMA_1", "STANDARD"),
        (61, 73_446, 73_446, "SMA_2", "STANDARD"),
        (90, 97_928, 97_928, "SMA_2", "STANDARD"),
        (91, 97_928, 97_928, "NPA", "SUBSTANDARD"),
    ):
        day = FIRST_DUE + timedelta(days=days)
        today(day)
        shown = detail(client, loan)
        assert (shown["due"], shown["overdue"]) == (due, overdue), day
        assert (shown["bucket"], shown["asset_class"]) == (bucket, asset_class), day
        assert shown["days_past_due"] == max(0, days)
        run_billing(day - timedelta(days=1), today=day, may_run_ahead=False)
        assert detail(client, loan) == shown


def test_a_due_is_met_from_advance_on_its_date_before_the_run_has_come(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    pay(loan, EMI + 100 * RUPEE, on=date(2026, 1, 20))
    today(FIRST_DUE)
    body = detail(client, loan)
    assert (body["due"], body["principal_paid"]) == (0, Decimal("17815.33"))
    assert (body["advance"], body["oldest_unpaid_due_date"]) == (100, "2026-03-05")
    (row,) = listed(client, loan.borrower)["results"]
    assert row == {name: body[name] for name in row}
    statement = answer(get(client, "statements", loan_id=loan.public_id))["loan_summary"]
    assert statement["advance"] == 100
    run_billing(FIRST_DUE, today=date(2026, 2, 6), may_run_ahead=False)
    assert detail(client, loan) == body | {"as_of": "2026-02-06"}


def test_reading_leaves_the_stored_loan_as_it_was(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    pay(loan, EMI, on=date(2026, 1, 20))
    before = Loan.objects.values().get()
    today(date(2026, 8, 1))
    detail(client, loan)
    listed(client, loan.borrower)
    assert Loan.objects.values().get() == before


def test_a_loan_repaid_from_advance_shows_as_closed_on_its_last_due_date(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    pay(loan, sum(row.total_paise for row in loan.instalments.all()), on=date(2026, 1, 20))
    today(date(2026, 7, 5))
    body = detail(client, loan)
    assert (body["status"], body["closed_on"]) == ("CLOSED", "2026-07-05")
    assert (body["outstanding"], body["advance"], body["oldest_unpaid_due_date"]) == (0, 0, None)


@pytest.mark.parametrize(
    "loan_id",
    [
        "LN-2026-999999",
        "LN-2025-0001",
        "nonsense",
        "0",
        "%00",
        "LN-2026-%E0%A5%A7",
        "..%2f",
        "%F0%9F",
    ],
)
def test_an_unknown_loan_is_not_found(client: Client, loan_id: str) -> None:
    problem_of(client.get(f"{API}loans/{loan_id}"), status=404)


def test_a_page_is_newest_first_and_its_neighbours_are_addresses(client: Client) -> None:
    borrower = a_borrower()
    loans = loans_of(borrower, 5)
    newest_first = [loan.public_id for loan in reversed(loans)]
    page = listed(client, borrower, limit=2)
    assert page["previous"] is None
    seen: list[str] = []
    for _ in range(3):
        seen += [row["loan_id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = answer(client.get(page["next"]))
    assert seen == newest_first
    back = answer(client.get(page["previous"]))
    assert [row["loan_id"] for row in back["results"]] == newest_first[2:4]


def test_a_new_loan_does_not_shift_the_pages_behind_it(client: Client) -> None:
    borrower = a_borrower()
    loans = loans_of(borrower, 3)
    first = listed(client, borrower, limit=2)
    a_disbursed_loan(borrower, amount_paise=99_000 * RUPEE)
    second = answer(client.get(first["next"]))
    assert [row["loan_id"] for row in second["results"]] == [loans[0].public_id]


def test_another_borrowers_loans_are_not_in_the_list(client: Client) -> None:
    a_disbursed_loan()
    assert listed(client, a_borrower())["results"] == []


def test_a_cursor_shows_nothing_of_another_borrower(client: Client) -> None:
    borrower, other = a_borrower(), a_borrower()
    loans_of(borrower, 2)
    loans_of(other, 2)
    following = listed(client, borrower, limit=1)["next"]
    stolen = urlsplit(following).query.replace(borrower.public_id, other.public_id)
    rows = answer(client.get(f"{API}loans?{stolen}"))["results"]
    assert {row["user_id"] for row in rows} <= {other.public_id}


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("", "user_id", "required"),
        ("user_id=", "user_id", "blank"),
        ("user_id=" + "B" * 31, "user_id", "max_length"),
        ("user_id=%00", "user_id", "invalid_characters"),
        ("user_id=A&user_id=B", "user_id", "repeated_parameter"),
        ("user_id=A&limit=0", "limit", "min_value"),
        ("user_id=A&limit=-1", "limit", "min_value"),
        ("user_id=A&limit=101", "limit", "max_value"),
        ("user_id=A&limit=1000000000", "limit", "max_value"),
        ("user_id=A&limit=ten", "limit", "not_an_integer"),
        ("user_id=A&limit=1.0", "limit", "not_an_integer"),
        ("user_id=A&limit=%E0%A5%A7", "limit", "not_an_integer"),
        ("user_id=A&limit=", "limit", "not_an_integer"),
        ("user_id=A&limit=2&limit=3", "limit", "repeated_parameter"),
        ("user_id=A&cursor=", "cursor", "blank"),
        ("user_id=A&cursor=" + "c" * 201, "cursor", "max_length"),
        ("user_id=A&offset=5", "offset", "unknown_field"),
        ("user_id=A&order_by=id", "order_by", "unknown_field"),
    ],
)
def test_a_wrong_query_is_refused_by_its_parameter(
    client: Client, query: str, field: str, code: str
) -> None:
    problem = problem_of(client.get(f"{API}loans?{query}"), status=400)
    assert faults(problem) == [(field, code)]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "cD1hYmM=",
        "cD0tMQ==",
        "bz0xMDAwMDAwMA==",
        "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
    ],
)
def test_a_cursor_that_no_page_has_given_is_refused(client: Client, cursor: str) -> None:
    borrower = a_borrower()
    loans_of(borrower, 1)
    path = f"{API}loans?user_id={borrower.public_id}&cursor={quote(cursor)}"
    assert faults(problem_of(client.get(path), status=400)) == [("cursor", "invalid_cursor")]


@pytest.mark.parametrize("path", ["loans/quote", "loans/apply", "loans/payments", "loans/{}"])
def test_a_query_parameter_that_would_not_be_heeded_is_refused(client: Client, path: str) -> None:
    """Who adds `dry_run` to a payment, or `as_of` to a loan, expects it to mean something."""
    loan = a_disbursed_loan()
    address = f"{API}{path.format(loan.public_id)}?as_of=2026-01-10"
    if path == "loans/{}":
        response = client.get(address)
    else:
        response = client.post(address, data="{}", content_type="application/json")
    assert faults(problem_of(response, status=400)) == [("as_of", "unknown_field")]


@pytest.mark.parametrize("user_id", ["BC-USER-999999", "BC-USER-1", "x", "BC-USER-001 OR 1=1"])
def test_an_unknown_borrower_is_not_found(client: Client, user_id: str) -> None:
    problem = problem_of(get(client, "loans", user_id=user_id), status=404)
    assert faults(problem) == [("user_id", "borrower_not_found")]


def test_a_list_takes_as_many_statements_for_ten_loans_as_for_one(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, ten = a_borrower(), a_borrower()
    loans_of(one, 1)
    loans = loans_of(ten, 10)
    for borrower, count in ((one, 1), (ten, 10)):
        # The borrower; the page; the calendar.
        with django_assert_num_queries(3):
            assert len(listed(client, borrower)["results"]) == count
    for loan in [*loans, *one.loans.all()]:
        pay(loan, 10_000 * RUPEE, on=DISBURSED)
    today(date(2026, 4, 6))
    for borrower in (one, ten):
        # And for loans that the calendar has moved: dues, open charges, unpaid instalments.
        with django_assert_num_queries(6):
            listed(client, borrower)


def test_a_loan_takes_as_many_statements_with_sixty_instalments_as_with_six(
    client: Client, today: SetDate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    short = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    long = a_disbursed_loan(amount_paise=LAKH, tenure_months=60)
    for loan in (short, long):
        # The loan with its borrower; the calendar; the schedule.
        with django_assert_num_queries(3):
            detail(client, loan)
    for loan in (short, long):
        for n in range(20):
            pay(loan, (100 + n) * RUPEE, on=DISBURSED)
    today(date(2026, 4, 6))
    for loan in (short, long):
        # And since the calendar has moved it: dues, open charges, unpaid instalments.
        with django_assert_num_queries(6):
            detail(client, loan)
