"""Whatever is wrong with a change of a loan: a clear error, and nothing has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from ledger.models import Entry
from loan.models import Event, Loan, Payment
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.api.conftest import SetDate
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

TODAY = date(2026, 2, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A loan that runs, one that is closed, and one with a reversed payment, on one day."""

    running: Loan
    closed: Loan
    payment: Payment
    reversal: Event


@pytest.fixture
def book(client: Client, today: SetDate) -> Book:
    """Return the three loans on 10 February, the days before it closed."""
    running, closed, bounced = a_disbursed_loan(), a_disbursed_loan(), a_disbursed_loan()
    pay(running, 24_482 * RUPEE, on=FIRST_DUE)
    payment = pay(bounced, 24_482 * RUPEE, on=FIRST_DUE)
    run_billing(TODAY - timedelta(days=1), today=TODAY, may_run_ahead=False)
    today(TODAY)
    quote = answer(get(client, f"loans/{closed.public_id}/foreclosure-quote"))
    order = money(float(quote["amount"]), reference_id="CLOSING")
    answer(post(client, f"loans/{closed.public_id}/foreclosure", order), status=201)
    holiday = {
        "change": "HOLIDAY",
        "instalments": 2,
        "interest": "WITH_FIRST_INSTALMENT",
        "keep": "EMI",
        "from_date": "2026-05-01",
        "reason": "agreed",
    }
    answer(post(client, f"loans/{running.public_id}/reschedules", holiday), status=201)
    taken_back = f"loans/payments/{payment.pk}/reverse"
    answer(post(client, taken_back, {"reason": "bounced"}), status=201)
    return Book(
        running=running,
        closed=closed,
        payment=payment,
        reversal=Event.objects.get(kind="REVERSAL"),
    )


def money(amount: float, **changes: object) -> dict[str, Any]:
    return {"amount": amount, "payment_method": "NEFT", "reference_id": "UTR-BAD"} | changes


def prepayment(amount: float) -> dict[str, Any]:
    return money(amount) | {"reduce": "EMI"}


TENOR = {"change": "TENOR", "instalments": 30, "reason": "longer"}
RATE = {"interest_rate": 14, "keep": "EMI", "reason": "reset"}


def digest() -> dict[str, str | None]:
    """Return a digest of every table that holds what this project keeps."""
    tables = {
        model._meta.db_table
        for name in ("loan", "ledger", "users", "credit")
        for model in apps.get_app_config(name).get_models()
    }
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(tables):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM {name} r"  # noqa: S608
            )
            found[table] = cursor.fetchone()[0]
    return found


def wrong(book: Book) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
    """Yield an address below the API, what is sent (None: it is read), and the code expected."""
    running, closed = f"loans/{book.running.public_id}", f"loans/{book.closed.public_id}"
    late = {"loan_id": book.running.public_id}
    yield f"{running}/foreclosure-quote?on=2026-02-09", None, "quote_for_past_day"
    yield f"{running}/foreclosure-quote?on=2026-03-14", None, "quote_too_far_ahead"
    yield f"{running}/documents/foreclosure-letter?on=2026-02-09", None, "quote_for_past_day"
    yield f"{running}/cancellation-quote?on=2026-02-09", None, "quote_for_past_day"
    yield f"{running}/cancellation-quote", None, "cooling_off_over"
    yield from _both(f"{running}/prepayments", prepayment(600_000), "prepayment_too_large")
    yield from _both(f"{running}/prepayments", prepayment(1), "prepayment_too_small")
    yield from _both(f"{running}/foreclosure", money(1), "foreclosure_amount_differs")
    expired = money(1, quoted_on="2026-02-09")
    yield from _both(f"{running}/foreclosure", expired, "quote_expired")
    yield from _both(f"{running}/cancellation", expired, "quote_expired")
    yield from _both(f"{running}/cancellation", money(1), "cooling_off_over")
    for value_date, code in (
        ("2026-01-09", "before_disbursement"),
        ("2026-02-11", "future_value_date"),
    ):
        payment = late | money(100, value_date=value_date)
        yield from _both("loans/payments", payment, code)
    taken_back = f"loans/payments/{book.payment.pk}/reverse"
    yield taken_back, {"reason": "again"}, "payment_already_reversed"
    yield f"{taken_back}/preview", {}, "payment_already_reversed"
    # A reversal is no payment: its number names none that could be taken back.
    yield f"loans/payments/{10**6 + book.reversal.pk}/reverse", {"reason": "x"}, "payment_not_found"
    for change in (TENOR, TENOR | {"from_date": "2026-05-02"}):
        yield from _both(f"{running}/reschedules", change, "overlapping_change")
    yield from _both(f"{running}/rate-changes", RATE, "overlapping_change")
    past = {"from_date": "2026-02-09"}
    yield from _both(f"{running}/reschedules", TENOR | past, "change_from_past_day")
    yield from _both(f"{running}/rate-changes", RATE | past, "change_from_past_day")
    yield from _after_closure(closed, book.closed.public_id)


def _after_closure(closed: str, loan_id: str) -> Iterator[tuple[str, dict[str, Any] | None, str]]:
    yield f"{closed}/foreclosure-quote", None, "loan_closed"
    yield f"{closed}/documents/foreclosure-letter", None, "loan_closed"
    yield f"{closed}/cancellation-quote", None, "loan_closed"
    yield from _both("loans/payments", money(100) | {"loan_id": loan_id}, "loan_closed")
    yield from _both(f"{closed}/prepayments", prepayment(100), "loan_closed")
    yield from _both(f"{closed}/foreclosure", money(100), "loan_closed")
    yield from _both(f"{closed}/cancellation", money(100), "loan_closed")
    yield from _both(f"{closed}/reschedules", TENOR, "loan_closed")
    yield from _both(f"{closed}/rate-changes", RATE, "loan_closed")
    charge = {"charge": "C-1", "amount": 100, "reason": "x"}
    yield f"{closed}/charges", charge, "loan_closed"
    imagined = {"events": [{"event": "PAY", "on": "2026-03-05", "amount": 100}]}
    yield f"{closed}/what-if", imagined, "loan_closed"
    refund = {"amount": 1, "reference_id": "R-1"}
    yield f"{closed}/refunds", refund, "refund_exceeds_excess"


def _both(
    address: str, body: dict[str, Any], code: str
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a change and its preview: they refuse alike."""
    yield address, body, code
    yield f"{address}/preview", body, code


def test_whatever_is_wrong_is_named_and_changes_nothing(client: Client, book: Book) -> None:
    before = digest()
    assert all(before[table] for table in ("loan_loan", "loan_event", "ledger_entry"))
    for address, body, code in wrong(book):
        response = get(client, address) if body is None else post(client, address, body)
        said = response.json()
        codes = [said["code"], *(each["code"] for each in said.get("errors", ()))]
        assert 400 <= response.status_code < 500, (address, body, said)
        assert code in codes, (address, body, said)
        assert digest() == before, address
    assert_books_verify()


def test_a_digest_tells_a_changed_row(client: Client, book: Book) -> None:
    before = digest()
    pay(book.running, RUPEE, on=TODAY)
    assert {table for table, value in digest().items() if value != before[table]} >= {
        "loan_loan",
        "loan_event",
        "loan_payment",
        "ledger_entry",
        "ledger_transfer",
    }


def test_a_value_date_in_a_closed_period_is_booked_as_an_adjustment_in_the_open_one(
    client: Client, book: Book
) -> None:
    """The loan is as if the money had come in time; the closed days' books stay what they were."""
    loan_id = Loan.objects.get(pk=book.payment.loan_id).public_id
    closed_days = list(Entry.objects.filter(value_date__lt=TODAY).values_list("pk", "reference"))
    known = set(Entry.objects.values_list("pk", flat=True))
    order = money(24_482, reference_id="LATE", value_date="2026-02-05") | {"loan_id": loan_id}
    body = answer(post(client, "loans/payments", order), status=201)
    assert body["allocation"]["principal"] > 0
    assert answer(get(client, f"loans/{loan_id}"))["days_past_due"] == 0
    booked = Entry.objects.exclude(pk__in=known)
    assert {entry.value_date for entry in booked} == {TODAY}
    assert Event.objects.get(payment__reference_id="LATE").value_date == date(2026, 2, 5)
    still = Entry.objects.filter(value_date__lt=TODAY).values_list("pk", "reference")
    assert list(still) == closed_days
    assert_books_verify()
