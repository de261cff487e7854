"""Gathering a statement: two messages to the database, however long the loan and its history."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, DateField, DateTimeField

from bright_credit.common.business_day import business_date_of
from bright_credit.common.errors import InvalidInput
from bright_credit.common.postgresql.messages import ReadyQuery, Rows, Slot, send
from loan.domain.effects import Effect
from loan.domain.in_force import PutOffInterest
from loan.domain.receipts import NOTHING, PaymentSplit, payment_splits
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import replay
from loan.domain.standing import InstalmentLine, instalment_lines
from loan.domain.terms import LoanTerms
from loan.models import Loan, Payment
from loan.selectors.calendar import CLOSED_THROUGH, date_in
from loan.selectors.events import events_in, reading_events
from loan.selectors.impairment import class_in, reading_class
from loan.selectors.loans import (
    loan_key,
    plans_in,
    reading_first_schedule,
    seen_loan,
    terms_of,
)
from statements.domain.history import (
    AllocationLine,
    ChargeLine,
    allocation_lines,
    charge_lines,
)
from statements.domain.statement import Summary, summary
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.selectors import borrowers_within


class StatementDateRefused(InvalidInput):
    """A statement is drawn for a day from the disbursement to today."""

    code = "statement_date_refused"


class StatementInstantRefused(InvalidInput):
    """A statement tells what was known at an instant since the loan is in the book, until today."""

    code = "statement_instant_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A payment with what it pays, as things stand; one that was reversed pays nothing."""

    payment: Payment
    split: PaymentSplit
    lines: tuple[AllocationLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A loan's statement as of a day, with the values that it was drawn from.

    `day_ended` says whether the day is over, so that what fell due on it is overdue. `known_at` is
    the instant as of which events are known; None is now.
    """

    loan: Loan
    terms: LoanTerms
    schedule: Sequence[InstalmentPlan]
    effects: tuple[Effect, ...]
    holidays: tuple[PutOffInterest, ...]
    as_of: date
    day_ended: bool
    known_at: datetime | None
    summary: Summary
    history: tuple[InstalmentLine, ...]
    upcoming: tuple[InstalmentLine, ...]
    charges: tuple[ChargeLine, ...]
    payments: tuple[PaymentLine, ...]


def statement(
    loan_id: str,
    *,
    as_of: date | None,
    today: date,
    caller: Caller = SYSTEM,
    known_at: datetime | None = None,
) -> Statement:
    """Return the statement of a loan the caller may reach, as of a day (default: now).

    It is drawn from the loan's events up to that day; with `known_at` from those booked by that
    instant, whichever day they count from, as it could be drawn then. Raises `LoanNotFound`,
    `StatementDateRefused` for a day before the disbursement or after today (with `known_at`, after
    the day of that instant), and `StatementInstantRefused`.
    """
    loan, now = loan_and_date(loan_id, today=today, caller=caller)
    if known_at is not None:
        now = min(now, _day_known(loan, known_at, today=now))
    day = now if as_of is None else as_of
    if not loan.disbursed_on <= day <= now:
        raise StatementDateRefused(
            f"Must lie between the disbursement on {loan.disbursed_on} and {now}.", field="as_of"
        )
    return statement_of(loan, day=day, day_ended=day < now, known_at=known_at)


def _day_known(loan: Loan, instant: datetime, *, today: date) -> date:
    """Return the day on which an instant lies, when the loan was known by then."""
    day = business_date_of(instant)
    if instant < loan.disbursed_at or day > today:
        raise StatementInstantRefused(
            f"Must lie between {loan.disbursed_at:%Y-%m-%dT%H:%M:%SZ}, when the loan was booked, "
            f"and {today}.",
            field="known_at",
        )
    return max(day, loan.disbursed_on)


@cache
def _to_state(kind: CallerKind) -> ReadyQuery[Loan]:
    """Return the query of a loan that a caller of a kind may reach, with what is named of it."""
    caller: Any = Slot("caller", BigIntegerField())
    named = Loan.objects.select_related("borrower", "product", "application")
    within = borrowers_within(Caller(kind, caller), path="borrower__")
    return ReadyQuery(named.filter(within, pk=Slot("loan", BigIntegerField())))


def loan_to_state(loan_id: str, *, caller: Caller = SYSTEM) -> Loan:
    """Return a loan the caller may reach, with what its statement and documents name of it.

    Raises `LoanNotFound`. The look is noticed for the access log.
    """
    (rows,) = send(_to_state(caller.kind).asking(loan=loan_key(loan_id), caller=caller.key))
    return _named_loan(rows, loan_id, caller=caller)


def loan_and_date(loan_id: str, *, today: date, caller: Caller = SYSTEM) -> tuple[Loan, date]:
    """Return `loan_to_state` and `current_date`, by one message."""
    rows, days = send(
        _to_state(caller.kind).asking(loan=loan_key(loan_id), caller=caller.key),
        CLOSED_THROUGH.asking(),
    )
    return _named_loan(rows, loan_id, caller=caller), date_in(days, today=today)


def _named_loan(rows: Rows, loan_id: str, *, caller: Caller) -> Loan:
    return seen_loan(_to_state(caller.kind).read(rows), loan_id, caller=caller)


@cache
def _payments(*, as_known: bool) -> ReadyQuery[Payment]:
    """Return the query of a loan's payments up to a day, as far as known at an instant."""
    rows = Payment.objects.filter(
        loan=Slot("loan", BigIntegerField()), value_date__lte=Slot("day", DateField())
    )
    if as_known:
        rows = rows.filter(event__booked_at__lte=Slot("known_at", DateTimeField()))
    return ReadyQuery(rows.order_by("value_date", "id"))


def statement_of(
    loan: Loan, *, day: date, day_ended: bool, known_at: datetime | None = None
) -> Statement:
    """Return the statement of a loan as of a day since its disbursement. One message."""
    terms = terms_of(loan)
    known = {} if known_at is None else {"known_at": known_at}
    paid = _payments(as_known=bool(known))
    payments, events, plans, changes = send(
        paid.asking(loan=loan.pk, day=day, **known),
        reading_events(loan, known_at=known_at),
        reading_first_schedule(loan),
        reading_class(loan.borrower_id, day, day_ended=day_ended, known_at=known_at),
    )
    history = replay(
        terms,
        events_in(events, until=day),
        day,
        schedule=plans_in(plans),
        day_ended=day_ended,
    )
    classed = class_in(changes)
    schedule = history.schedule
    allocations = allocation_lines(history.effects)
    lines = instalment_lines(
        schedule,
        history.position,
        as_of=day,
        day_ended=day_ended,
        last_paid_on={
            line.instalment_number: line.value_date
            for line in allocations
            if line.instalment_number is not None
        },
    )
    return Statement(
        loan=loan,
        terms=terms,
        schedule=schedule,
        effects=history.effects,
        holidays=history.in_force.capitalised,
        as_of=day,
        day_ended=day_ended,
        known_at=known_at,
        summary=summary(
            terms,
            schedule,
            history.position,
            as_of=day,
            day_ended=day_ended,
            borrower_npa_since=None if classed is None else classed.npa_since,
            marked=None if classed is None else classed.marked,
        ),
        history=lines.history,
        upcoming=lines.upcoming,
        charges=charge_lines(history.effects),
        payments=_payment_lines(paid.read(payments), allocations, payment_splits(history.effects)),
    )


def _payment_lines(
    payments: Iterable[Payment],
    allocations: Iterable[AllocationLine],
    splits: Mapping[str, PaymentSplit],
) -> tuple[PaymentLine, ...]:
    by_payment: defaultdict[str | None, list[AllocationLine]] = defaultdict(list)
    for line in allocations:
        by_payment[line.payment_key].append(line)
    return tuple(
        PaymentLine(
            payment=payment,
            split=splits.get(payment.reference_id, NOTHING),
            lines=tuple(by_payment[payment.reference_id]),
        )
        for payment in payments
    )
