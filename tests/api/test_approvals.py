"""Requests for approval over HTTP: asked for, listed, looked at, decided on."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loan.models import Event, Loan
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.approving import a_checker
from tests.audit import assert_books_verify
from tests.builders import a_disbursed_loan
from tests.callers import a_login, as_staff

pytestmark = pytest.mark.django_db

TODAY = date(2026, 2, 10)


@pytest.fixture
def loan(today: SetDate) -> Loan:
    """Return a loan whose first instalment has drawn a penal charge of 500 rupees."""
    late = a_disbursed_loan()
    run_billing(TODAY - timedelta(days=1), today=TODAY, may_run_ahead=False)
    today(TODAY)
    return late


def asked(client: Client, loan: Loan, **body: Any) -> Any:
    path = f"loans/{loan.public_id}/charges/PENAL-1/waive"
    return post(client, path, {"reason": "goodwill"} | body)


def test_a_request_is_answered_as_it_waits_and_shown_to_its_checker(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    made = answer(asked(maker, loan, amount=200), status=202)
    number = made.pop("approval_id")
    for instant in ("made_at", "expires_at"):
        assert made.pop(instant)
    assert made == {
        "kind": "WAIVER",
        "loan_id": loan.public_id,
        "amount": 200,
        "details": [
            {"name": "Amount", "value": "₹200.00"},
            {"name": "Charge", "value": "PENAL-1"},
        ],
        "reason": "goodwill",
        "status": "PENDING",
        "made_by": "meera",
        "decided_by": None,
        "decided_at": None,
        "note": None,
        "event": None,
    }
    seen = answer(get(checker, f"approvals/{number}"))
    assert seen["refusal"] is None
    assert seen["change"]["after"]["penal_charges_unpaid"] == 300
    done = answer(post(checker, f"approvals/{number}/approve", {"note": "fair"}), status=201)
    assert done["change"] == seen["change"]
    approval = done["approval"]
    assert (approval["status"], approval["decided_by"], approval["note"]) == (
        "APPROVED",
        "checker",
        "fair",
    )
    after = answer(get(checker, f"approvals/{number}"))
    assert (after["change"], after["refusal"]) == (None, None)
    assert_books_verify()


def test_whoever_made_it_is_refused_and_a_second_decision_is_a_conflict(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    number = answer(asked(maker, loan), status=202)["approval_id"]
    path = f"approvals/{number}"
    for verb, body in (("approve", {}), ("reject", {"note": "x"})):
        problem_of(post(maker, f"{path}/{verb}", body), status=403, code="own_request")
    problem_of(post(checker, f"{path}/withdraw", {}), status=403, code="not_the_maker")
    problem_of(post(checker, f"{path}/reject", {}), status=400)
    rejected = answer(post(checker, f"{path}/reject", {"note": "no ground"}), status=201)
    assert rejected["approval"]["status"] == "REJECTED"
    problem_of(post(checker, f"{path}/approve", {}), status=409, code="already_decided")
    problem_of(post(maker, f"{path}/withdraw", {}), status=409, code="already_decided")
    problem_of(
        post(checker, "approvals/999999/approve", {}), status=404, code="approval_request_not_found"
    )
    assert not Event.objects.exists()


def test_an_approval_that_is_sent_twice_under_a_key_is_done_once(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    number = answer(asked(maker, loan), status=202)["approval_id"]

    def approve() -> Any:
        return checker.post(
            f"/api/v1/approvals/{number}/approve",
            "{}",
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY="once",
        )

    first, second = approve(), approve()
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Event.objects.count() == 1


def test_what_has_been_overtaken_says_so_before_it_is_approved(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    one = answer(asked(maker, loan, amount=400), status=202)["approval_id"]
    other = answer(asked(maker, loan, amount=300), status=202)["approval_id"]
    answer(post(checker, f"approvals/{one}/approve", {}), status=201)
    seen = answer(get(checker, f"approvals/{other}"))
    assert (seen["change"], seen["refusal"]["code"]) == (None, "waiver_exceeds_charge")
    refused = post(checker, f"approvals/{other}/approve", {})
    problem_of(refused, status=409, code="waiver_exceeds_charge")
    assert answer(get(checker, f"approvals/{other}"))["approval"]["status"] == "PENDING"


def test_requests_are_listed_by_what_they_are(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    numbers = [
        answer(asked(maker, loan, amount=amount), status=202)["approval_id"]
        for amount in (100, 150, 200)
    ]
    answer(post(checker, f"approvals/{numbers[0]}/approve", {}), status=201)

    def listed(**query: Any) -> list[int]:
        page = answer(get(checker, "approvals", **query))
        return [row["approval_id"] for row in page["results"]]

    assert listed() == numbers[::-1]
    assert listed(status="PENDING") == numbers[:0:-1]
    assert listed(status="APPROVED", loan_id=loan.public_id) == numbers[:1]
    assert listed(status="EXPIRED") == listed(kind="REFUND") == []
    unknown = get(checker, "approvals", loan_id="LN-2026-99999")
    problem_of(unknown, status=404, code="loan_not_found")
    for query in ({"status": "DONE"}, {"maker": "meera"}, {"kind": "LUNCH"}):
        problem_of(get(checker, "approvals", **query), status=400)


def test_each_takes_as_many_statements_as_it_is_known_to(loan: Loan) -> None:
    maker, checker = as_staff(a_login("meera", role="accountant")), a_checker()
    first, second, third = (
        answer(asked(maker, loan, amount=amount), status=202)["approval_id"]
        for amount in (100, 150, 200)
    )
    get(checker, "approvals")  # what is learnt once is learnt by now
    calls: dict[str, Callable[[], Any]] = {
        "list": lambda: get(checker, "approvals"),
        "look": lambda: get(checker, f"approvals/{first}"),
        "approve": lambda: post(checker, f"approvals/{first}/approve", {}),
        "reject": lambda: post(checker, f"approvals/{second}/reject", {"note": "no"}),
        "withdraw": lambda: post(maker, f"approvals/{third}/withdraw", {}),
    }
    counts = {}
    for name, call in calls.items():
        with CaptureQueriesContext(connection) as statements:
            assert call().status_code in {200, 201}
        counts[name] = len(statements)
    assert counts == {"list": 7, "look": 14, "approve": 20, "reject": 10, "withdraw": 10}
