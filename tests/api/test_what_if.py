"""What would become of a loan, and changes of its rate, over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from ledger.models import Entry
from loan.models import Event, Loan, ScheduleVersion
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.approving import approved
from tests.audit import assert_books_verify
from tests.builders import a_disbursed_loan

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 20)


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return a loan of five lakh, ten days old."""
    made = a_disbursed_loan()
    today(TODAY)
    return made


def imagine(client: Client, loan: Loan, *events: dict[str, Any]) -> Any:
    return answer(post(client, f"loans/{loan.public_id}/what-if", {"events": list(events)}))


def test_a_prepayment_saves_interest_and_ends_earlier(client: Client, loan: Loan) -> None:
    body = imagine(
        client,
        loan,
        {"event": "PREPAY", "on": "2026-02-05", "amount": 100_000, "reduce": "TENURE"},
    )
    assert body["before"]["closed_on"] == "2028-01-05"
    assert body["after"]["closed_on"] < body["before"]["closed_on"]
    assert body["interest_saved"] == body["before"]["interest"] - body["after"]["interest"] > 0
    assert body["after"]["worst_days_past_due"] == 0


def test_a_skipped_due_runs_on_until_it_is_caught_up(client: Client, loan: Loan) -> None:
    body = imagine(
        client,
        loan,
        {"event": "SKIP", "on": "2026-03-05"},
        {"event": "PAY", "on": "2026-04-20", "amount": 24_982},
    )
    points = {point["on"]: point for point in body["after"]["days_past_due"]}
    # In April the payment meets March's due: 31 days late, and then April's is open.
    assert points["2026-04-05"]["days_past_due"] == 31
    assert points["2026-04-05"]["days_past_due_after"] == 0
    assert points["2026-04-20"] == {
        "on": "2026-04-20",
        "days_past_due": 15,
        "days_past_due_after": 0,
    }
    assert body["after"]["penal_charges"] == 1_000
    assert body["after"]["status"] == "ACTIVE"  # one of the two penal charges is left


def test_foreclosing_and_another_rate_are_imagined_too(client: Client, loan: Loan) -> None:
    closed = imagine(client, loan, {"event": "FORECLOSE", "on": "2026-06-15"})
    assert (closed["after"]["status"], closed["after"]["closed_on"]) == ("CLOSED", "2026-06-15")
    dearer = imagine(
        client,
        loan,
        {"event": "CHANGE_RATE", "on": "2026-06-15", "interest_rate": 18, "keep": "TENURE"},
    )
    assert dearer["interest_saved"] < 0
    assert dearer["after"]["closed_on"] == dearer["before"]["closed_on"]


def test_giving_the_loan_back_is_imagined_as_it_is_quoted(client: Client, loan: Loan) -> None:
    loan.cooling_off_days, loan.cooling_off_returns_fee = 14, True
    loan.save()
    quote = answer(get(client, f"loans/{loan.public_id}/cancellation-quote?on=2026-01-22"))
    body = imagine(client, loan, {"event": "CANCEL", "on": "2026-01-22"})
    assert body["after"]["status"] == "CLOSED"
    assert body["after"]["closed_on"] == "2026-01-22"
    # Five lakh at 16 % for twelve days: what is paid is the quote, the fee being returned.
    interest = Decimal("2630.14")
    assert body["after"]["interest"] == quote["interest"] == interest
    assert body["after"]["paid"] == quote["amount"] < 500_000
    assert body["interest_saved"] == body["before"]["interest"] - interest


@pytest.mark.parametrize("on", ["2026-01-25", "2026-02-05"])
def test_a_loan_is_not_imagined_given_back_when_it_cannot_be(
    client: Client, loan: Loan, on: str
) -> None:
    loan.cooling_off_days = 14 if on < "2026-02" else 60  # over by then, or something is due
    loan.save()
    event = {"event": "CANCEL", "on": on}
    response = post(client, f"loans/{loan.public_id}/what-if", {"events": [event]})
    assert ("events.0", "cannot_happen") in faults(problem_of(response, status=400))


def test_nothing_is_written_and_few_statements_are_asked(
    client: Client, loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entries = Entry.objects.count()
    with django_assert_num_queries(4):
        imagine(client, loan, {"event": "FORECLOSE", "on": "2026-06-15"})
    assert (Event.objects.count(), Entry.objects.count()) == (0, entries)


@pytest.mark.parametrize(
    ("event", "field", "code"),
    [
        ({"event": "SKIP", "on": "2026-03-06"}, "events.0", "cannot_happen"),
        ({"event": "SKIP", "on": "2026-01-19"}, "events.0.on", "imagined_in_the_past"),
        ({"event": "PAY", "on": "2026-03-05"}, "events.0.amount", "required"),
        ({"event": "SKIP", "on": "2026-03-05", "amount": 1}, "events.0.amount", "unknown_field"),
        (
            {"event": "PREPAY", "on": "2026-03-05", "amount": 700_000, "reduce": "EMI"},
            "events.0",
            "cannot_happen",
        ),
        ({"event": "DANCE", "on": "2026-03-05"}, "events.0.event", "invalid_choice"),
    ],
)
def test_what_cannot_be_imagined_is_refused(
    client: Client, loan: Loan, event: dict[str, Any], field: str, code: str
) -> None:
    response = post(client, f"loans/{loan.public_id}/what-if", {"events": [event]})
    assert (field, code) in faults(problem_of(response, status=400))


def a_change(**changes: object) -> dict[str, Any]:
    return {"interest_rate": 12, "keep": "TENURE", "reason": "reset of the benchmark"} | changes


@pytest.mark.parametrize("keep", ["TENURE", "EMI"])
def test_a_rate_changes_from_a_day_on(client: Client, loan: Loan, keep: str) -> None:
    run_billing(date(2026, 2, 14), today=date(2026, 2, 15), may_run_ahead=True)
    path = f"loans/{loan.public_id}/rate-changes"
    change = a_change(keep=keep, from_date="2026-02-19")
    preview = answer(post(client, f"{path}/preview", change))
    assert preview["event"] is None
    assert not Event.objects.exists()
    body = approved(client, path, change)
    assert body["change"] == preview["change"]
    assert body["approval"]["reason"] == "reset of the benchmark"
    row = answer(get(client, f"loans/{loan.public_id}"))["schedule"][1]
    # 4,82,184.67: 14 of 28 days at 16 % and 14 at 12 %, of a twelfth of a year.
    assert float(row["interest"]) == 5_625.49
    assert ScheduleVersion.objects.count() == 1
    run_billing(date(2026, 3, 10), today=date(2026, 3, 11), may_run_ahead=True)
    assert_books_verify()


def test_changes_of_the_rate_do_not_overlap(client: Client, loan: Loan) -> None:
    path = f"loans/{loan.public_id}/rate-changes"
    approved(client, path, a_change(from_date="2026-03-01"))
    for from_date, status, code in (
        ("2026-03-01", 409, "overlapping_change"),
        ("2026-01-19", 400, "change_from_past_day"),
    ):
        response = post(client, path, a_change(from_date=from_date, interest_rate=10))
        assert ("from_date", code) in faults(problem_of(response, status=status))
    assert Event.objects.count() == 1
    assert_books_verify()
