"""What has to change when history is told anew, and that nothing else does."""

from dataclasses import replace
from datetime import date

from hypothesis import assume, event, given
from hypothesis import strategies as st

from loan.domain.difference import Recorded, date_of, difference
from loan.domain.effects import Allocated, AllocationSource, PenalLevied
from loan.domain.events import EventReversed, LoanEvent, PaymentReceived, in_effect
from loan.domain.posting_rules import correcting_transfers, transfers_for
from loan.domain.receipts import payment_splits
from loan.domain.servicing import Step, replay
from tests.unit.loan.histories import History, few_examples, histories, paid, plain_terms

FIRST_DUE = date(2025, 2, 5)


def told(history: History, events: tuple[LoanEvent, ...]) -> Step:
    return replay(history.terms, events, history.as_of, schedule=history.schedule)


def recorded_of(step: Step, *, since: date) -> list[Recorded[int]]:
    """Return the effects of a step as if they had been written, each under its place."""
    everything = difference([], step.effects, since=since).appeared
    return [Recorded(effect, place) for place, effect in enumerate(everything)]


def balances(step_or_transfers: object) -> dict[str, int]:
    """Return what transfers leave in each account."""
    sums: dict[str, int] = {}
    for transfer in step_or_transfers:  # type: ignore[attr-defined]
        sums[transfer.debit] = sums.get(transfer.debit, 0) + transfer.amount_paise
        sums[transfer.credit] = sums.get(transfer.credit, 0) - transfer.amount_paise
    return {account: paise for account, paise in sums.items() if paise}


def test_a_late_payment_takes_the_penal_charge_with_it() -> None:
    terms = plain_terms(penal_charge_paise=50_000)
    later = paid(date(2025, 2, 20), 1_030, sequence=1)
    in_time = paid(FIRST_DUE, 1_030, sequence=2)
    as_of = date(2025, 2, 25)
    before = replay(terms, [later], as_of)
    after = replay(terms, [later, in_time], as_of)
    change = difference(recorded_of(before, since=FIRST_DUE), after.effects, since=FIRST_DUE)
    assert [type(one.effect) for one in change.vanished] == [PenalLevied, Allocated]
    # The later payment had met instalment 1; now it is held for the second and the third.
    assert isinstance(change.appeared[0], Allocated)
    assert change.appeared[0].event_key == in_time.key
    assert payment_splits(after.effects)[later.key].advance_paise == 103_000


def test_equal_effects_are_one_and_the_same_wherever_they_stand() -> None:
    one = Allocated(
        source=AllocationSource.ADVANCE,
        value_date=FIRST_DUE,
        event_key=None,
        instalment_number=1,
        charge_key=None,
        interest_paise=100,
        principal_paise=0,
        charge_paise=0,
        penal_paise=0,
    )
    other = replace(one, interest_paise=200)
    recorded = [Recorded(other, 1), Recorded(one, 2), Recorded(one, 3)]
    change = difference(recorded, [one, other], since=FIRST_DUE)
    assert change.appeared == ()
    assert [gone.row for gone in change.vanished] == [3]
    assert difference([], [one], since=date(2025, 2, 6)).is_empty


@st.composite
def changed_histories(draw: st.DrawFn) -> tuple[History, tuple[LoanEvent, ...], LoanEvent]:
    """Draw a history, the same with one event more, and that event: late, or a reversal."""
    history = draw(histories())
    sequence = len(history.events)
    taken = draw(st.sampled_from([None, *history.events]))
    if taken is not None:
        change: LoanEvent = EventReversed(
            key="R", value_date=history.as_of, sequence=sequence, reverses=taken.sequence
        )
    else:
        span = (history.as_of - history.terms.disbursed_on).days
        offset = draw(st.integers(0, span))
        change = PaymentReceived(
            key="LATE",
            value_date=date.fromordinal(history.terms.disbursed_on.toordinal() + offset),
            sequence=sequence,
            amount_paise=draw(st.integers(1, 3 * history.schedule[0].total_paise)),
        )
    return history, (*history.events, change), change


@few_examples
@given(changed_histories())
def test_record_and_difference_make_the_books_of_the_new_history(
    drawn: tuple[History, tuple[LoanEvent, ...], LoanEvent],
) -> None:
    history, events, change = drawn
    start = history.terms.disbursed_on
    since = change.value_date
    if isinstance(change, EventReversed):
        since = next(one.value_date for one in events if one.sequence == change.reverses)
    before, after = told(history, history.events), told(history, events)
    recorded = recorded_of(before, since=since)
    found = difference(recorded, after.effects, since=since)
    event(f"{type(change).__name__}, {len(found.vanished) > 0}")
    kept = [one.effect for one in recorded if one not in found.vanished]
    told_since = difference([], after.effects, since=since).appeared
    assert sorted(map(repr, [*kept, *found.appeared])) == sorted(map(repr, told_since))
    # What counts before the change is the same in both.
    assert [
        e for e in difference([], before.effects, since=start).appeared if date_of(e) < since
    ] == [e for e in difference([], after.effects, since=start).appeared if date_of(e) < since]
    correction = correcting_transfers(
        appeared=found.appeared, vanished=[one.effect for one in found.vanished]
    )
    assert balances([*transfers_for(before.effects), *correction]) == balances(
        transfers_for(after.effects)
    )


@few_examples
@given(histories(), st.data())
def test_i41_a_payment_and_its_reversal_are_nothing(history: History, data: st.DataObject) -> None:
    """I41: the fold with both is the fold with neither, effect by effect."""
    assume(history.events)
    extra = data.draw(st.sampled_from(history.events))
    sequence = len(history.events)
    added = PaymentReceived(
        key="EXTRA", value_date=extra.value_date, sequence=sequence, amount_paise=12_345
    )
    back = EventReversed(
        key="BACK", value_date=history.as_of, sequence=sequence + 1, reverses=sequence
    )
    assert told(history, (*history.events, added, back)) == told(history, history.events)


@few_examples
@given(histories(), st.randoms(use_true_random=False))
def test_i40_events_that_come_late_are_as_if_they_had_come_in_time(
    history: History, chance: object
) -> None:
    """I40: the order in which events become known does not matter, only when they count."""
    shuffled = list(history.events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told(history, tuple(shuffled)) == told(history, history.events)
    assert in_effect(shuffled) == in_effect(history.events)


@few_examples
@given(histories(), st.integers(1, 60), st.data())
def test_i45_paying_earlier_never_costs_more(
    history: History, days: int, data: st.DataObject
) -> None:
    """I45: a payment moved to an earlier day leaves no more owed and no more penal charges.

    Unless it meets more charges for being earlier: what is due then is met first, charges next, and
    only the rest is kept for the dues to come.
    """
    payments = [one for one in history.events if isinstance(one, PaymentReceived)]
    assume(payments)
    one = data.draw(st.sampled_from(payments))
    earlier_day = max(
        history.terms.disbursed_on, date.fromordinal(one.value_date.toordinal() - days)
    )
    moved = replace(one, value_date=earlier_day)
    others = tuple(other for other in history.events if other is not one)
    late, early = told(history, (*others, one)), told(history, (*others, moved))
    assume(_met_of_charges(early) <= _met_of_charges(late))
    assert _levied(early) <= _levied(late)
    assert _paid_and_held(early) >= _paid_and_held(late)
    assert early.position.principal_paid_paise >= late.position.principal_paid_paise
    assert early.position.next_number >= late.position.next_number


def _levied(step: Step) -> int:
    return sum(e.amount_paise for e in step.effects if isinstance(e, PenalLevied))


def _met_of_charges(step: Step) -> int:
    return step.position.charges_paid_paise + step.position.penal_paid_paise


def _paid_and_held(step: Step) -> int:
    position = step.position
    return (
        position.principal_paid_paise
        + position.interest_paid_paise
        + position.advance_paise
        + position.excess_paise
    )
