"""What an event would change of a loan: the next step, or its history told anew. Writes nothing.

The preview of a change and the change itself are this same value; see `services.happening`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from loan.domain.difference import Difference, difference
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import (
    EventReversed,
    LoanEvent,
    Position,
    Step,
    advance_to,
    apply,
    replay,
)
from loan.models import Charge, Loan
from loan.selectors.events import events_of
from loan.selectors.loans import (
    LoanState,
    billed_through,
    first_schedule_of,
    schedule_of,
    state_of,
    stored_position,
    terms_of,
)
from loan.selectors.recorded import PaymentUse, live_charges, payment_uses, recorded_effects


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """An event in its order: the loan goes on from where it is stored to stand."""

    state: LoanState
    event: LoanEvent
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Retelling:
    """An event of the past: the whole history with it, and how that differs from the record.

    `with_it` are events that come of it, such as the charge for a bounce, numbered after it.
    `before` is where the loan stands on the same date without the event.
    """

    state: LoanState
    event: LoanEvent
    with_it: tuple[LoanEvent, ...]
    since: date
    step: Step
    before: Position
    difference: Difference[int]
    uses: Mapping[str, PaymentUse]


def next_step(loan: Loan, event: LoanEvent, *, state: LoanState | None = None) -> NextStep:
    """Return what an event dated where the loan stands, or later, brings.

    `state` is what `state_of` returns, when it was read already.
    """
    if state is None:
        state = state_of(loan)
    return NextStep(
        state=state,
        event=event,
        step=apply(state.terms, state.schedule, state.position, event),
    )


def retell(
    loan: Loan, event: LoanEvent, *, on: date, with_it: Sequence[LoanEvent] = ()
) -> Retelling:
    """Return the loan's history to `on`, with an event that comes late, or without one taken back.

    `on` is the date that the loan stands at, or later; it has not ended. Raises what the core
    raises for a new event: `BeforeDisbursement`, `LoanClosedRefusesPayment`.
    """
    state = _whole_state(loan)
    events = events_of(loan)
    step = replay(
        state.terms,
        [*events, event, *with_it],
        on,
        schedule=first_schedule_of(loan),
        day_ended=False,
        new=event,
    )
    # The calendar may have moved on, unrecorded, since the loan was last written.
    since = min(_since(event, events), loan.position_date)
    uses = payment_uses(loan)
    recorded = recorded_effects(loan, since=since, charges=state.charges, uses=uses, events=events)
    return Retelling(
        state=state,
        event=event,
        with_it=tuple(with_it),
        since=since,
        step=step,
        before=advance_to(state.terms, state.schedule, state.position, on).position,
        difference=difference(recorded, step.effects, since=since),
        uses=uses,
    )


def _whole_state(loan: Loan) -> LoanState:
    """Return the loan's state with its whole schedule and all charges that count, paid ones too."""
    schedule: Sequence[InstalmentPlan] = schedule_of(loan)
    charges: dict[str, Charge] = {charge.key: charge for charge in live_charges(loan)}
    return LoanState(
        loan=loan,
        terms=terms_of(loan),
        schedule=schedule,
        position=stored_position(
            loan,
            billed_through=billed_through(loan),
            open_charges=[
                charge for charge in charges.values() if charge.paid_paise < charge.amount_paise
            ],
        ),
        charges=charges,
    )


def _since(event: LoanEvent, events: Sequence[LoanEvent]) -> date:
    """Return the date from which the history differs."""
    if not isinstance(event, EventReversed):
        return event.value_date
    return next(told.value_date for told in events if told.sequence == event.reverses)
