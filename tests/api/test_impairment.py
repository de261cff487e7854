"""Asset classes, write-offs and settlements over HTTP."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from loan.models import Loan
from loan.services.billing.run import run_billing
from loan.services.offering import make_offer
from loan.services.takeover import take_over_loan
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.approving import a_checker
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, LAKH, a_borrower, a_disbursed_loan, a_product, pay
from tests.callers import a_login, as_staff

pytestmark = pytest.mark.django_db

NPA = date(2026, 5, 6)
TODAY = NPA + timedelta(days=1)
SETTLED = {
    "amount": 200_000,
    "payment_method": "NEFT",
    "reference_id": "UTR-SETTLE-1",
    "reason": "compromise",
}


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return a loan of which nothing was paid, on the day after it became an NPA."""
    offer = make_offer(
        a_product(),
        principal_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=1_600,
        disbursed_on=DISBURSED,
    )
    taken = take_over_loan(offer, borrower=a_borrower(), as_of=NPA)
    run_billing(NPA, today=TODAY, may_run_ahead=False)
    today(TODAY)
    return taken


def test_the_class_of_a_borrower_is_shown_with_every_change_of_it(
    client: Client, loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The loan with its borrower; the calendar; the worst due date; the changes of class.
    with django_assert_num_queries(4):
        shown = answer(get(client, f"loans/{loan.public_id}/asset-class"))
    (change,) = shown.pop("changes")
    assert change.pop("booked_at")
    assert change == {
        "effective_on": "2026-05-06",
        "asset_class": "SUBSTANDARD",
        "npa_since": "2026-05-06",
        "marked_class": None,
        "booked_on": "2026-05-06",
        "loan_id": None,
        "event": None,
    }
    loan.refresh_from_db()
    assert shown.pop("income_in_suspense") * 100 == loan.suspended_paise
    assert shown == {
        "loan_id": loan.public_id,
        "user_id": loan.borrower.public_id,
        "as_of": "2026-05-07",
        "asset_class": "SUBSTANDARD",
        "npa_since": "2026-05-06",
        "days_past_due": 91,
        "mark": None,
    }


def test_a_write_off_takes_two_people_and_does_what_its_preview_shows(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    path, body = f"loans/{loan.public_id}/write-off", {"kind": "TECHNICAL", "reason": "lost"}
    seen = answer(post(maker, f"{path}/preview", body))
    assert seen["event"] is None
    assert seen["change"]["after"]["status"] == "WRITTEN_OFF"
    number = answer(post(maker, path, body), status=202)["approval_id"]
    loan.refresh_from_db()
    assert loan.status == "ACTIVE"
    done = answer(post(checker, f"approvals/{number}/approve", {}), status=201)
    assert done["change"] == seen["change"]
    loan.refresh_from_db()
    assert loan.status == "WRITTEN_OFF"
    problem_of(post(maker, path, body), status=409, code="loan_written_off")
    assert_books_verify()


def test_a_settlement_takes_two_people_and_never_settles_twice(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    path = f"loans/{loan.public_id}/settlement"
    seen = answer(post(maker, f"{path}/preview", SETTLED))
    assert seen["change"]["after"]["status"] == "CLOSED"
    number = answer(post(maker, path, SETTLED), status=202)["approval_id"]
    assert answer(post(maker, path, SETTLED), status=202)["approval_id"] == number
    done = answer(post(checker, f"approvals/{number}/approve", {}), status=201)
    assert done["change"] == seen["change"]
    again = post(maker, path, SETTLED)
    assert answer(again, status=201)["change"] is None
    assert again["Idempotent-Replayed"] == "true"
    problem_of(post(maker, f"{path}/preview", SETTLED), status=409, code="reference_reused")
    problem_of(
        get(checker, f"loans/{loan.public_id}/documents/no-dues-certificate"),
        status=409,
        code="loan_not_closed",
    )
    assert_books_verify()


def test_what_cannot_be_is_refused_at_once(loan: Loan) -> None:
    maker = as_staff(a_login("meera", role="accountant"))
    standard = a_disbursed_loan(as_of=TODAY)
    body = {"kind": "FULL", "reason": "lost"}
    problem_of(
        post(maker, f"loans/{standard.public_id}/write-off", body), status=422, code="loan_not_npa"
    )
    path = f"loans/{loan.public_id}"
    problem_of(post(maker, f"{path}/write-off", body | {"kind": "HALF"}), status=400)
    problem_of(post(maker, f"{path}/write-off", {"kind": "FULL"}), status=400)
    everything = SETTLED | {"amount": 900_000}
    problem_of(post(maker, f"{path}/settlement", everything), status=422, code="nothing_to_settle")
    problem_of(post(maker, f"{path}/settlement", SETTLED | {"amount": -1}), status=400)
    loan.refresh_from_db()
    assert loan.status == "ACTIVE"
    assert_books_verify()


def test_a_mark_takes_two_people_survives_payments_and_days_and_is_lifted_by_two(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(as_of=TODAY)
    today(TODAY)
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    path = f"loans/{loan.public_id}/class-mark"
    body = {"mark": "LOSS", "from_date": TODAY.isoformat(), "reason": "fraud, says the auditor"}
    seen = answer(post(maker, f"{path}/preview", body))
    assert seen["change"]["after"]["asset_class"] == "LOSS"
    number = answer(post(maker, path, body), status=202)["approval_id"]
    done = answer(post(checker, f"approvals/{number}/approve", {}), status=201)
    assert done["change"] == seen["change"]
    problem_of(post(maker, path, body), status=422, code="class_not_worse")
    run_billing(TODAY, today=TODAY + timedelta(days=1), may_run_ahead=False)
    today(TODAY + timedelta(days=1))
    pay(loan, LAKH // 4, on=TODAY + timedelta(days=1))
    shown = answer(get(maker, f"loans/{loan.public_id}/asset-class"))
    assert (shown["asset_class"], shown["npa_since"]) == ("LOSS", TODAY.isoformat())
    assert (shown["mark"]["by"], shown["mark"]["reason"]) == ("meera", body["reason"])
    assert_books_verify()
    problem_of(
        post(maker, path, {"mark": "LIFTED", "from_date": TODAY.isoformat(), "reason": "no"}),
        status=400,
        code="class_day_closed",
    )
    late = (TODAY + timedelta(days=9)).isoformat()
    problem_of(
        post(maker, path, {"mark": "LIFTED", "from_date": late, "reason": "no"}),
        status=400,
        code="class_day_in_the_future",
    )
    lifting = {"mark": "LIFTED", "reason": "acquitted"}
    number = answer(post(maker, path, lifting), status=202)["approval_id"]
    answer(post(checker, f"approvals/{number}/approve", {}), status=201)
    shown = answer(get(maker, f"loans/{loan.public_id}/asset-class"))
    assert (shown["asset_class"], shown["npa_since"], shown["mark"]) == ("STANDARD", None, None)
    problem_of(post(maker, path, lifting), status=409, code="class_not_marked")
    problem_of(post(maker, path, {"mark": "STANDARD", "reason": "x"}), status=400)
    assert_books_verify()


def test_the_statements_of_a_mark_are_counted(
    loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    maker = as_staff(a_login("meera", role="accountant"))
    path, body = f"loans/{loan.public_id}/class-mark", {"mark": "LOSS", "reason": "fraud"}
    get(maker, f"loans/{loan.public_id}")  # what is learnt once is learnt by now
    with django_assert_num_queries(16):
        answer(post(maker, f"{path}/preview", body))
    with django_assert_num_queries(22):
        answer(post(maker, path, body), status=202)
