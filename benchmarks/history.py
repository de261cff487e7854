"""A five-year loan with a long history, and requests that pay it: the work of the worker."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

from django.conf import settings
from django.test import Client

from bright_credit.common.api.rates import DEFAULT_RATES
from loan.domain.schedule import InstalmentPlan
from loan.models import BusinessDay, Event, Loan, LoanProduct
from loan.services.offering import Offer, make_offer
from loan.services.takeover import PastPayment, take_over_loan
from users.models import Borrower

YEARS = 5
RUPEE = 100


def build(day: date, *, events: int) -> int:
    """Write a loan of five years, nearly at its end on a day, paid in many parts; return how many.

    Every instalment is paid in parts on the days after its due date, so that money of an earlier
    day moves all that came after it.
    """
    BusinessDay.objects.update_or_create(
        pk=1, defaults={"closed_through_date": day - timedelta(days=1)}
    )
    offer = _offer(disbursed_on=day - timedelta(days=365 * YEARS - 60))
    due = [row for row in offer.plan.rows if row.due_date < day - timedelta(days=30)]
    loan = take_over_loan(
        offer, borrower=_borrower(), payments=tuple(_parts(due, events)), as_of=day
    )
    return Event.objects.filter(loan=loan).count()


def a_request(day: date, *, back_days: int) -> Callable[[], int]:
    """Return what pays the loan once over HTTP, counting from so many days ago; 0 is a plain
    payment. One plain payment goes before, so that nothing is done for the first time."""
    settings.API_RATE_LIMITS = dict.fromkeys(DEFAULT_RATES)
    client, loan_id = Client(SERVER_NAME="localhost"), Loan.objects.get().public_id
    _pay(client, loan_id, value_date=None)
    value_date = day - timedelta(days=back_days) if back_days else None
    return lambda: _pay(client, loan_id, value_date=value_date)


def _pay(client: Client, loan_id: str, *, value_date: date | None) -> int:
    order = {
        "loan_id": loan_id,
        "amount": 10,
        "payment_method": "UPI",
        "reference_id": f"BENCH-{uuid4()}",
    }
    if value_date is not None:
        order["value_date"] = value_date.isoformat()
    answer = client.post(
        "/api/v1/loans/payments", data=json.dumps(order), content_type="application/json"
    )
    if answer.status_code != 201:
        raise RuntimeError(answer.content.decode())
    return 1


def _offer(*, disbursed_on: date) -> Offer:
    product = LoanProduct.objects.create(
        code="FIVE_YEARS",
        name="Five years",
        interest_method="REDUCING_BALANCE",
        instalment_rounding="RUPEE",
        split_rounding="PAISA",
        indicative_rate_bps=1_600,
        minimum_amount_paise=25_000 * RUPEE,
        maximum_amount_paise=25 * 100_000 * RUPEE,
        amount_step_paise=1_000 * RUPEE,
        minimum_tenure_months=6,
        maximum_tenure_months=12 * YEARS,
        minimum_annual_income_paise=0,
        due_day=5,
        minimum_gap_days=15,
        penal_charge_paise=500 * RUPEE,
    )
    return make_offer(
        product,
        principal_paise=5 * 100_000 * RUPEE,
        tenure_months=12 * YEARS,
        annual_rate_bps=1_600,
        disbursed_on=disbursed_on,
    )


def _borrower() -> Borrower:
    return Borrower.objects.create(
        name="Of five years",
        email="five-years@example.com",
        annual_income_paise=18 * 100_000 * RUPEE,
        employment_type="SALARIED",
    )


def _parts(due: list[InstalmentPlan], events: int) -> Iterator[PastPayment]:
    numbers, each = count(1), max(1, round(events / len(due)))
    for row in due:
        part_paise = row.total_paise // each
        for part in range(each):
            last = part == each - 1
            yield PastPayment(
                value_date=row.due_date + timedelta(days=25 * part // each),
                amount_paise=row.total_paise - part_paise * part if last else part_paise,
                payment_method="UPI",
                reference_id=f"HISTORY-{next(numbers)}",
            )
