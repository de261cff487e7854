"""Building a portfolio: drawn from a seed, scheduled by the core, written set by set."""

from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import portfolio_sql
from benchmarks.choices import PortfolioSpec, draw
from benchmarks.indexing import indexes_made_later
from benchmarks.shapes import PENAL_CHARGE_PAISE, PENAL_GRACE_DAYS, Shape, due_dates, shapes
from ledger.domain.chart import AccountCode
from loan.domain.delinquency import NPA_DAYS

#: Loans written by one set of statements: small enough to be sorted in memory.
SLICE_LOANS = 20_000

#: Tables whose indexes are made after the rows are in, which is several times as fast.
_INDEXED_LATER = (
    "loan_instalment",
    "loan_due",
    "loan_allocation",
    "loan_event",
    "loan_payment",
    "loan_loan",
)
_NUMBERED = ("users_borrower", "loan_loan")

Cursor = psycopg.Cursor[Any]
Progress = Callable[[int, int], None]

#: Each opening entry: its kind, debit and credit, and which of the opening sums it carries.
_OPENING_TRANSFERS = (
    ("DISBURSEMENT", AccountCode.LOAN_PRINCIPAL, AccountCode.BANK),
    ("INTEREST_DUE", AccountCode.INTEREST_RECEIVABLE, AccountCode.INTEREST_INCOME),
    ("PAYMENT", AccountCode.BANK, AccountCode.BORROWER_ADVANCES),
    ("ADVANCE_APPLIED", AccountCode.BORROWER_ADVANCES, AccountCode.INTEREST_RECEIVABLE),
    ("ADVANCE_APPLIED", AccountCode.BORROWER_ADVANCES, AccountCode.LOAN_PRINCIPAL),
    ("PENAL_CHARGE", AccountCode.PENAL_RECEIVABLE, AccountCode.PENAL_INCOME),
    ("INCOME_SUSPENDED", AccountCode.INTEREST_INCOME, AccountCode.INCOME_SUSPENSE),
    ("INCOME_SUSPENDED", AccountCode.PENAL_INCOME, AccountCode.INCOME_SUSPENSE),
)


def no_progress(done: int, total: int) -> None:
    """Report to nobody."""


def build(
    connection: psycopg.Connection[Any], spec: PortfolioSpec, *, progress: Progress = no_progress
) -> None:
    """Write a portfolio into an empty, migrated database, inside the caller's transaction.

    Foreign keys are not checked row by row while it is written, which needs a superuser; the tests
    hold the result to the audit of the books.
    """
    values = {
        "closed_through": spec.day - timedelta(days=1),
        "day": spec.day - timedelta(days=1),
        "opened": datetime.combine(spec.day - timedelta(days=200), time(), tzinfo=UTC),
        "grace": PENAL_GRACE_DAYS,
        "penal": PENAL_CHARGE_PAISE,
        "npa_days": NPA_DAYS,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        _write_choices(cursor, spec)
        cursor.execute(portfolio_sql.PRODUCTS, values)
        with indexes_made_later(cursor, *_INDEXED_LATER):
            for low in range(1, spec.loans + 1, SLICE_LOANS):
                high = min(low + SLICE_LOANS - 1, spec.loans)
                for statement in portfolio_sql.SLICES:
                    cursor.execute(statement, {**values, "low": low, "high": high})
                progress(high, spec.loans)
        _open_books(cursor, values)
        _advance_sequences(cursor)
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("DROP TABLE choice, shape, shape_row, shape_sum, due_date")


def _write_choices(cursor: Cursor, spec: PortfolioSpec) -> None:
    kinds = shapes()
    cursor.execute(portfolio_sql.TEMPORARY_TABLES)
    text = StringIO()
    draw(spec, shapes=len(kinds)).to_csv(text, index=False, header=False)
    with cursor.copy("COPY choice FROM STDIN (FORMAT csv)") as copy:
        copy.write(text.getvalue())
    with cursor.copy("COPY shape FROM STDIN") as copy:
        for kind in kinds:
            copy.write_row(_shape_row(kind))
    with cursor.copy("COPY shape_row FROM STDIN") as copy:
        for kind in kinds:
            for plan in kind.plans:
                copy.write_row(
                    (
                        kind.key,
                        plan.number,
                        plan.opening_principal_paise,
                        plan.principal_paise,
                        plan.interest_paise,
                    )
                )
    with cursor.copy("COPY due_date FROM STDIN") as copy:
        for due in due_dates(spec.day):
            copy.write_row(astuple(due))
    cursor.execute(portfolio_sql.SUMS)


def _shape_row(kind: Shape) -> tuple[object, ...]:
    terms = kind.terms
    return (
        kind.key,
        kind.product,
        terms.principal_paise,
        terms.annual_rate_bps,
        terms.tenure_months,
        terms.interest_method.value,
        terms.instalment_rounding.value,
        terms.split_rounding.value,
        kind.instalment_paise,
    )


def _open_books(cursor: Cursor, values: dict[str, Any]) -> None:
    """Book what led to the positions as one entry for each kind of movement."""
    cursor.execute(portfolio_sql.OPENING_SUMS)
    sums = cursor.fetchone() or ()
    for (kind, debit, credit), amount in zip(_OPENING_TRANSFERS, sums, strict=True):
        if not amount:
            continue
        accounts = {"debit": debit.value, "credit": credit.value}
        reference = f"OPENING/{kind}/{debit.value}/{credit.value}"
        cursor.execute(portfolio_sql.ENTRY, {**values, "kind": kind, "reference": reference})
        entry = (cursor.fetchone() or (None,))[0]
        cursor.execute(portfolio_sql.TRANSFER, {**accounts, "entry": entry, "amount": amount})
    cursor.execute(portfolio_sql.BUSINESS_DAY, values)


def _advance_sequences(cursor: Cursor) -> None:
    """Let the next rows written by the application follow those written here."""
    for table in _NUMBERED:
        cursor.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {}").format(
                sql.Identifier(table)
            ),
            [table],
        )
