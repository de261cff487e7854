"""What holds of every loan, whatever happened to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import overload

from hypothesis import given
from hypothesis import strategies as st

from loan.domain.delinquency import Bucket, bucket, days_past_due
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    Effect,
    ExcessHeld,
    PenalLevied,
)
from loan.domain.event_steps import ChargeNotOpen, RefundExceedsExcess, WaiverExceedsCharge
from loan.domain.events import LoanEvent, PaymentReceived
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import (
    LoanAlreadyClosed,
    Position,
    Step,
    advance_to,
    apply,
    charges_unpaid_paise,
    due_unpaid,
    end_day,
    initial_position,
    oldest_unpaid_due_date,
    paid_of,
    penal_unpaid_paise,
    position,
    principal_outstanding_paise,
    replay,
    unpaid_of,
)
from tests.unit.loan.daybook import Daybook
from tests.unit.loan.histories import History, few_examples, histories


def replayed(history: History) -> Step:
    """Return the whole history, to the end of its last day."""
    return replay(history.terms, history.events, history.as_of, schedule=history.schedule)


def penal_levied_paise(step: Step) -> int:
    """Return the penal charges that were put on the loan, also those met or waived since."""
    return sum(effect.amount_paise for effect in step.effects if isinstance(effect, PenalLevied))


def to_come_paise(history: History, standing: Position) -> int:
    """Return what instalments not billed yet will ask."""
    return sum(plan.total_paise for plan in history.schedule[standing.billed_through :])


class OnlyFrom(Sequence[InstalmentPlan]):
    """A schedule whose rows before the cursor were not loaded, and must not be asked for."""

    def __init__(self, plans: Sequence[InstalmentPlan], *, first_number: int) -> None:
        self._plans = plans
        self._first_number = first_number

    def __len__(self) -> int:
        return len(self._plans)

    @overload
    def __getitem__(self, index: int) -> InstalmentPlan: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[InstalmentPlan]: ...

    def __getitem__(self, index: int | slice) -> InstalmentPlan | Sequence[InstalmentPlan]:
        assert isinstance(index, int)
        assert index + 1 >= self._first_number, f"instalment {index + 1} is not loaded"
        return self._plans[index]


@few_examples
@given(histories())
def test_the_fold_agrees_with_a_daybook_kept_day_by_day(history: History) -> None:
    standing, book = replayed(history).position, Daybook(history).run()
    for plan, row in zip(history.schedule, book.instalments, strict=True):
        met = paid_of(standing, plan)
        assert (met.interest_paise, met.principal_paise) == (row.interest_paid, row.principal_paid)
    assert (standing.advance_paise, standing.excess_paise) == (book.advance, book.excess)
    penal, other = (
        [row for row in book.charges if row.penal is is_penal] for is_penal in (True, False)
    )
    assert penal_unpaid_paise(standing) == sum(row.unpaid for row in penal)
    assert charges_unpaid_paise(standing) == sum(row.unpaid for row in other)
    assert standing.penal_paid_paise == sum(row.charge_paid for row in penal)
    assert standing.charges_paid_paise == sum(row.charge_paid for row in other)
    assert (standing.npa_since, standing.closed_on) == (book.npa_since, book.closed_on)


@few_examples
@given(histories(), st.data())
def test_i33_the_fold_equals_the_steps_taken_one_by_one(
    history: History, data: st.DataObject
) -> None:
    """Also with the day's beginning and end run, or not, between events, and rows not loaded."""
    standing, taken = initial_position(history.terms), list[LoanEvent]()
    effects: list[Effect] = []
    for event in history.events:
        schedule = OnlyFrom(
            history.schedule, first_number=min(standing.next_number, standing.billed_through + 1)
        )
        if standing.as_of < event.value_date and data.draw(st.booleans()):
            gap = (event.value_date - standing.as_of).days
            day = standing.as_of + timedelta(days=data.draw(st.integers(0, gap - 1)))
            move = data.draw(st.sampled_from([advance_to, end_day]))
            step = move(history.terms, schedule, standing, day)
            standing, effects = step.position, [*effects, *step.effects]
        try:
            step = apply(history.terms, schedule, standing, event)
        except (LoanAlreadyClosed, ChargeNotOpen, WaiverExceedsCharge, RefundExceedsExcess):
            continue
        standing, effects = step.position, [*effects, *step.effects]
        taken.append(event)
    last = end_day(history.terms, history.schedule, standing, history.as_of)
    folded = replay(history.terms, taken, history.as_of, schedule=history.schedule)
    assert last.position == folded.position
    assert (*effects, *last.effects) == folded.effects


@few_examples
@given(histories(max_tenure=3, max_events=3))
def test_i36_days_ended_one_by_one_equal_one_catch_up(history: History) -> None:
    start = initial_position(history.terms)
    standing, effects = start, list[Effect]()
    while standing.as_of < history.as_of:
        day = standing.as_of + timedelta(days=1)
        step = end_day(history.terms, history.schedule, standing, day)
        standing, effects = step.position, [*effects, *step.effects]
    caught_up = end_day(history.terms, history.schedule, start, history.as_of)
    assert (standing, tuple(effects)) == (caught_up.position, caught_up.effects)


@few_examples
@given(histories())
def test_i35_ending_a_day_twice_changes_nothing(history: History) -> None:
    standing = replayed(history).position
    again = end_day(history.terms, history.schedule, standing, history.as_of)
    assert (again.position, again.effects) == (standing, ())


@few_examples
@given(histories())
def test_i12_principal_paid_and_outstanding_are_what_was_lent(history: History) -> None:
    standing = replayed(history).position
    unpaid = sum(unpaid_of(standing, plan).principal_paise for plan in history.schedule)
    assert principal_outstanding_paise(history.terms, standing) == unpaid
    assert standing.principal_paid_paise + unpaid == history.terms.principal_paise
    billed = sum(plan.interest_paise for plan in history.schedule[: standing.billed_through])
    owed = sum(
        unpaid_of(standing, plan).interest_paise
        for plan in history.schedule[: standing.billed_through]
    )
    assert standing.interest_paid_paise + owed == billed


@few_examples
@given(histories())
def test_i20_paid_of_every_instalment_is_within_what_it_asks(history: History) -> None:
    standing = replayed(history).position
    for plan in history.schedule:
        left = unpaid_of(standing, plan)
        assert 0 <= left.interest_paise <= plan.interest_paise
        assert 0 <= left.principal_paise <= plan.principal_paise
        if plan.number > standing.billed_through:
            assert left.total_paise == plan.total_paise
        if plan.number > standing.next_number:
            assert left.total_paise == plan.total_paise


@few_examples
@given(histories())
def test_i21_every_paisa_of_a_payment_is_accounted_for(history: History) -> None:
    effects = replayed(history).effects
    for event in history.events:
        if not isinstance(event, PaymentReceived):
            continue
        met = sum(
            effect.total_paise
            for effect in effects
            if isinstance(effect, Allocated)
            and effect.source is AllocationSource.PAYMENT
            and effect.event_key == event.key
        )
        held = sum(
            effect.amount_paise
            for effect in effects
            if isinstance(effect, AdvanceHeld | ExcessHeld) and effect.event_key == event.key
        )
        assert met + held == event.amount_paise


@few_examples
@given(histories())
def test_i23_nothing_is_negative_and_what_is_held_has_its_reason(history: History) -> None:
    standing = replayed(history).position
    to_come = to_come_paise(history, standing)
    assert 0 <= standing.advance_paise <= to_come
    assert standing.excess_paise >= 0
    assert all(0 < c.unpaid_paise <= c.amount_paise for c in standing.open_charges)
    if standing.advance_paise or standing.excess_paise:
        assert due_unpaid(standing, history.schedule, history.as_of) == 0
    if standing.excess_paise:
        assert standing.advance_paise == to_come
        assert standing.open_charges == ()


@few_examples
@given(histories())
def test_i26_a_penal_charge_is_flat_once_an_instalment_and_after_grace(history: History) -> None:
    levied = [e for e in replayed(history).effects if isinstance(e, PenalLevied)]
    numbers = [effect.instalment_number for effect in levied]
    assert len(set(numbers)) == len(numbers)
    for effect in levied:
        due_date = history.schedule[effect.instalment_number - 1].due_date
        assert (effect.levied_on - due_date).days == history.terms.penal_grace_days + 1
        assert effect.amount_paise == history.terms.penal_charge_paise


@few_examples
@given(histories())
def test_i28_days_past_due_are_zero_unless_a_due_before_the_day_is_unpaid(
    history: History,
) -> None:
    standing = replayed(history).position
    days = days_past_due(oldest_unpaid_due_date(standing, history.schedule), history.as_of)
    yesterday = history.as_of - timedelta(days=1)
    assert (days == 0) == (due_unpaid(standing, history.schedule, yesterday) == 0)


@few_examples
@given(histories(), st.integers(1, 60))
def test_i29_without_events_days_past_due_grow_by_exactly_one_a_day(
    history: History, days: int
) -> None:
    standing = replayed(history).position
    later = history.as_of + timedelta(days=days)
    waited = end_day(history.terms, history.schedule, standing, later).position
    if standing.advance_paise == 0 and standing.status is LoanStatus.ACTIVE:
        oldest = oldest_unpaid_due_date(standing, history.schedule)
        assert oldest_unpaid_due_date(waited, history.schedule) == oldest
        if oldest is not None and oldest <= history.as_of:
            before = days_past_due(oldest, history.as_of)
            assert days_past_due(oldest, later) == before + days


@few_examples
@given(histories())
def test_i30_the_npa_mark_and_the_bucket_tell_the_same(history: History) -> None:
    for day_ended in (True, False):
        standing = position(
            history.terms,
            history.events,
            history.as_of,
            schedule=history.schedule,
            day_ended=day_ended,
        )
        oldest = oldest_unpaid_due_date(standing, history.schedule)
        by_days = bucket(oldest, history.as_of, day_ended=day_ended)
        if by_days is Bucket.NPA:
            assert standing.npa_since is not None
        if standing.npa_since is not None:
            assert due_unpaid(standing, history.schedule, history.as_of) > 0
            assert standing.npa_since <= history.as_of


@few_examples
@given(histories())
def test_i31_a_closed_loan_owes_nothing_and_an_open_one_something(history: History) -> None:
    standing = replayed(history).position
    everything = [
        *(unpaid_of(standing, plan).total_paise for plan in history.schedule),
        *(charge.unpaid_paise for charge in standing.open_charges),
    ]
    assert (standing.status is LoanStatus.CLOSED) == (sum(everything) == 0)
    assert (standing.closed_on is None) == (standing.status is LoanStatus.ACTIVE)
    if standing.status is LoanStatus.CLOSED:
        far = end_day(history.terms, history.schedule, standing, date(2100, 1, 1))
        assert far.effects == ()


@few_examples
@given(histories(), st.data())
def test_i42_splitting_a_payment_at_one_instant_changes_nothing(
    history: History, data: st.DataObject
) -> None:
    numbered = [replace(event, sequence=2 * event.sequence) for event in history.events]
    events = []
    for event in numbered:
        if not isinstance(event, PaymentReceived) or event.amount_paise == 1:
            events.append(event)
            continue
        first = data.draw(st.integers(1, event.amount_paise - 1))
        rest = event.amount_paise - first
        events.append(replace(event, amount_paise=first))
        events.append(replace(event, sequence=event.sequence + 1, amount_paise=rest))
    split = position(history.terms, events, history.as_of, schedule=history.schedule)
    assert split == position(history.terms, numbered, history.as_of, schedule=history.schedule)


@few_examples
@given(histories(), st.integers(1, 10**8), st.integers(0, 10**6))
def test_i45_paying_more_never_leaves_more_owed_or_later(
    history: History, more_paise: int, place: int
) -> None:
    payments = [e for e in history.events if isinstance(e, PaymentReceived)]
    if not payments:
        return
    chosen = payments[place % len(payments)]
    events = [
        replace(chosen, amount_paise=chosen.amount_paise + more_paise) if e is chosen else e
        for e in history.events
    ]
    usual = replayed(history)
    richer = replay(history.terms, events, history.as_of, schedule=history.schedule)
    assert richer.position.principal_paid_paise >= usual.position.principal_paid_paise
    assert richer.position.next_number >= usual.position.next_number
    assert penal_levied_paise(richer) <= penal_levied_paise(usual)
