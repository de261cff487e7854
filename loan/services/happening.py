"""Letting something happen to a loan: every event of every kind comes in here.

In order, the loan goes on from where it stands; an event of the past, one taken back, and one that
brings another schedule have the history told anew and the difference written. Both are computed
first, without writing (that is the preview), and written in the same transaction under the loan's
row lock.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Subquery

from bright_credit.common.errors import InvalidInput
from bright_credit.common.postgresql.messages import (
    ReadyQuery,
    Rows,
    Slot,
    Statement,
    insertion,
    send,
)
from loan.domain.comparison import Comparison, Side, compare
from loan.domain.effects import InstalmentBilled
from loan.domain.servicing import EventReversed, LoanEvent, advance_to
from loan.models import Event, Loan, Payment
from loan.selectors.events import content_of
from loan.selectors.impairment import classified
from loan.selectors.loans import LoanNotFound, LoanState, loan_key
from loan.selectors.standing_date import standing_date
from loan.selectors.telling import NextStep, Retelling, next_step, retell
from loan.services.announcing import tell_of_event
from loan.services.business_day import held_date, hold_schedules_alone, holding_the_day
from loan.services.correcting import record_retelling
from loan.services.impairment import follow
from loan.services.noticing import notice_event
from loan.services.recording import record_step
from users.domain import callers
from users.domain.callers import Caller, CallerKind
from users.selectors import borrowers_within, listening_endpoints

__all__ = [
    "SYSTEM",
    "Author",
    "FutureValueDate",
    "Telling",
    "comparison_of",
    "counting_events",
    "lock_day_and_loan",
    "lock_loan",
    "lock_loan_to_replace",
    "lock_loan_to_retell",
    "next_sequence",
    "sequence_after",
    "standing_date",
    "tell",
    "value_date_for",
    "write",
]


class FutureValueDate(InvalidInput):
    """Nothing can count from a day that has not come."""

    code = "future_value_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who lets something happen, and why."""

    actor: str = "system"
    reason: str = ""


SYSTEM = Author()

Telling = NextStep | Retelling

#: Asked with the lock, so that a loan that nobody listens for costs no statement more.
LISTENED_TO = Exists(listening_endpoints().filter(partner=OuterRef("borrower__partner_id")))


_LAST_SEQUENCE: ReadyQuery[Event] = ReadyQuery(
    Event.objects.filter(loan=Slot("loan", BigIntegerField()))
    .order_by("-sequence")
    .values_list("sequence")[:1]
)


@cache
def _to_lock(kind: CallerKind) -> ReadyQuery[Loan]:
    """Return the query that locks a loan which a caller of a kind may reach, and its borrower's."""
    caller: Any = Slot("caller", BigIntegerField())
    loan = Loan.objects.filter(pk=Slot("loan", BigIntegerField()))
    locked: Any = Loan.objects.select_for_update(no_key=True, of=("self",)).filter(
        borrowers_within(Caller(kind, caller), path="borrower__"),
        borrower=Subquery(loan.values("borrower")[:1]),
    )
    return ReadyQuery(locked.annotate(listened_to=LISTENED_TO).order_by("pk"))


def _locking(loan_id: str, caller: Caller) -> Statement:
    return _to_lock(caller.kind).asking(loan=loan_key(loan_id), caller=caller.key)


def _locked(rows: Rows, loan_id: str, caller: Caller) -> Loan:
    for loan in _to_lock(caller.kind).read(rows):
        if loan.public_id == loan_id:
            return loan
    raise LoanNotFound("There is no loan with this id.", field="loan_id")


def lock_loan(loan_id: str, *, caller: Caller = callers.SYSTEM) -> Loan:
    """Return a loan the caller may reach, its row locked until the transaction ends.

    All loans of the borrower are locked with it, in the order of their keys: what happens to one
    may change the borrower's class, and with it what the others have in suspense. The lock leaves
    the rows' keys readable, so that dues billed meanwhile may refer to them. Raises `LoanNotFound`.
    """
    (rows,) = send(_locking(loan_id, caller))
    return _locked(rows, loan_id, caller)


def lock_day_and_loan(loan_id: str, *, as_of: date, caller: Caller) -> tuple[date, Loan]:
    """Keep the open day open, then lock a loan; return both. `hold_open_date` and `lock_loan`."""
    *day, rows = send(*holding_the_day(), _locking(loan_id, caller))
    return held_date(day, as_of=as_of), _locked(rows, loan_id, caller)


def lock_loan_to_retell(loan_id: str, *, caller: Caller = callers.SYSTEM) -> Loan:
    """Return the loan locked, and its schedule with it where it was replaced before.

    The history of such a loan, told anew, may give it other instalments: no chunk of a billing run
    may bill them meanwhile. Schedules come before loans in the order of locks, so who finds out
    under the loan's lock that schedules have to be held gives the loan back first.
    """
    with suppress(_ScheduleMayChange), transaction.atomic():
        loan = lock_loan(loan_id, caller=caller)
        if loan.schedule_version == 1:
            return loan
        raise _ScheduleMayChange
    return lock_loan_to_replace(loan_id, caller=caller)


def lock_loan_to_replace(loan_id: str, *, caller: Caller = callers.SYSTEM) -> Loan:
    """Return the loan locked for a change of its schedule: no chunk of a billing run goes on."""
    hold_schedules_alone()
    return lock_loan(loan_id, caller=caller)


class _ScheduleMayChange(Exception):
    """The loan is given back, to hold schedules before it."""


def value_date_for(loan: Loan, *, wished: date | None, open_date: date) -> date:
    """Return the date that an event counts from: as wished, or now. Raises `FutureValueDate`."""
    if wished is None:
        return standing_date(loan, open_date)
    if wished > open_date:
        raise FutureValueDate(
            f"Must not be later than {open_date}, the open business date.", field="value_date"
        )
    return wished


def next_sequence(loan: Loan) -> int:
    """Return the number of the loan's next event; its row is locked, or nothing will be written."""
    (rows,) = send(counting_events(loan))
    return sequence_after(rows)


def counting_events(loan: Loan) -> Statement:
    """Return the statement whose rows `sequence_after` takes."""
    return _LAST_SEQUENCE.asking(loan=loan.pk)


def sequence_after(rows: Rows) -> int:
    """Return the number that follows the last event's."""
    return rows[0][0] + 1 if rows else 1


def tell(
    loan: Loan,
    event: LoanEvent,
    *,
    open_date: date,
    with_it: Sequence[LoanEvent] = (),
    state: LoanState | None = None,
) -> Telling:
    """Return what an event would change. Raises what the core refuses it with.

    `with_it` are events that come of a reversal, numbered after it; `state` is what `state_of` the
    loan returns, when it was read already.
    """
    on = standing_date(loan, open_date)
    if event.value_date < on or isinstance(event, EventReversed) or event.replaces_schedule:
        return retell(loan, event, on=on, with_it=with_it)
    return next_step(loan, event, state=state)


def write(
    told: Telling,
    *,
    by: Author,
    booked_on: date,
    payment: Payment | None = None,
    reverses: Event | None = None,
) -> Event:
    """Write an event with all that it changes; the loan is locked. `booked_on` is the open date.

    Its payment, if it is one, has its key and is written with it.
    """
    loan = told.state.loan
    was = loan.status
    reclassified = classified(told)
    event = _row(loan, told.event, by=by, booked_on=booked_on)
    event.payment, event.reverses = payment, reverses
    cause = (*insertion(() if payment is None else (payment,)), *insertion((event,)))
    match told:
        case NextStep():
            record_step(told.state, told.step, event=event, payment=payment, with_it=cause)
        case Retelling(with_it=with_it):
            send(*cause)
            if with_it:
                Event.objects.bulk_create(
                    _row(loan, other, by=by, booked_on=booked_on) for other in with_it
                )
            record_retelling(told, event=event, payment=payment)
    tell_of_event(loan, event, was=was, payment=payment, billed=_brings_bills(told))
    notice_event(loan, event, was=was, payment=payment)
    follow(loan, told.step, reclassified, event=event)
    return event


def _brings_bills(told: Telling) -> bool:
    effects = told.step.effects if isinstance(told, NextStep) else told.difference.appeared
    return any(isinstance(effect, InstalmentBilled) for effect in effects)


def _row(loan: Loan, event: LoanEvent, *, by: Author, booked_on: date) -> Event:
    content = content_of(event)
    return Event(
        loan=loan,
        sequence=event.sequence,
        kind=content.kind,
        value_date=event.value_date,
        booked_on=max(booked_on, event.value_date),
        actor=by.actor,
        reason=by.reason,
        payload=content.payload,
    )


def comparison_of(told: Telling) -> Comparison:
    """Return the loan before and after an event, as of the date that it is told to."""
    state, step = told.state, told.step
    stands = classified(told)
    after = Side(step.schedule, step.position, npa_since=stands.npa_since, marked=stands.marked)
    stood_since, marked = state.loan.borrower_npa_since, state.loan.marked_class
    match told:
        case NextStep():
            waiting = advance_to(state.terms, state.schedule, state.position, told.event.value_date)
            return compare(
                Side(state.schedule, waiting.position, npa_since=stood_since, marked=marked),
                after,
                appeared=step.effects[len(waiting.effects) :],
                vanished=(),
                as_of=step.position.as_of,
            )
        case Retelling():
            return compare(
                Side(state.schedule, told.before, npa_since=stood_since, marked=marked),
                after,
                appeared=told.difference.appeared,
                vanished=[one.effect for one in told.difference.vanished],
                as_of=step.position.as_of,
            )
