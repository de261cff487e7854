"""Other due days, payment holidays and tenors, over HTTP."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Due, Event, Instalment, Loan, ScheduleVersion
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.approving import a_checker, approved
from tests.audit import assert_books_verify
from tests.builders import RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

TODAY = date(2026, 2, 10)


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return a loan of five lakh a month old, its first due paid."""
    made = a_disbursed_loan()
    pay(made, 24_482 * RUPEE, on=date(2026, 2, 5))
    close_through(TODAY - timedelta(days=1))
    today(TODAY)
    return made


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def holiday(**changes: object) -> dict[str, Any]:
    return {
        "change": "HOLIDAY",
        "instalments": 2,
        "interest": "WITH_FIRST_INSTALMENT",
        "keep": "EMI",
        "reason": "Parental leave",
    } | changes


def due_day(day: int = 15, **changes: object) -> dict[str, Any]:
    return {"change": "DUE_DAY", "due_day": day, "reason": "Salary day"} | changes


def tenor(count: int = 30, **changes: object) -> dict[str, Any]:
    return {"change": "TENOR", "instalments": count, "reason": "Lower instalment"} | changes


def path(loan: Loan) -> str:
    return f"loans/{loan.public_id}/reschedules"


@pytest.mark.parametrize("change", [holiday(), holiday(interest="WITH_LAST_INSTALMENT")])
def test_a_holiday_is_previewed_agreed_and_billed_after_it(
    client: Client, loan: Loan, today: SetDate, change: dict[str, Any]
) -> None:
    preview = answer(post(client, f"{path(loan)}/preview", change))
    assert not Event.objects.filter(kind="RESCHEDULE").exists()
    body = answer(post(client, path(loan), change), status=201)
    assert body["change"] == preview["change"]
    assert (body["reason"], body["change"]["after"]["last_due_date"]) == (
        "Parental leave",
        "2028-03-05",
    )
    loan.refresh_from_db()
    assert (loan.schedule_version, ScheduleVersion.objects.count()) == (2, 1)
    assert Instalment.objects.filter(loan=loan, version=1).count() == 24
    assert_books_verify()
    close_through(date(2026, 5, 20))
    billed = Due.objects.filter(loan=loan).order_by("number")
    assert list(billed.values_list("due_date", flat=True)) == [date(2026, 2, 5), date(2026, 5, 5)]
    today(date(2026, 5, 21))
    shown = answer(get(client, f"loans/{loan.public_id}"))
    assert (shown["days_past_due"], shown["bucket"]) == (16, "SMA_0")
    explained = answer(get(client, f"loans/{loan.public_id}/explanations"))
    assert explained["explanations"]
    assert_books_verify()


def test_the_interest_of_a_holiday_is_added_to_the_principal_where_that_is_agreed(
    client: Client, loan: Loan, today: SetDate
) -> None:
    change = holiday(interest="CAPITALISED")
    preview = answer(post(client, f"{path(loan)}/preview", change))
    body = answer(post(client, path(loan), change), status=201)
    assert body["change"] == preview["change"]
    after = body["change"]["after"]
    # 4,82,184.67 × 16 % ÷ 6; at the same instalment it takes one more.
    assert (after["holiday_interest"], after["holiday_ends_on"]) == (
        Decimal("12858.26"),
        "2026-04-05",
    )
    assert after["last_due_date"] == "2028-04-05"
    before = body["change"]["before"]
    assert (before["holiday_interest"], before["holiday_ends_on"]) == (0, None)
    shown = answer(get(client, f"loans/{loan.public_id}"))
    assert (shown["holiday_interest"], shown["outstanding"]) == (
        Decimal("12858.26"),
        Decimal("482184.67"),
    )
    close_through(date(2026, 4, 9))
    today(date(2026, 4, 10))
    shown = answer(get(client, f"loans/{loan.public_id}"))
    assert (shown["capitalised_interest"], shown["outstanding"]) == (
        Decimal("12858.26"),
        Decimal("495042.93"),
    )
    summary = answer(get(client, "statements", loan_id=loan.public_id))["loan_summary"]
    assert (summary["capitalised_interest"], summary["holiday_interest"]) == (
        Decimal("12858.26"),
        0,
    )
    found = answer(
        get(
            client,
            f"loans/{loan.public_id}/explanations",
            amount="loan_summary.capitalised_interest",
        )
    )["explanations"][0]
    assert (found["value"], found["agrees"]) == (Decimal("12858.26"), True)
    quote = answer(get(client, f"loans/{loan.public_id}/foreclosure-quote"))
    # Five days on 4,95,042.93 at 16 %.
    assert quote["amount"] == Decimal("495042.93") + Decimal("1085.03")
    assert_books_verify()


def test_interest_is_not_added_to_the_principal_of_a_loan_in_default(
    client: Client, loan: Loan, today: SetDate
) -> None:
    close_through(date(2026, 3, 5))
    today(date(2026, 3, 6))
    for address in (path(loan), f"{path(loan)}/preview"):
        problem = problem_of(post(client, address, holiday(interest="CAPITALISED")), status=422)
        assert faults(problem) == [("interest", "capitalising_in_default")]
    answer(post(client, path(loan), holiday()), status=201)


def test_another_due_day_moves_every_due_and_charges_the_days_between(
    client: Client, loan: Loan
) -> None:
    body = answer(post(client, path(loan), due_day()), status=201)
    first = body["change"]["instalments"][0]
    assert (first["before"]["due_date"], first["after"]["due_date"]) == ("2026-03-05", "2026-03-15")
    # 4,82,184.67 × 16 % × (1/12 + 10/365) = 8,542.82; without the ten days 6,429.13.
    assert first["before"]["interest"] == Decimal("6429.13")
    assert first["after"]["interest"] == Decimal("8542.82")
    close_through(date(2026, 3, 15))
    assert Due.objects.filter(loan=loan, due_date=date(2026, 3, 15)).count() == 1
    assert not Due.objects.filter(loan=loan, due_date=date(2026, 3, 5)).exists()
    assert_books_verify()


def test_a_longer_tenor_lowers_the_instalment(client: Client, loan: Loan) -> None:
    after = answer(post(client, path(loan), tenor()), status=201)["change"]["after"]
    assert (after["instalments_to_come"], after["last_due_date"]) == (30, "2028-08-05")
    assert_books_verify()


def test_a_restructuring_marks_the_loan_and_the_days_end_makes_it_non_performing(
    client: Client, loan: Loan, today: SetDate
) -> None:
    after = approved(client, path(loan), tenor(restructuring=True))["change"]
    assert after["before"]["restructured_on"] is None
    assert after["after"]["restructured_on"] == "2026-02-10"
    assert after["after"]["npa_since"] is None
    close_through(TODAY)
    loan.refresh_from_db()
    assert (loan.restructured_on, loan.npa_since) == (TODAY, TODAY)
    today(date(2026, 2, 11))
    shown = answer(get(client, f"loans/{loan.public_id}"))
    assert (shown["asset_class"], shown["restructured_on"]) == ("SUBSTANDARD", "2026-02-10")
    # What is due is paid, from advance and on its day; for a year that does not lift the mark.
    pay(loan, 60_000 * RUPEE, on=date(2026, 2, 11))
    close_through(date(2026, 3, 6))
    loan.refresh_from_db()
    assert (loan.npa_since, loan.next_number) == (TODAY, 3)
    assert_books_verify()


def test_a_restructured_loan_is_shown_as_non_performing_before_the_run_has_come(
    client: Client, loan: Loan, today: SetDate
) -> None:
    approved(client, path(loan), tenor(restructuring=True))
    today(date(2026, 2, 12))
    assert answer(get(client, f"loans/{loan.public_id}"))["asset_class"] == "SUBSTANDARD"


@pytest.mark.parametrize(
    "change", [tenor(), due_day(), holiday(), holiday(interest="WITH_LAST_INSTALMENT")]
)
def test_a_restructuring_waits_for_a_second_person_and_is_what_was_previewed(
    client: Client, loan: Loan, change: dict[str, Any]
) -> None:
    wish = change | {"restructuring": True}
    preview = answer(post(client, f"{path(loan)}/preview", wish))
    asked = answer(post(client, path(loan), wish), status=202)
    assert (asked["kind"], asked["status"]) == ("RESTRUCTURING", "PENDING")
    assert answer(post(client, path(loan), wish), status=202)["approval_id"] == asked["approval_id"]
    assert not Event.objects.filter(kind="RESCHEDULE").exists()
    own = post(client, f"approvals/{asked['approval_id']}/approve", {})
    assert problem_of(own, status=403)["code"] == "own_request"
    done = answer(post(a_checker(), f"approvals/{asked['approval_id']}/approve", {}), status=201)
    assert done["change"] == preview["change"]
    event = Event.objects.get(kind="RESCHEDULE")
    assert (event.reason, event.payload["restructures"]) == (wish["reason"], True)
    assert event.payload["change"] == change["change"]
    assert_books_verify()


def test_a_restructuring_that_is_rejected_changes_nothing(client: Client, loan: Loan) -> None:
    asked = answer(post(client, path(loan), tenor(restructuring=True)), status=202)
    note = {"note": "The borrower has means."}
    answer(post(a_checker(), f"approvals/{asked['approval_id']}/reject", note), status=201)
    loan.refresh_from_db()
    assert (loan.restructured_on, loan.schedule_version) == (None, 1)


@pytest.mark.parametrize("marked", [True, False])
def test_a_lower_rate_may_be_a_restructuring(client: Client, loan: Loan, marked: bool) -> None:
    rate = {"interest_rate": 12, "keep": "TENURE", "reason": "Lost work"}
    rate |= {"restructuring": True} if marked else {}
    address = f"loans/{loan.public_id}/rate-changes"
    preview = answer(post(client, f"{address}/preview", rate))
    assert approved(client, address, rate)["change"] == preview["change"]
    close_through(TODAY)
    loan.refresh_from_db()
    day = TODAY if marked else None
    assert (loan.restructured_on, loan.npa_since, loan.borrower_npa_since) == (day, day, day)
    assert_books_verify()


def test_a_payment_that_bounces_after_a_reschedule_has_the_history_told_anew(
    client: Client, loan: Loan
) -> None:
    answer(post(client, path(loan), holiday()), status=201)
    payment = loan.payments.get()
    answer(post(client, f"loans/payments/{payment.pk}/reverse", {"reason": "bounced"}), status=201)
    loan.refresh_from_db()
    assert loan.oldest_unpaid_due_date == date(2026, 2, 5)
    assert_books_verify()


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (tenor(from_date="2026-02-09"), "from_date", "change_from_past_day"),
        (tenor(0), "instalments", "min_value"),
        (tenor(2_601), "instalments", "max_value"),
        (due_day(32), "due_day", "max_value"),
        (due_day(5), "change", "not_reschedulable"),
        (holiday(instalments=23, keep="TENURE"), "change", "not_reschedulable"),
        (holiday(instalments=53), "instalments", "max_value"),
        (holiday(from_date="2030-01-01"), "change", "not_reschedulable"),
        (holiday(keep="BOTH"), "keep", "invalid_choice"),
        (holiday(interest="ADDED"), "interest", "invalid_choice"),
        (holiday(interest=None), "interest", "null"),
        (
            holiday(interest="CAPITALISED", restructuring=True),
            "interest",
            "capitalising_in_default",
        ),
        (holiday(due_day=5), "due_day", "unknown_field"),
        ({"change": "DUE_DAY", "reason": "x"}, "due_day", "required"),
        ({"change": "DANCE", "reason": "x"}, "change", "invalid_choice"),
        (tenor(restructuring="perhaps"), "restructuring", "not_a_boolean"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_changes_nothing(
    client: Client, loan: Loan, change: dict[str, Any], field: str, code: str
) -> None:
    for address in (path(loan), f"{path(loan)}/preview"):
        response = post(client, address, change)
        assert (field, code) in faults(problem_of(response, status=response.status_code))
        assert 400 <= response.status_code < 500
    assert not Event.objects.filter(kind="RESCHEDULE").exists()


def test_overlapping_changes_are_refused(client: Client, loan: Loan) -> None:
    answer(post(client, path(loan), holiday(from_date="2026-04-01")), status=201)
    for again in (holiday(), tenor(), due_day(from_date="2026-05-04")):
        assert problem_of(post(client, path(loan), again), status=409)["code"] == (
            "overlapping_change"
        )
    rate = {"interest_rate": 12, "keep": "EMI", "reason": "reset"}
    refused = post(client, f"loans/{loan.public_id}/rate-changes", rate)
    assert problem_of(refused, status=409)["code"] == "overlapping_change"
    assert Event.objects.filter(kind="RESCHEDULE").count() == 1


def test_a_reschedule_is_imagined_too(client: Client, loan: Loan) -> None:
    events = [
        {"event": "TENOR", "on": "2026-03-01", "instalments": 12},
        {"event": "DUE_DAY", "on": "2026-06-10", "due_day": 20},
    ]
    body = answer(post(client, f"loans/{loan.public_id}/what-if", {"events": events}))
    assert body["after"]["closed_on"] == "2027-02-20"
    assert body["interest_saved"] > 0
    costly = {
        "event": "HOLIDAY",
        "on": "2026-03-01",
        "instalments": 3,
        "interest": "WITH_LAST_INSTALMENT",
        "keep": "EMI",
    }
    body = answer(post(client, f"loans/{loan.public_id}/what-if", {"events": [costly]}))
    assert body["interest_saved"] < 0
    assert body["after"]["worst_days_past_due"] == 0
    dearer = costly | {"interest": "CAPITALISED"}
    worse = answer(post(client, f"loans/{loan.public_id}/what-if", {"events": [dearer]}))
    assert worse["interest_saved"] < body["interest_saved"], "interest on interest"
    assert worse["after"]["closed_on"] > body["after"]["closed_on"]
    late = {"events": [{"event": "SKIP", "on": "2026-03-05"}, dearer | {"on": "2026-03-06"}]}
    problem = problem_of(post(client, f"loans/{loan.public_id}/what-if", late), status=400)
    assert faults(problem) == [("events.1", "cannot_happen")]


def test_the_statements_of_a_reschedule_are_counted(
    client: Client, loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(24):
        post(client, path(loan), tenor())
