"""Invariants of any history that no other test holds; docs/invariants.md lists them all."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loan.domain.difference import Recorded, RecordedEffect, difference
from loan.domain.effects import (
    Allocated,
    AllocationSource,
    ChargeBooked,
    Effect,
    InstalmentBilled,
    PenalLevied,
)
from loan.domain.events import ChargeLevied, PaymentReceived
from loan.domain.servicing import Step, charges_unpaid_paise, penal_unpaid_paise, replay, unpaid_of
from tests.unit.loan.histories import History, few_examples, histories


def replayed(history: History, as_of: date | None = None) -> Step:
    return replay(history.terms, history.events, as_of or history.as_of, schedule=history.schedule)


@few_examples
@given(histories())
def test_i13_what_was_billed_or_levied_is_paid_waived_or_owed(history: History) -> None:
    step = replayed(history)
    standing, effects = step.position, step.effects
    billed = sum(one.interest_paise for one in effects if isinstance(one, InstalmentBilled))
    owed = sum(
        unpaid_of(standing, plan).interest_paise
        for plan in history.schedule[: standing.billed_through]
    )
    assert billed == standing.interest_paid_paise + owed

    levied = sum(one.amount_paise for one in effects if isinstance(one, ChargeBooked))
    assert levied == (
        standing.charges_paid_paise
        + waived(effects, "charge_paise")
        + charges_unpaid_paise(standing)
    )
    penal = sum(one.amount_paise for one in effects if isinstance(one, PenalLevied))
    assert penal == (
        standing.penal_paid_paise + waived(effects, "penal_paise") + penal_unpaid_paise(standing)
    )


def waived(effects: tuple[Effect, ...], part: str) -> int:
    return sum(
        getattr(one, part)
        for one in effects
        if isinstance(one, Allocated) and one.source is AllocationSource.WAIVER
    )


@few_examples
@given(histories(max_tenure=6), st.lists(st.integers(1, 60), max_size=6))
def test_i19_what_is_billed_never_falls_and_never_exceeds_the_schedule(
    history: History, waits: list[int]
) -> None:
    total = sum(plan.total_paise for plan in history.schedule)
    day, before = history.terms.disbursed_on, 0
    for wait in waits:
        day += timedelta(days=wait)
        billed = sum(
            one.principal_paise + one.interest_paise
            for one in replayed(history, day).effects
            if isinstance(one, InstalmentBilled)
        )
        assert before <= billed <= total
        before = billed


@few_examples
@given(histories())
def test_i34_telling_a_history_again_finds_nothing_to_write(history: History) -> None:
    effects = replayed(history).effects
    recorded = [Recorded(one, 0) for one in effects if isinstance(one, RecordedEffect)]
    again = difference(recorded, replayed(history).effects, since=history.terms.disbursed_on)
    assert again.is_empty


@few_examples
@given(histories(), st.randoms(use_true_random=False))
def test_i39_the_order_of_a_days_payments_and_charges_changes_no_balance(
    history: History, chance: Random
) -> None:
    """What is owed in all, less what is held: the split between the two may differ."""
    day = history.as_of
    numbers = list(range(len(history.events)))
    chance.shuffle(numbers)
    todays = [
        replace(event, value_date=day)
        for event in history.events
        if isinstance(event, PaymentReceived | ChargeLevied)
    ]
    shuffled = [
        replace(event, sequence=number) for event, number in zip(todays, numbers, strict=False)
    ]
    assert balance(history, todays, day) == balance(history, shuffled, day)


def balance(history: History, events: list[PaymentReceived | ChargeLevied], day: date) -> int:
    standing = replay(history.terms, events, day, schedule=history.schedule).position
    asked = sum(unpaid_of(standing, plan).total_paise for plan in history.schedule)
    charges = charges_unpaid_paise(standing) + penal_unpaid_paise(standing)
    return asked + charges - standing.advance_paise - standing.excess_paise
