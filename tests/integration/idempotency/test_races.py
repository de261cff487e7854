"""One key sent by many at once, lost on the way back, or cut off anywhere: one effect."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from bright_credit.common.idempotency.models import IdempotencyKey
from loan.models import Loan, LoanApplication, Payment
from loan.services.happening import lock_loan
from tests.api.problem import problem_of
from tests.api.test_idempotency import PATH, assert_replay, order_of, send
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, a_borrower, a_disbursed_loan
from tests.integration.billing.workers import ROOT, environment
from tests.integration.loan.racing import await_waiters, cut_before, start

CALLERS = 50
AT_ONCE = 25  # each holds a connection of its own while it is answered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def loan(monkeypatch: pytest.MonkeyPatch) -> Loan:
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: FIRST_DUE)
    return a_disbursed_loan()


def sent_at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        futures = [start(pool, call) for call in calls]
        return [future.result(60) for future in futures]


def paying(loan: Loan, *, times: int) -> list[Callable[[], Any]]:
    return [lambda: send(Client(), PATH, order_of(loan)) for _ in range(times)]


def test_while_the_first_is_at_work_forty_nine_others_are_told_so_at_once(loan: Loan) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            lock_loan(loan.public_id)
            first_sent = start(pool, lambda: send(Client(), PATH, order_of(loan)))
            await_waiters(1)
            # They do not wait for the first, which waits for the loan that this test holds.
            others = sent_at_once(paying(loan, times=CALLERS - 1))
        first: Any = first_sent.result(30)
    assert first.status_code == 201
    for refused in others:
        problem_of(refused, status=409, code="idempotency_key_in_flight")
        assert refused.headers["Retry-After"] == "1"
    for again in sent_at_once(paying(loan, times=CALLERS)):
        assert_replay(again, first)
    assert Payment.objects.count() == 1
    assert_books_verify()


def test_fifty_identical_requests_at_once_have_one_effect_and_one_answer(loan: Loan) -> None:
    responses = sent_at_once(paying(loan, times=CALLERS))
    assert {response.status_code for response in responses} <= {201, 409}
    done = [response for response in responses if response.status_code == 201]
    assert len({response.content for response in done}) == 1
    fresh = [response for response in done if "Idempotent-Replayed" not in response.headers]
    assert len(fresh) == 1
    assert Payment.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1
    assert_books_verify()


def test_fifty_identical_applications_at_once_are_decided_once(loan: Loan) -> None:
    """Nothing but the key makes two of them one: each would be an application of its own."""
    borrower = a_borrower()
    request = {
        "user_id": borrower.public_id,
        "product": "PERSONAL_LOAN",
        "amount": 100_000,
        "tenure_months": 12,
        "purpose": "OTHER",
    }
    before = LoanApplication.objects.count()
    responses = sent_at_once(
        [lambda: send(Client(), "loans/apply", request) for _ in range(CALLERS)]
    )
    assert {response.status_code for response in responses} <= {201, 409}
    assert len({response.content for response in responses if response.status_code == 201}) == 1
    assert LoanApplication.objects.count() == before + 1
    assert_books_verify()


def test_many_keys_on_many_loans_at_once_are_each_done_once(loan: Loan) -> None:
    loans = [loan, *(a_disbursed_loan() for _ in range(4))]
    calls = [
        partial(
            send,
            Client(),
            PATH,
            order_of(each, reference_id=f"PAY-{number}-{copy % 5}"),
            key=f"key-{number}-{copy % 5}",
        )
        for number, each in enumerate(loans)
        for copy in range(15)
    ]
    responses = sent_at_once(calls)
    assert {response.status_code for response in responses} <= {201, 409}
    assert Payment.objects.count() == IdempotencyKey.objects.count() == 25
    assert_books_verify()


def test_a_process_that_dies_after_the_commit_leaves_the_answer_for_the_retry(loan: Loan) -> None:
    died = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.integration.idempotency.dying_server",
            loan.public_id,
            FIRST_DUE.isoformat(),
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (died.returncode, died.stdout) == (9, ""), died.stderr
    assert Payment.objects.count() == 1
    retried = send(Client(), PATH, order_of(loan))
    assert retried.status_code == 201
    assert retried.headers["Idempotent-Replayed"] == "true"
    assert retried.json()["payment_id"] == Payment.objects.get().pk
    assert_books_verify()


def test_a_session_cut_at_any_statement_leaves_all_of_it_or_nothing_and_no_stuck_key(
    loan: Loan,
) -> None:
    client = Client(raise_request_exception=False)
    cuts = 0
    while True:
        with connection.execute_wrapper(cut_before(cuts)):
            response = send(client, PATH, order_of(loan))
        if response.status_code == 201:
            break
        assert response.status_code >= 500
        connection.close()
        assert not IdempotencyKey.objects.exists()
        assert not Payment.objects.exists()
        cuts += 1
    assert cuts >= 18
    assert "Idempotent-Replayed" not in response.headers
    assert_replay(send(client, PATH, order_of(loan)), response)
    assert Payment.objects.count() == 1
    assert_books_verify()
