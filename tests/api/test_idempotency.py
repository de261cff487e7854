"""`Idempotency-Key`: one effect and one answer for a key, whatever is sent again under it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bright_credit.common.idempotency.models import IdempotencyKey
from ledger.models import Account
from loan.models import Loan, Payment
from tests.api.calls import API, answer
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_borrower, a_disbursed_loan, pay
from tests.callers import a_login

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
PATH = "loans/payments"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def loan(today: SetDate) -> Loan:
    made = a_disbursed_loan()
    today(FIRST_DUE)
    return made


def send(client: Client, path: str, body: object, *, key: str = f'"{KEY}"', **extra: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        API + path, text, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key, **extra
    )


def order_of(loan: Loan, **changes: Any) -> dict[str, Any]:
    return {
        "loan_id": loan.public_id,
        "amount": 24_482,
        "payment_method": "UPI",
        "reference_id": "PAY-789XYZ",
    } | changes


def assert_replay(again: Any, first: Any) -> None:
    assert again.content == first.content
    assert again.status_code == first.status_code
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_same_request_again_gets_the_first_answer_byte_for_byte(
    client: Client, loan: Loan
) -> None:
    first = send(client, PATH, order_of(loan))
    assert "Idempotent-Replayed" not in first.headers
    answer(first, status=201)
    pay(loan, 1_000 * RUPEE, on=FIRST_DUE)  # what the answer said of the loan is history now
    for _ in range(3):
        assert_replay(send(client, PATH, order_of(loan)), first)
    assert Payment.objects.filter(reference_id="PAY-789XYZ").count() == 1
    assert_books_verify()


def test_every_post_that_changes_something_is_done_once(client: Client, loan: Loan) -> None:
    borrower = a_borrower()
    requests: dict[str, tuple[dict[str, Any], Callable[[], int]]] = {
        "users/register": (
            {
                "aadhar_id": "888877776666",
                "name": "Rahul Sharma",
                "email": "rahul@brightlend.com",
                "annual_income": 1_800_000,
                "employment_type": "SALARIED",
            },
            lambda: type(borrower).objects.count(),
        ),
        "loans/apply": (
            {
                "user_id": borrower.public_id,
                "product": "PERSONAL_LOAN",
                "amount": 100_000,
                "tenure_months": 12,
                "purpose": "OTHER",
            },
            Loan.objects.count,
        ),
        "loans/payments": (order_of(loan), Payment.objects.count),
    }
    for path, (body, count) in requests.items():
        before = count()
        first = send(client, path, body, key=path)
        assert first.status_code == 201, first.content
        assert_replay(send(client, path, body, key=path), first)
        assert count() == before + 1


def test_a_key_may_be_written_with_and_without_quotes(client: Client, loan: Loan) -> None:
    first = send(client, PATH, order_of(loan), key=f'"{KEY}"')
    assert_replay(send(client, PATH, order_of(loan), key=f" {KEY} "), first)


def test_how_a_body_is_spelt_does_not_make_it_another(client: Client, loan: Loan) -> None:
    body = order_of(loan)
    first = send(client, PATH, body)
    other_way = json.dumps(dict(reversed(body.items())), indent=2)
    assert_replay(send(client, PATH, other_way), first)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 24_482.5),
        ("amount", 24_483),
        ("payment_method", "NEFT"),
        ("reference_id", "PAY-OTHER"),
        ("loan_id", "LN-2026-9999"),
    ],
)
def test_another_body_under_a_key_is_refused_and_has_no_effect(
    client: Client, loan: Loan, field: str, value: Any
) -> None:
    first = send(client, PATH, order_of(loan))
    refused = send(client, PATH, order_of(loan, **{field: value}))
    problem_of(refused, status=422, code="idempotency_key_reused")
    assert Payment.objects.count() == 1
    assert_replay(send(client, PATH, order_of(loan)), first)


def test_another_route_under_a_key_is_refused(client: Client, loan: Loan) -> None:
    send(client, PATH, order_of(loan))
    quote = {"product": "PERSONAL_LOAN", "amount": 500_000, "tenure_months": 24}
    refused = send(client, "loans/quote", quote)
    problem_of(refused, status=422, code="idempotency_key_reused")


def test_two_callers_may_use_one_key_and_never_see_each_other_s_answers(
    client: Client, loan: Loan
) -> None:
    clients = [client]
    for name in ("asha", "ravi"):
        clients.append(Client())
        clients[-1].force_login(a_login(name, role="operations"))
    bodies = set()
    for number, caller in enumerate(clients):
        response = send(caller, PATH, order_of(loan, reference_id=f"PAY-{number}"))
        assert "Idempotent-Replayed" not in response.headers
        bodies.add(response.content)
        assert answer(response, status=201)["reference_id"] == f"PAY-{number}"
    assert len(bodies) == 3


@pytest.mark.parametrize(
    "key",
    [
        "",
        '""',
        " ",
        '"',
        '"open',
        'a"b',
        "two keys",
        '"one", "two"',
        "one,two",
        "a;b",
        '"tab\tinside"',
        '"bad \\n escape"',
        "käse",
        "x" * 256,
        f'"{"x" * 256}"',
        "line\nbreak",
    ],
)
def test_a_malformed_key_is_refused_and_nothing_is_done(
    client: Client, loan: Loan, key: str
) -> None:
    refused = send(client, PATH, order_of(loan), key=key)
    problem_of(refused, status=400, code="idempotency_key_malformed")
    assert not Payment.objects.exists()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["x" * 255, '"with space, comma; and \\" quote"', "a:b/c_d-e.f~1"])
def test_any_printable_ascii_is_a_key(client: Client, loan: Loan, key: str) -> None:
    first = send(client, PATH, order_of(loan), key=key)
    assert first.status_code == 201
    assert_replay(send(client, PATH, order_of(loan), key=key), first)


def test_a_refusal_by_the_rules_is_an_answer_and_is_kept(client: Client, loan: Loan) -> None:
    pay(loan, 100 * RUPEE, on=FIRST_DUE, reference="TAKEN")
    first = send(client, PATH, order_of(loan, reference_id="TAKEN"))
    problem_of(first, status=409, code="reference_reused")
    assert_replay(send(client, PATH, order_of(loan, reference_id="TAKEN")), first)
    assert Payment.objects.count() == 1


@pytest.mark.urls("tests.api.sample_api")
def test_what_a_refused_request_wrote_is_undone_and_its_answer_kept(client: Client) -> None:
    sent = [
        client.post(
            "/api/write-then-refuse",
            "{}",
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=KEY,
        )
        for _ in range(2)
    ]
    problem_of(sent[0], status=422, code="rule_violated")
    assert_replay(sent[1], sent[0])
    assert Account.objects.get(pk="1000").name == "Bank"


def test_a_loan_that_was_not_there_stays_so_under_its_key(client: Client) -> None:
    unborn = {
        "loan_id": "LN-2026-99999",
        "amount": 1,
        "payment_method": "UPI",
        "reference_id": "X",
    }
    first = send(client, PATH, unborn)
    problem_of(first, status=404)
    assert_replay(send(client, PATH, unborn), first)


@pytest.mark.parametrize("changes", [{"amount": 0}, {"nonsense": 1}, {"payment_method": "SHELL"}])
def test_a_form_that_is_not_taken_leaves_its_key_free(
    client: Client, loan: Loan, changes: dict[str, Any]
) -> None:
    problem_of(send(client, PATH, order_of(loan, **changes)), status=400, code="invalid")
    assert not IdempotencyKey.objects.exists()
    corrected = send(client, PATH, order_of(loan))
    assert corrected.status_code == 201
    assert "Idempotent-Replayed" not in corrected.headers


def test_a_failure_on_our_side_leaves_the_key_free_and_nothing_of_the_work(
    client: Client, loan: Loan
) -> None:
    client.raise_request_exception = False

    def failing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'UPDATE "loan_loan"' in sql:
            raise ZeroDivisionError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(failing):
        failed = send(client, PATH, order_of(loan))
    problem_of(failed, status=500, code="internal_error")
    assert not Payment.objects.exists()
    assert not IdempotencyKey.objects.exists()
    retried = send(client, PATH, order_of(loan))
    assert retried.status_code == 201
    assert "Idempotent-Replayed" not in retried.headers
    assert_books_verify()


def test_a_known_reference_under_a_new_key_is_the_known_payment(client: Client, loan: Loan) -> None:
    first = send(client, PATH, order_of(loan), key="one")
    for _ in range(2):  # done under the second key, then replayed
        assert_replay(send(client, PATH, order_of(loan), key="two"), first)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("method", [method for method in Payment.Method if method != "UPI"])
def test_a_reference_stands_for_one_payment_on_whichever_rail_it_comes(
    client: Client, loan: Loan, method: str
) -> None:
    send(client, PATH, order_of(loan), key="one")
    refused = send(client, PATH, order_of(loan, payment_method=method), key="two")
    problem_of(refused, status=409, code="reference_reused")
    assert Payment.objects.count() == 1


def test_reading_heeds_no_key(client: Client, loan: Loan) -> None:
    address = f"{API}loans/{loan.public_id}"
    first = client.get(address, HTTP_IDEMPOTENCY_KEY='"broken')
    assert first.status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_nothing_of_the_request_is_kept_in_clear(client: Client) -> None:
    body = {
        "aadhar_id": "888877776666",
        "name": "Rahul Sharma",
        "email": "rahul@brightlend.com",
        "annual_income": 1_800_000,
        "employment_type": "SALARIED",
        "pan": "ZQXPC7731Y",
        "phone": "+919173046284",
    }
    registered = send(client, "users/register", body)
    assert registered.status_code == 201
    address = f"borrowers/{registered.json()['user_id']}/phone"
    assert send(client, address, {"phone": "9173046284"}, key='"another"').status_code == 200
    kept = str(list(IdempotencyKey.objects.values_list()))
    for personal in ("888877776666", "ZQXPC7731Y", "9173046284", "Rahul", "rahul@"):
        assert personal not in kept


def test_a_key_costs_six_statements_and_its_replay_four(
    client: Client, loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The six of a payment, and: begin (theirs becomes a savepoint), the claim, a savepoint
    # and its release, the answer, commit.
    with django_assert_num_queries(6 + 6):
        send(client, PATH, order_of(loan))
    # Begin, the claim, the row, commit.
    with django_assert_num_queries(4):
        send(client, PATH, order_of(loan))
