"""I45, as far as it is true: whoever pays more, or sooner, owes no more for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from loan.domain.effects import Allocated, ChargeBooked, PenalLevied
from loan.domain.events import LoanEvent, PaymentReceived
from loan.domain.position import charges_unpaid_paise, due_unpaid, penal_unpaid_paise
from loan.domain.servicing import Step, replay
from tests.properties import as_many
from tests.unit.loan.histories import (
    History,
    charged,
    few_examples,
    histories_of_any_kind,
    paid,
    plain_terms,
)


def told(history: History, *events: LoanEvent) -> Step:
    return replay(history.terms, events, history.as_of, schedule=history.schedule)


def penal_levied_paise(step: Step) -> int:
    return sum(effect.amount_paise for effect in step.effects if isinstance(effect, PenalLevied))


def open_charges(step: Step) -> Iterator[tuple[date, date]]:
    """Yield from when until when each charge of a history was open, the ends included."""
    charges = {e.key: e for e in step.effects if isinstance(e, PenalLevied | ChargeBooked)}
    for key, charge in charges.items():
        met = [e for e in step.effects if isinstance(e, Allocated) and e.charge_key == key]
        settled = sum(e.charge_paise + e.penal_paise for e in met) == charge.amount_paise
        yield charge.levied_on, met[-1].value_date if settled else date.max


def free_of_charges(late: Step, one: PaymentReceived, *, sooner: date) -> bool:
    """Return whether no charge is open between two days, these included."""
    return not any(
        since <= one.value_date and until >= sooner for since, until in open_charges(late)
    )


@settings(max_examples=as_many(80), deadline=None)  # a charge is open in most of them
@given(histories_of_any_kind(), st.integers(1, 60), st.data())
def test_i45_paying_sooner_leaves_the_very_same_loan_where_no_charge_is_open(
    history: History, days: int, data: st.DataObject
) -> None:
    """Whatever the loan, its penal charges and its order of allocation: money that no charge takes
    waits for the dues that it would have met. The class can only be better, the closing sooner."""
    late = told(history, *history.events)
    moved = {
        one: max(history.terms.disbursed_on, one.value_date - timedelta(days=days))
        for one in history.events
        if isinstance(one, PaymentReceived)
    }
    free = [one for one, sooner in moved.items() if free_of_charges(late, one, sooner=sooner)]
    event("moved" if free else "nothing to move")
    if not free:
        return
    one = data.draw(st.sampled_from(free))
    others = [other for other in history.events if other is not one]
    early = told(history, *others, replace(one, value_date=moved[one]))
    assert replace(early.position, npa_since=None, closed_on=None) == replace(
        late.position, npa_since=None, closed_on=None
    )
    assert penal_levied_paise(early) == penal_levied_paise(late)
    if early.position.npa_since is not None:
        assert late.position.npa_since is not None
        assert late.position.npa_since <= early.position.npa_since
    if late.position.closed_on is not None:
        assert early.position.closed_on is not None
        assert early.position.closed_on <= late.position.closed_on


def test_i45_paying_sooner_costs_more_where_a_charge_takes_what_the_due_would_have_had() -> None:
    """Why the property above asks for days without an open charge.

    1,030 are due on 5 February, and a charge of 590 is open since the first. Paid on the day, the
    1,030 meet the due. Two days sooner nothing is due: 590 meet the charge, 440 are left for the
    due, and what is lacking of it draws the penal charge of 500.
    """
    terms, charge = plain_terms(penal_charge_paise=500_00), charged(date(2025, 2, 1), 590)
    until = date(2025, 2, 28)
    in_time = replay(terms, [charge, paid(date(2025, 2, 5), 1_030, sequence=1)], until)
    sooner = replay(terms, [charge, paid(date(2025, 2, 3), 1_030, sequence=1)], until)
    assert (penal_levied_paise(in_time), penal_levied_paise(sooner)) == (0, 500_00)
    assert due_unpaid(sooner.position, sooner.schedule, until) == 590_00


@few_examples
@given(histories_of_any_kind(), st.integers(1, 10**8), st.data())
def test_i45_paying_more_leaves_nothing_more_owed_whatever_the_loan(
    history: History, more_paise: int, data: st.DataObject
) -> None:
    """With every order of allocation, rule of penal charges, waiver and refund."""
    payments = [one for one in history.events if isinstance(one, PaymentReceived)]
    if not payments:
        return
    one = data.draw(st.sampled_from(payments))
    more = replace(one, amount_paise=one.amount_paise + more_paise)
    usual = told(history, *history.events)
    richer = told(history, *(more if happened is one else happened for happened in history.events))
    assert penal_levied_paise(richer) <= penal_levied_paise(usual)
    assert owed_paise(history, richer) <= owed_paise(history, usual)
    assert richer.position.next_number >= usual.position.next_number
    assert richer.position.principal_paid_paise >= usual.position.principal_paid_paise
    held_paise = richer.position.advance_paise + richer.position.excess_paise
    assert held_paise >= usual.position.advance_paise + usual.position.excess_paise


def owed_paise(history: History, step: Step) -> int:
    """Return what is due and unpaid, and the charges that are open."""
    due_paise = due_unpaid(step.position, step.schedule, history.as_of)
    return due_paise + charges_unpaid_paise(step.position) + penal_unpaid_paise(step.position)
