"""A small book to bill: built fast, and compared by all that a run may leave in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from benchmarks.choices import Layout, PortfolioSpec
from benchmarks.portfolio import build
from loan.models import BillingRun, Loan
from loan.selectors.loans import POSITION_FIELDS

DAY = date(2026, 6, 16)

_JOURNAL = """
SELECT e.value_date, e.kind, t.debit_id, t.credit_id,
       CASE WHEN t.loan_id IS NULL THEN split_part(e.reference, '/', 3)
            ELSE 'loan ' || t.loan_id END,
       sum(t.amount_paise)::bigint
FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id
WHERE e.reference NOT LIKE 'OPENING/%%'
GROUP BY 1, 2, 3, 4, 5
"""
_ROWS = {
    "dues": "SELECT loan_id, number, due_date, principal_paise, interest_paise FROM loan_due",
    "charges": "SELECT loan_id, key, levied_on, amount_paise, paid_paise FROM loan_charge",
    "allocations": "SELECT loan_id, source, value_date, instalment_number, interest_paise,"
    " principal_paise, charge_paise FROM loan_allocation",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What is in the books, without keys and instants: the same however a run came about."""

    loans: dict[int, tuple[object, ...]]
    rows: dict[str, Counter[tuple[object, ...]]]
    journal: dict[tuple[object, ...], int]


def a_book(loans: int, *, layout: Layout = Layout.SPREAD, day: date = DAY) -> PortfolioSpec:
    """Write a book as of the morning of `day`, with arrears and advances in it."""
    spec = PortfolioSpec(loans=loans, day=day, layout=layout, constant_dues=loans // 60)
    connection.ensure_connection()
    with transaction.atomic():
        build(connection.connection, spec)
    _execute("ANALYZE loan_loan, loan_instalment, loan_due")
    return spec


def content() -> Content:
    """Return all that the loans and the journal say."""
    fields = ("pk", *POSITION_FIELDS)
    return Content(
        loans={row[0]: row[1:] for row in Loan.objects.values_list(*fields)},
        rows={name: Counter(_execute(sql)) for name, sql in _ROWS.items()},
        journal={row[:-1]: row[-1] for row in _execute(_JOURNAL)},
    )


def runs() -> list[tuple[date, str]]:
    """Return the days of the runs with their states."""
    return list(BillingRun.objects.order_by("business_date").values_list("business_date", "status"))


def _execute(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows
