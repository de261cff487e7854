"""Writing the sample book as a fixture for `loaddata`: built in a transaction that is undone.

Instants are put to their business dates, so that the same code always gives the same file.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.core import serializers
from django.db import connection, models, transaction

from bright_credit.common.business_day import INDIA
from credit.models import CreditScore
from ledger.models import Account, Entry, Transfer
from loan.models import (
    AffordabilitySlab,
    Allocation,
    ApplicationDecision,
    AssetClassChange,
    BusinessDay,
    Charge,
    Due,
    Event,
    Instalment,
    Loan,
    LoanApplication,
    LoanProduct,
    Payment,
    PricingBand,
)
from loan.services.demo.sample import build_sample
from loan.services.demo.sample_story import BORROWERS
from users.models import Borrower

_OFFICE_OPENS = time(9, 30)

#: What the fixture holds, referred to before referring, each with the field of its instant.
_TABLES: tuple[tuple[type[models.Model], str | None], ...] = (
    (Account, None),
    (LoanProduct, None),
    (PricingBand, None),
    (AffordabilitySlab, None),
    (BusinessDay, None),
    (Borrower, "registered_at"),
    (CreditScore, "computed_at"),
    (LoanApplication, "submitted_at"),
    (ApplicationDecision, "decided_at"),
    (Loan, "disbursed_at"),
    (Instalment, None),
    (Due, "billed_at"),
    (Charge, "levied_at"),
    (Payment, "received_at"),
    (Event, "booked_at"),
    (AssetClassChange, "booked_at"),
    (Allocation, "booked_at"),
    (Entry, "booked_at"),
    (Transfer, None),
)


class BookNotEmpty(RuntimeError):
    """The sample book is built in a database that holds no borrowers and no books yet."""


def sample_fixture() -> str:
    """Return the sample book as JSON; the database is left as it was. Raises `BookNotEmpty`."""
    if Borrower.objects.exists() or Entry.objects.exists() or LoanProduct.objects.exists():
        raise BookNotEmpty(
            "The sample data are built in an empty database: one that is migrated and holds no "
            "borrowers, products or journal entries."
        )
    with transaction.atomic():
        _number_from_one()
        build_sample()
        text: str = serializers.serialize("json", _rows(), indent=1)
        transaction.set_rollback(True)
    return text + "\n"


def _number_from_one() -> None:
    """Let keys begin at 1 whatever was tried in this database before; undone with the rest."""
    with connection.cursor() as cursor:
        for model, _ in _TABLES:
            if isinstance(model._meta.pk, models.BigAutoField):
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH 1")


def _rows() -> Iterator[models.Model]:
    for model, instant in _TABLES:
        for row in model._default_manager.order_by("pk"):
            if instant is not None:
                setattr(row, instant, _instant(row))
            yield row


def _instant(row: models.Model) -> datetime:
    """Return a moment of the row's business date; rows of a day keep the order of their keys."""
    key = row.pk[-1] if isinstance(row.pk, Sequence) else row.pk
    opened = datetime.combine(_business_date(row), _OFFICE_OPENS, tzinfo=INDIA)
    return opened + timedelta(seconds=key)


def _business_date(row: models.Model) -> date:
    match row:
        case Borrower():
            return next(person.registered_on for person in BORROWERS if person.key == row.pk)
        case CreditScore():
            return row.as_of_date
        case LoanApplication():
            return row.submitted_on
        case ApplicationDecision():
            return row.application.submitted_on
        case Loan():
            return row.disbursed_on
        case Due():
            return row.due_date
        case Charge():
            return row.levied_on
        case Event() | AssetClassChange():
            return row.booked_on
        case Payment() | Allocation() | Entry():
            return row.value_date
        case _:
            raise TypeError(f"{type(row).__name__} has no instant")
