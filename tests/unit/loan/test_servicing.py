"""Payments: on time, early, late, partial, to the paisa, too large, and refused."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from loan.domain.effects import AdvanceHeld, Allocated, AllocationSource, ExcessHeld, LoanClosed
from loan.domain.events import InvalidEvent, LoanEvent
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import amortization_schedule
from loan.domain.servicing import (
    BeforeDisbursement,
    EventOutOfOrder,
    LoanClosedRefusesPayment,
    Position,
    Step,
    advance_to,
    apply,
    due_unpaid,
    end_day,
    initial_position,
    oldest_unpaid_due_date,
    overdue_unpaid,
    paid_of,
    position,
    principal_outstanding_paise,
    replay,
    unpaid_of,
)
from tests.unit.loan.histories import RUPEE, charged, paid, plain_terms

TERMS = plain_terms()  # three times 1,000 of principal and 30 of interest
SCHEDULE = amortization_schedule(TERMS)
FIRST, SECOND, THIRD = (plan.due_date for plan in SCHEDULE)  # 5 February, March, April 2025


def at(day: date, *events: LoanEvent, day_ended: bool = True) -> Position:
    """Return where the loan stands after the events."""
    return position(TERMS, events, day, schedule=SCHEDULE, day_ended=day_ended)


def allocations(step: Step) -> Sequence[tuple[int | None, int, int]]:
    """Return (instalment, interest, principal) in rupees of each allocation."""
    return [
        (effect.instalment_number, effect.interest_paise // RUPEE, effect.principal_paise // RUPEE)
        for effect in step.effects
        if isinstance(effect, Allocated)
    ]


def test_nothing_is_due_on_the_day_of_disbursement() -> None:
    start = at(TERMS.disbursed_on)
    assert start == initial_position(TERMS)
    assert due_unpaid(start, SCHEDULE, TERMS.disbursed_on) == 0
    assert oldest_unpaid_due_date(start, SCHEDULE) == FIRST
    assert principal_outstanding_paise(TERMS, start) == 3_000 * RUPEE


def test_a_due_is_due_on_its_day_and_overdue_on_the_next() -> None:
    standing = at(FIRST)
    assert due_unpaid(standing, SCHEDULE, FIRST) == 1_030 * RUPEE
    assert overdue_unpaid(standing, SCHEDULE, FIRST) == 0
    assert overdue_unpaid(at(FIRST + timedelta(days=1)), SCHEDULE, SECOND) == 1_030 * RUPEE


def test_paying_each_due_on_its_day_closes_the_loan_on_the_last() -> None:
    end = at(THIRD, paid(FIRST, 1_030), paid(SECOND, 1_030), paid(THIRD, 1_030))
    assert (end.status, end.closed_on) == (LoanStatus.CLOSED, THIRD)
    assert (end.principal_paid_paise, end.interest_paid_paise) == (3_000_00, 90_00)
    assert oldest_unpaid_due_date(end, SCHEDULE) is None
    assert principal_outstanding_paise(TERMS, end) == 0


def test_a_payment_meets_interest_before_principal() -> None:
    standing = at(FIRST, paid(FIRST, 40))
    assert (standing.interest_paid_paise, standing.principal_paid_paise) == (30_00, 10_00)
    assert unpaid_of(standing, SCHEDULE[0]).principal_paise == 990 * RUPEE
    assert paid_of(standing, SCHEDULE[0]).total_paise == 40 * RUPEE
    assert paid_of(standing, SCHEDULE[1]).total_paise == 0


def test_a_late_payment_meets_the_oldest_due_first() -> None:
    step = replay(TERMS, [paid(SECOND, 1_100)], SECOND, schedule=SCHEDULE)
    assert allocations(step) == [(1, 30, 1_000), (2, 30, 40)]
    assert oldest_unpaid_due_date(step.position, SCHEDULE) == SECOND


def test_one_paisa_short_leaves_the_instalment_unpaid_and_one_paisa_settles_it() -> None:
    short = paid(FIRST, 1_029, paise=99)
    assert oldest_unpaid_due_date(at(FIRST, short), SCHEDULE) == FIRST
    settled = at(FIRST, short, paid(FIRST, paise=1, sequence=1))
    assert oldest_unpaid_due_date(settled, SCHEDULE) == SECOND
    assert settled.next_number == 2


def test_an_early_payment_is_held_and_meets_its_due_on_the_day() -> None:
    early = paid(FIRST - timedelta(days=4), 1_030)
    before = at(FIRST - timedelta(days=1), early)
    assert (before.advance_paise, before.principal_paid_paise) == (1_030 * RUPEE, 0)
    step = advance_to(TERMS, SCHEDULE, before, FIRST)
    assert step.position.advance_paise == 0
    assert allocations(step) == [(1, 30, 1_000)]
    assert [e.source for e in step.effects if isinstance(e, Allocated)] == [
        AllocationSource.ADVANCE
    ]


def test_a_held_sum_too_small_for_the_due_goes_as_far_as_it_reaches() -> None:
    standing = at(FIRST, paid(TERMS.disbursed_on, 500))
    assert (standing.interest_paid_paise, standing.principal_paid_paise) == (30_00, 470_00)
    assert standing.advance_paise == 0
    assert due_unpaid(standing, SCHEDULE, FIRST) == 530 * RUPEE


def test_a_payment_beyond_the_due_is_held_for_the_next_ones() -> None:
    payment = paid(FIRST, 1_500)
    step = replay(TERMS, [payment], FIRST, schedule=SCHEDULE)
    assert step.effects[-1] == AdvanceHeld(
        value_date=FIRST, event_key=payment.key, amount_paise=470 * RUPEE
    )
    assert step.position.advance_paise == 470 * RUPEE


def test_what_exceeds_everything_owed_is_held_to_be_refunded() -> None:
    step = replay(TERMS, [paid(FIRST, 5_000)], FIRST, schedule=SCHEDULE)
    held = [e for e in step.effects if isinstance(e, AdvanceHeld | ExcessHeld)]
    assert [effect.amount_paise for effect in held] == [2_060 * RUPEE, 1_910 * RUPEE]
    assert (step.position.advance_paise, step.position.excess_paise) == (206_000, 191_000)


def test_a_loan_paid_wholly_in_advance_closes_on_its_last_due_date() -> None:
    step = replay(TERMS, [paid(TERMS.disbursed_on, 3_090)], THIRD, schedule=SCHEDULE)
    assert step.effects[-1] == LoanClosed(on=THIRD)
    assert (step.position.advance_paise, step.position.excess_paise) == (0, 0)


def test_excess_outlives_the_closing() -> None:
    assert at(THIRD, paid(FIRST, 4_000)).excess_paise == 910 * RUPEE


def test_a_closed_loan_refuses_a_payment_and_says_so() -> None:
    closed = at(THIRD, paid(FIRST, 3_090))
    with pytest.raises(LoanClosedRefusesPayment) as refusal:
        apply(TERMS, SCHEDULE, closed, paid(THIRD, 1))
    assert refusal.value.code == "loan_closed"


def test_a_loan_that_closes_from_advance_before_the_payment_refuses_it_too() -> None:
    almost = at(SECOND, paid(FIRST, 3_090))
    assert almost.status is LoanStatus.ACTIVE
    with pytest.raises(LoanClosedRefusesPayment):
        apply(TERMS, SCHEDULE, almost, paid(THIRD, 1))


def test_recorded_money_is_kept_even_when_new_history_closes_the_loan_before_it() -> None:
    end = at(THIRD, paid(FIRST, 3_090), paid(THIRD, 1_030))
    assert (end.status, end.excess_paise) == (LoanStatus.CLOSED, 1_030 * RUPEE)


def test_an_event_before_the_stored_position_is_out_of_order() -> None:
    with pytest.raises(EventOutOfOrder):
        apply(TERMS, SCHEDULE, at(SECOND), paid(SECOND - timedelta(days=1), 10))


def test_an_event_of_the_very_day_is_in_order_though_its_due_is_billed() -> None:
    assert apply(TERMS, SCHEDULE, at(SECOND), paid(SECOND, 10)).position.as_of == SECOND


@pytest.mark.parametrize("days", [1, 400])
def test_nothing_happens_before_the_disbursement(days: int) -> None:
    day = TERMS.disbursed_on - timedelta(days=days)
    with pytest.raises(BeforeDisbursement):
        at(day)
    with pytest.raises(BeforeDisbursement):
        at(THIRD, paid(day, 10))
    with pytest.raises(BeforeDisbursement):
        apply(TERMS, SCHEDULE, initial_position(TERMS), paid(day, 10))


def test_events_after_the_day_asked_for_are_left_out() -> None:
    assert at(FIRST, paid(SECOND, 1_030)) == at(FIRST)


def test_events_of_one_date_count_in_their_sequence_however_they_are_given() -> None:
    """A charge before the payment is met by it; one after it waits, and the rest is held."""
    charge, payment = charged(FIRST, 50, sequence=1), paid(FIRST, 1_080, sequence=2)
    assert at(FIRST, payment, charge) == at(FIRST, charge, payment)
    assert at(FIRST, payment, charge).charges_paid_paise == 50 * RUPEE
    late_charge = charged(FIRST, 50, sequence=3)
    assert at(FIRST, late_charge, payment).advance_paise == 50 * RUPEE


def test_a_day_already_passed_changes_nothing() -> None:
    standing = at(SECOND)
    for step in (
        advance_to(TERMS, SCHEDULE, standing, FIRST),
        end_day(TERMS, SCHEDULE, standing, FIRST),
        end_day(TERMS, SCHEDULE, standing, SECOND),
    ):
        assert (step.position, step.effects) == (standing, ())


def test_the_schedule_is_worked_out_when_it_is_not_given() -> None:
    assert position(TERMS, [paid(FIRST, 1_030)], SECOND) == at(SECOND, paid(FIRST, 1_030))


@pytest.mark.parametrize("paise", [0, -1])
def test_a_payment_of_nothing_or_less_is_no_payment(paise: int) -> None:
    with pytest.raises(InvalidEvent):
        paid(FIRST, paise=paise)
