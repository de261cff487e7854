"""POST /api/v1/loans/payments: money taken once, and how it was allocated."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ledger.models import Entry
from loan.models import Loan, Payment
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.api.problem import faults, problem_of
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, FIRST_DUE, LAKH, RUPEE, a_disbursed_loan, pay

PATH = "loans/payments"
EMI = 24_482

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def order_of(loan: Loan, **changes: Any) -> dict[str, Any]:
    return {
        "loan_id": loan.public_id,
        "amount": EMI,
        "payment_method": "UPI",
        "reference_id": "PAY-789XYZ",
    } | changes


def paid(client: Client, loan: Loan, **changes: Any) -> Any:
    return answer(post(client, PATH, order_of(loan, **changes)), status=201)


def nothing(**parts: Any) -> dict[str, Any]:
    """Return the six parts of a payment: those given, and nothing else."""
    names = ("interest", "principal", "charges", "penal_charges", "advance", "excess")
    return dict.fromkeys(names, 0) | parts


def test_a_payment_on_the_due_date_pays_the_instalment(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(FIRST_DUE)
    response = post(client, PATH, order_of(loan, amount=24_500))
    body = answer(response, status=201)
    payment = Payment.objects.get()
    assert body == {
        "payment_id": payment.pk,
        "loan_id": loan.public_id,
        "reference_id": "PAY-789XYZ",
        "payment_method": "UPI",
        "amount": 24_500,
        "value_date": "2026-02-05",
        "allocation": nothing(
            interest=Decimal("6666.67"), principal=Decimal("17815.33"), advance=18
        ),
        "lines": [
            {
                "instalment": 1,
                "charge": None,
                "principal": Decimal("17815.33"),
                "interest": Decimal("6666.67"),
                "charge_amount": 0,
            }
        ],
        "outstanding": Decimal("482184.67"),
        "loan_status": "ACTIVE",
    }
    assert b'"interest":6666.67,"principal":17815.33,"charges":0,' in response.content
    assert "Idempotent-Replayed" not in response.headers
    assert_books_verify()


def test_a_payment_meets_instalments_then_penal_charges_then_waits_as_advance(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    today(date(2026, 3, 10))  # two dues behind, both beyond their days of grace
    body = paid(client, loan, amount=50_000.5)
    assert body["allocation"] == nothing(
        interest=Decimal("13095.80"),
        principal=Decimal("35868.20"),
        penal_charges=1_000,
        advance=Decimal("36.50"),
    )
    assert [(row["instalment"], row["charge"]) for row in body["lines"]] == [
        (1, None),
        (2, None),
        (None, "PENAL-1"),
        (None, "PENAL-2"),
    ]
    assert [row["charge_amount"] for row in body["lines"]] == [0, 0, 500, 500]
    assert_books_verify()


def test_one_paisa_is_a_payment(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(FIRST_DUE)
    response = post(client, PATH, order_of(loan, amount=0.01))
    assert answer(response, status=201)["allocation"] == nothing(interest=Decimal("0.01"))
    assert b'"interest":0.01,' in response.content


def test_what_is_paid_early_is_held_for_the_due_date(client: Client) -> None:
    loan = a_disbursed_loan()
    body = paid(client, loan)
    assert body["allocation"] == nothing(advance=EMI)
    assert body["lines"] == []
    assert body["outstanding"] == 500_000


def test_what_is_above_everything_owed_is_kept_as_excess(client: Client) -> None:
    loan = a_disbursed_loan()
    body = paid(client, loan, amount=600_000)
    assert body["allocation"] == nothing(advance=Decimal("587555.51"), excess=Decimal("12444.49"))
    assert body["loan_status"] == "ACTIVE"
    assert_books_verify()


def test_the_largest_amount_is_taken_whole(client: Client) -> None:
    loan = a_disbursed_loan()
    body = paid(client, loan, amount=10_000_000_000_000)
    assert sum(body["allocation"].values()) == 10_000_000_000_000
    assert_books_verify()


def repaid(client: Client, today: SetDate) -> tuple[Loan, dict[str, Any]]:
    """Return a loan repaid in full on its last due date, and the order that did it."""
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    instalments = list(loan.instalments.order_by("number"))
    today(instalments[-1].due_date)
    for row in instalments[:-1]:
        pay(loan, row.total_paise, on=row.due_date)
    order = order_of(loan, amount=instalments[-1].total_paise / RUPEE, reference_id="LAST")
    return loan, order


def test_the_last_paisa_closes_the_loan(client: Client, today: SetDate) -> None:
    loan, order = repaid(client, today)
    body = answer(post(client, PATH, order), status=201)
    assert (body["outstanding"], body["loan_status"]) == (0, "CLOSED")
    loan.refresh_from_db()
    assert loan.status == Loan.Status.CLOSED
    assert_books_verify()


def test_a_closed_loan_takes_no_payment(client: Client, today: SetDate) -> None:
    loan, order = repaid(client, today)
    post(client, PATH, order)
    before = Payment.objects.count(), Entry.objects.count()
    problem_of(
        post(client, PATH, order_of(loan, reference_id="ONE-MORE")), status=409, code="loan_closed"
    )
    assert (Payment.objects.count(), Entry.objects.count()) == before


def test_a_loan_repaid_from_advance_takes_no_payment_though_the_run_has_not_come(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan(amount_paise=LAKH, tenure_months=6)
    pay(loan, sum(row.total_paise for row in loan.instalments.all()), on=DISBURSED)
    today(date(2026, 7, 6))
    problem_of(post(client, PATH, order_of(loan)), status=409, code="loan_closed")
    loan.refresh_from_db()
    assert (loan.status, Payment.objects.count()) == (Loan.Status.ACTIVE, 1)
    assert_books_verify()


def test_an_identical_repeat_gets_the_first_answer_even_when_the_loan_has_moved_on(
    client: Client, today: SetDate
) -> None:
    loan = a_disbursed_loan()
    today(FIRST_DUE)
    first = post(client, PATH, order_of(loan))
    pay(loan, 100 * RUPEE, on=date(2026, 4, 20))
    run_billing(date(2026, 4, 30), today=date(2026, 5, 1), may_run_ahead=False)
    today(date(2026, 5, 1))
    again = post(client, PATH, order_of(loan, amount=24_482.00))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Payment.objects.count() == 2


def test_an_identical_repeat_on_a_loan_closed_by_it_gets_the_first_answer(
    client: Client, today: SetDate
) -> None:
    _, order = repaid(client, today)
    first = post(client, PATH, order)
    again = post(client, PATH, order)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "change",
    [{"amount": 24_482.01}, {"payment_method": "NEFT"}, {"loan_id": "another"}],
    ids=["amount", "method", "loan"],
)
def test_a_reference_that_stands_for_another_payment_is_a_conflict(
    client: Client, change: dict[str, Any]
) -> None:
    loan, another = a_disbursed_loan(), a_disbursed_loan()
    paid(client, loan)
    if "loan_id" in change:
        change = {"loan_id": another.public_id}
    body = problem_of(
        post(client, PATH, order_of(loan, **change)), status=409, code="reference_reused"
    )
    assert faults(body) == [("reference_id", "reference_reused")]
    assert Payment.objects.count() == 1


def test_references_that_differ_in_case_are_two_references(client: Client) -> None:
    loan = a_disbursed_loan()
    paid(client, loan, reference_id="Pay-1")
    paid(client, loan, reference_id="PAY-1")
    assert Payment.objects.count() == 2


def test_a_payment_takes_the_open_business_date(client: Client) -> None:
    """Days were closed ahead of the calendar: nothing is posted into a closed day."""
    loan = a_disbursed_loan()
    run_billing(FIRST_DUE, today=DISBURSED, may_run_ahead=True)
    assert paid(client, loan)["value_date"] == "2026-02-06"


def test_a_payment_that_was_overtaken_at_midnight_counts_from_the_later_day(
    client: Client, today: SetDate
) -> None:
    """Two requests, one before midnight and one after; the later one gets the loan first."""
    loan = a_disbursed_loan()
    today(FIRST_DUE + timedelta(days=1))
    paid(client, loan, reference_id="AFTER")
    today(FIRST_DUE)
    assert paid(client, loan, reference_id="BEFORE")["value_date"] == "2026-02-06"
    assert_books_verify()


def test_what_was_paid_is_what_the_statement_says(client: Client, today: SetDate) -> None:
    loan = a_disbursed_loan()
    today(FIRST_DUE)
    body = paid(client, loan, amount=25_000)
    statement = answer(get(client, "statements", loan_id=loan.public_id))
    (row,) = statement["payments"]
    assert {name: row[name] for name in ("allocation", "lines", "value_date", "amount")} == {
        name: body[name] for name in ("allocation", "lines", "value_date", "amount")
    }
    assert statement["loan_summary"]["outstanding"] == body["outstanding"]
