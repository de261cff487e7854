"""The life of a loan as a fold: terms and events in, the position on any date out.

On each date x, for one loan, in this order:
 1. the day-end of x − 1 has made the loan an NPA, if its oldest unpaid due is 90 days old, or if it
    was restructured on that day and not closed on it as well;
 2. a penal charge is levied, if x is the day after the days of grace of an unpaid instalment, or
    one that its rate or slabs name;
 3. the interest of a moratorium or a holiday that ends on x becomes principal, if so agreed;
 4. the instalment due on x is billed, and met from what is held in advance;
 5. the events of x happen, in their sequence;
 6. the day ends (which is point 1 of the next date).
The calendar's part (1 to 4, 6) is done whenever a step passes the date, so that nothing depends on
when a step was taken: one step across a year equals 365 steps of a day.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from bright_credit.common.errors import Conflict, InvalidInput
from loan.domain import calendar_steps
from loan.domain.event_steps import ChargeKeyTaken, require_possible, take
from loan.domain.events import (
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    ClassMarked,
    EventReversed,
    ExcessRefunded,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    WrittenOff,
    in_effect,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.penal import penal_charge_key
from loan.domain.position import (
    OpenCharge,
    Position,
    charges_unpaid_paise,
    due_unpaid,
    initial_position,
    oldest_unpaid_due_date,
    overdue_unpaid,
    paid_of,
    penal_unpaid_paise,
    principal_outstanding_paise,
    unpaid_of,
)
from loan.domain.schedule import InstalmentPlan, amortization_schedule
from loan.domain.terms import LoanTerms
from loan.domain.walk import Step, Walk

__all__ = [
    "BeforeDisbursement",
    "ChargeKeyTaken",
    "ChargeKind",
    "ChargeLevied",
    "ChargeWaived",
    "EventOutOfOrder",
    "EventReversed",
    "ExcessRefunded",
    "LoanAlreadyClosed",
    "LoanClosedRefusesPayment",
    "LoanEvent",
    "OpenCharge",
    "PaymentReceived",
    "Position",
    "Step",
    "advance_to",
    "apply",
    "charges_unpaid_paise",
    "due_unpaid",
    "end_day",
    "in_effect",
    "initial_position",
    "oldest_unpaid_due_date",
    "overdue_unpaid",
    "paid_of",
    "penal_charge_key",
    "penal_unpaid_paise",
    "position",
    "principal_outstanding_paise",
    "replay",
    "unpaid_of",
]


class EventOutOfOrder(Conflict):
    """The event is dated before what the position already holds: replay the loan with it."""

    code = "event_out_of_order"


class BeforeDisbursement(InvalidInput):
    """The date lies before the loan was disbursed."""

    code = "before_disbursement"


class LoanAlreadyClosed(Conflict):
    """Nothing more can be done to a loan on which nothing is owed."""

    code = "loan_closed"


class LoanClosedRefusesPayment(LoanAlreadyClosed):
    """The loan is closed: nothing is owed on it, and no payment is taken."""


def advance_to(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], position: Position, day: date
) -> Step:
    """Return the position on `day` with its due billed and met from advance; events come next.

    A day that the position has passed already changes nothing.
    """
    walk = Walk(terms, schedule, position)
    calendar_steps.begin_day(walk, day)
    return walk.step()


def end_day(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], position: Position, day: date
) -> Step:
    """Return the position at the end of `day`: advanced to it, and classified as at its end."""
    walk = Walk(terms, schedule, position)
    calendar_steps.end_day(walk, day)
    return walk.step()


def apply(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], position: Position, event: LoanEvent
) -> Step:
    """Return the position after one new event, having first advanced to its value date.

    Raises `BeforeDisbursement`; `LoanAlreadyClosed` (for a payment `LoanClosedRefusesPayment`) when
    nothing is owed any more; `EventOutOfOrder` when the position is past the event, or the event
    takes back another: replay then.
    """
    if isinstance(event, EventReversed) or event.replaces_schedule:
        raise EventOutOfOrder("what changes the terms or what has happened is told from the start")
    _require_since_disbursement(terms, event.value_date)
    _require_open(position, event)
    _require_in_order(position, event)
    walk = Walk(terms, schedule, position)
    calendar_steps.begin_day(walk, event.value_date)
    _require_open(walk.position, event)
    require_possible(walk, event)
    take(walk, event)
    return walk.step()


def replay(
    terms: LoanTerms,
    events: Iterable[LoanEvent],
    as_of: date,
    *,
    schedule: Sequence[InstalmentPlan] | None = None,
    day_ended: bool = True,
    new: LoanEvent | None = None,
) -> Step:
    """Return the loan's history to `as_of`: the position, and every effect since disbursement.

    Events after `as_of` are left out, so are those reversed; the others are taken by value date and
    sequence. What is recorded is never refused: a payment that finds the loan closed by others
    before it is held as excess. `new` is the event among them that is not recorded yet: it is
    refused like by `apply` when it finds the loan closed.
    """
    _require_since_disbursement(terms, as_of)
    plans = amortization_schedule(terms) if schedule is None else schedule
    walk = Walk(terms, plans, initial_position(terms))
    for event in in_effect(events):
        if event.value_date > as_of:
            break
        _require_since_disbursement(terms, event.value_date)
        calendar_steps.begin_day(walk, event.value_date)
        if event is new:
            _require_open(walk.position, event)
            require_possible(walk, event)
        take(walk, event)
    if day_ended:
        calendar_steps.end_day(walk, as_of)
    else:
        calendar_steps.begin_day(walk, as_of)
    return walk.step()


def position(
    terms: LoanTerms,
    events: Iterable[LoanEvent],
    as_of: date,
    *,
    schedule: Sequence[InstalmentPlan] | None = None,
    day_ended: bool = True,
) -> Position:
    """Return where the loan stands on `as_of`: at its end, or before it has ended."""
    return replay(terms, events, as_of, schedule=schedule, day_ended=day_ended).position


def _require_since_disbursement(terms: LoanTerms, day: date) -> None:
    if day < terms.disbursed_on:
        raise BeforeDisbursement(
            f"the loan was disbursed on {terms.disbursed_on:%d %B %Y}", field="value_date"
        )


def _require_open(position: Position, event: LoanEvent) -> None:
    if position.status is not LoanStatus.CLOSED:
        return
    if isinstance(event, PaymentReceived):
        raise LoanClosedRefusesPayment("the loan is closed: nothing is owed on it")
    if isinstance(event, ChargeLevied):
        raise LoanAlreadyClosed("the loan is closed: no charge can be put on it")
    marks = isinstance(event, ClassMarked) and event.asset_class is not None
    if marks or isinstance(event, RateChanged | Rescheduled | WrittenOff):
        raise LoanAlreadyClosed("the loan is closed: nothing can be changed of it")


def _require_in_order(position: Position, event: LoanEvent) -> None:
    """Refuse an event of a day that the position has left behind.

    That is a day before `as_of`, and also `as_of` itself once its day-end has made the loan an NPA:
    had the event come in time, that day-end would have followed it.
    """
    marked = position.npa_since
    if event.value_date < position.as_of or (marked is not None and event.value_date <= marked):
        raise EventOutOfOrder("the loan already stands at a later date", field="value_date")
