"""`python -m benchmarks.api.book`: writes the book that is measured, and says what a call costs.

A program of its own, because it needs the settings of the server that is measured. It prints JSON:
the partner's key, the loans, and the SQL of one payment, one statement and one call that does
nothing, each as literal text.
"""

import json
import sys
from datetime import date, timedelta
from typing import Any

import django

LOANS = 50
RUPEE = 100


def main() -> None:
    """Write the book and describe it."""
    django.setup()
    from django.utils import timezone

    from bright_credit.common import business_day
    from loan.services.payments import PaymentOrder, post_payment
    from users.domain.scopes import Scope
    from users.models import Partner
    from users.services.partners import make_partner_key

    today = business_day.today()
    partner = Partner.objects.create(name="Benchmark")
    key = make_partner_key(
        partner, scopes=[scope.value for scope in Scope], expires_at=None, now=timezone.now()
    ).text
    loans = [_a_loan(number, partner.pk, today=today) for number in range(LOANS)]
    long = _a_loan(LOANS, partner.pk, today=today, instalments=360)
    for loan in loans:  # what has fallen due is billed by the first payment, before any is measured
        order = PaymentOrder(
            loan_id=loan, amount_paise=RUPEE, payment_method="UPI", reference_id=f"FIRST-{loan}"
        )
        post_payment(order, as_of=today)
    # Its SQL is executed again and again and rolled back, so nothing else may happen to that loan.
    *paid, untouched = loans
    described: dict[str, Any] = {"key": key, "loans": paid, "long_loan": long}
    described["statements"] = _statements_of_calls(key, untouched, long)
    sys.stdout.write(json.dumps(described))


def _a_loan(number: int, partner: int, *, today: date, instalments: int = 24) -> str:
    """Take over a loan with its first instalment due, of a borrower of the partner."""
    from stdnum import verhoeff

    from loan.models import LoanProduct
    from loan.services.offering import make_offer
    from loan.services.takeover import take_over_loan
    from users.domain.callers import Caller, CallerKind
    from users.services.registration import register_borrower

    body = f"7{number:010d}"
    borrower = register_borrower(
        aadhaar_number=body + str(verhoeff.calc_check_digit(body)),
        name="Benchmark Borrower",
        email=f"bench{number}@example.com",
        annual_income_paise=18_00_000 * RUPEE,
        employment_type="SALARIED",
        as_of=today,
        caller=Caller(CallerKind.PARTNER, partner),
    ).borrower
    offer = make_offer(
        LoanProduct.objects.get(code="PERSONAL_LOAN"),
        principal_paise=instalments * 20_000 * RUPEE,
        tenure_months=instalments,
        annual_rate_bps=1_600,
        disbursed_on=today - timedelta(days=60),
    )
    return take_over_loan(offer, borrower=borrower, as_of=today).public_id


def _statements_of_calls(key: str, loan: str, long: str) -> dict[str, list[str]]:
    payment = {
        "loan_id": loan,
        "amount": 100,
        "payment_method": "UPI",
        "reference_id": "CAPTURED",
    }
    nothing = _captured(key, "POST", "/api/v1/nothing", payment)
    return {
        "nothing": nothing,
        "payment": _captured(key, "POST", "/api/v1/loans/payments", payment),
        "statement": _captured(key, "GET", f"/api/v1/statements?loan_id={long}"),
    }


def _captured(key: str, method: str, path: str, body: object = None) -> list[str]:
    """Return the SQL of a call, which leaves nothing behind."""
    from django.db import connection, transaction
    from django.test import Client

    seen: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            seen.append(cursor.mogrify(sql, params) if params else str(sql))
        return execute(sql, params, many, context)

    client = Client(HTTP_HOST="127.0.0.1", HTTP_AUTHORIZATION=f"Bearer {key}")
    with transaction.atomic():
        with connection.execute_wrapper(note):
            answer = client.generic(
                method, path, json.dumps(body) if body else "", content_type="application/json"
            )
        transaction.set_rollback(True)
    if answer.status_code not in {200, 201}:
        raise SystemExit(f"{path} was answered {answer.status_code}: {answer.content[:500]!r}")
    return seen


if __name__ == "__main__":
    main()
