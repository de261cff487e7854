"""Finding loans, and reading one back as the values the core computes with."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar, overload

from django.db.models import F, Max, Model, QuerySet

from bright_credit.common.errors import NotFound
from bright_credit.common.public_id import year_and_key_of
from loan.domain.lifecycle import LoanStatus
from loan.domain.position import oldest_unpaid_due_date
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import (
    ChargeKind,
    ChargeLevied,
    LoanEvent,
    OpenCharge,
    PaymentReceived,
    Position,
)
from loan.domain.terms import InstalmentRounding, InterestMethod, LoanTerms, SplitRounding
from loan.models import Charge, Due, Instalment, Loan, Payment

Row = TypeVar("Row", bound=Model)

_POSITION_COLUMNS = (
    "next_number",
    "next_interest_paid_paise",
    "next_principal_paid_paise",
    "principal_paid_paise",
    "interest_paid_paise",
    "charges_paid_paise",
    "penal_paid_paise",
    "advance_paise",
    "excess_paise",
    "penal_levied_through",
    "npa_since",
    "closed_on",
)

#: The columns of a loan's row that hold its position.
POSITION_FIELDS = ("status", "position_date", "oldest_unpaid_due_date", *_POSITION_COLUMNS)


class LoanNotFound(NotFound):
    """There is no loan with this id."""

    code = "loan_not_found"


def loan_key(loan_id: str) -> int:
    """Return the primary key in a loan's public id. Raises `LoanNotFound` for anything else."""
    found = year_and_key_of(loan_id, prefix="LN-", width=4)
    if found is None:
        raise LoanNotFound("There is no loan with this id.", field="loan_id")
    return found[1]


def loan_by_public_id(loan_id: str, *, queryset: QuerySet[Loan] | None = None) -> Loan:
    """Return the loan, from `queryset` if given. Raises `LoanNotFound`."""
    loans = Loan.objects.all() if queryset is None else queryset
    loan = loans.filter(pk=loan_key(loan_id)).first()
    if loan is None or loan.public_id != loan_id:
        raise LoanNotFound("There is no loan with this id.", field="loan_id")
    return loan


def terms_of(loan: Loan) -> LoanTerms:
    """Return the loan's terms as the core knows them."""
    return LoanTerms(
        principal_paise=loan.principal_paise,
        annual_rate_bps=loan.annual_rate_bps,
        tenure_months=loan.tenure_months,
        interest_method=InterestMethod(loan.interest_method),
        instalment_rounding=InstalmentRounding(loan.instalment_rounding),
        split_rounding=SplitRounding(loan.split_rounding),
        disbursed_on=loan.disbursed_on,
        first_due_date=loan.first_due_date,
        due_day=loan.due_day,
        penal_grace_days=loan.penal_grace_days,
        penal_charge_paise=loan.penal_charge_paise,
    )


class LoadedSchedule(Sequence[InstalmentPlan]):
    """A schedule of which only the rows from `first_number` on were read: the paid ones rest."""

    def __init__(self, rows: Sequence[InstalmentPlan], *, length: int) -> None:
        self._rows = rows
        self._length = length
        self._skipped = length - len(rows)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> InstalmentPlan: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[InstalmentPlan]: ...

    def __getitem__(self, index: int | slice) -> InstalmentPlan | Sequence[InstalmentPlan]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._length)))
        place = index + self._length if index < 0 else index
        if not self._skipped <= place < self._length:
            raise IndexError(f"instalment {place + 1} was not loaded")
        return self._rows[place - self._skipped]


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan as stored, in the core's values, with the rows its charges stand in."""

    loan: Loan
    terms: LoanTerms
    schedule: Sequence[InstalmentPlan]
    position: Position
    charges: dict[str, Charge]


def plan_of(instalment: Instalment) -> InstalmentPlan:
    """Return a stored instalment as the core's value."""
    return InstalmentPlan(
        number=instalment.number,
        due_date=instalment.due_date,
        opening_principal_paise=instalment.opening_principal_paise,
        principal_paise=instalment.principal_paise,
        interest_paise=instalment.interest_paise,
    )


def schedule_of(loan: Loan, *, from_number: int = 1) -> LoadedSchedule:
    """Return the loan's schedule, reading only the rows from `from_number` on."""
    rows = Instalment.objects.filter(loan=loan, number__gte=from_number).order_by("number")
    return LoadedSchedule([plan_of(row) for row in rows], length=loan.tenure_months)


def open_charges() -> QuerySet[Charge]:
    """Return the charges not fully paid, in the order of levy."""
    return Charge.objects.filter(paid_paise__lt=F("amount_paise")).order_by("id")


def state_of(loan: Loan) -> LoanState:
    """Return everything the core needs to continue from the stored position. Three statements."""
    billed = Due.objects.filter(loan=loan).aggregate(last=Max("number"))["last"] or 0
    charges = {charge.key: charge for charge in open_charges().filter(loan=loan)}
    return LoanState(
        loan=loan,
        terms=terms_of(loan),
        schedule=schedule_of(loan, from_number=loan.next_number),
        position=stored_position(loan, billed_through=billed, open_charges=charges.values()),
        charges=charges,
    )


def stored_position(loan: Loan, *, billed_through: int, open_charges: Iterable[Charge]) -> Position:
    """Return the position that the loan's row and its open charges hold."""
    return Position(
        as_of=loan.position_date,
        status=LoanStatus(loan.status),
        billed_through=billed_through,
        next_number=loan.next_number,
        next_interest_paid_paise=loan.next_interest_paid_paise,
        next_principal_paid_paise=loan.next_principal_paid_paise,
        principal_paid_paise=loan.principal_paid_paise,
        interest_paid_paise=loan.interest_paid_paise,
        charges_paid_paise=loan.charges_paid_paise,
        penal_paid_paise=loan.penal_paid_paise,
        advance_paise=loan.advance_paise,
        excess_paise=loan.excess_paise,
        open_charges=tuple(
            OpenCharge(
                key=charge.key,
                kind=ChargeKind(charge.kind),
                levied_on=charge.levied_on,
                amount_paise=charge.amount_paise,
                paid_paise=charge.paid_paise,
                instalment_number=charge.instalment_number,
            )
            for charge in open_charges
        ),
        penal_levied_through=loan.penal_levied_through,
        npa_since=loan.npa_since,
        closed_on=loan.closed_on,
    )


def place(loan: Loan, position: Position, schedule: Sequence[InstalmentPlan]) -> None:
    """Put a position into the columns of a loan's row, without saving it."""
    for name in _POSITION_COLUMNS:
        setattr(loan, name, getattr(position, name))
    loan.status = position.status.value
    loan.position_date = position.as_of
    loan.oldest_unpaid_due_date = oldest_unpaid_due_date(position, schedule)


def events_of(payments: Iterable[Payment], charges: Iterable[Charge]) -> list[LoanEvent]:
    """Return a loan's events in the order they were booked.

    Penal charges are no events: the calendar brings them, and the fold finds them again. Keys tell
    the order of payments, and that of charges; instants tell one from the other.
    """
    booked: list[tuple[datetime, LoanEvent]] = [
        (
            received_at,
            PaymentReceived(
                key=payment.reference_id,
                value_date=payment.value_date,
                sequence=payment.pk,
                amount_paise=payment.amount_paise,
            ),
        )
        for payment, received_at in _never_earlier(payments, lambda payment: payment.received_at)
    ]
    booked += [
        (
            levied_at,
            ChargeLevied(
                key=charge.key,
                kind=ChargeKind(charge.kind),
                value_date=charge.levied_on,
                sequence=charge.pk,
                amount_paise=charge.amount_paise,
            ),
        )
        for charge, levied_at in _never_earlier(charges, lambda charge: charge.levied_at)
        if charge.kind != Charge.Kind.PENAL
    ]
    booked.sort(key=lambda pair: pair[0])
    return [replace(event, sequence=place) for place, (_, event) in enumerate(booked)]


def _never_earlier(
    rows: Iterable[Row], instant_of: Callable[[Row], datetime]
) -> Iterator[tuple[Row, datetime]]:
    """Yield rows by key, each with its instant, or an earlier row's later one: clocks step back."""
    latest = datetime.min.replace(tzinfo=UTC)
    for row in sorted(rows, key=lambda row: row.pk):
        latest = max(latest, instant_of(row))
        yield row, latest
