"""What the calendar brings: penal charges, NPA, charges of other kinds, and the order in a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from loan.domain.allocation import CHARGES_FIRST
from loan.domain.effects import (
    Allocated,
    AllocationSource,
    BecameNpa,
    ChargeBooked,
    Effect,
    InstalmentBilled,
    LoanClosed,
    LoanReopened,
    NpaLifted,
    PenalLevied,
)
from loan.domain.events import PROCESSING_FEE_KEY, ChargeKind, InvalidEvent, LoanEvent
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import amortization_schedule
from loan.domain.servicing import (
    ChargeKeyTaken,
    EventOutOfOrder,
    LoanAlreadyClosed,
    Step,
    advance_to,
    apply,
    charges_unpaid_paise,
    end_day,
    penal_unpaid_paise,
    replay,
)
from tests.unit.loan.histories import RUPEE, charged, paid, plain_terms

TERMS = plain_terms(penal_charge_paise=500 * RUPEE)
SCHEDULE = amortization_schedule(TERMS)
FIRST, SECOND, THIRD = (plan.due_date for plan in SCHEDULE)  # 5 February, March, April 2025
LEVY = FIRST + timedelta(days=4)  # three days of grace end on the 8th
NPA = date(2025, 5, 6)  # 5 February and 90 days
ONE_DAY = timedelta(days=1)


def history(day: date, *events: LoanEvent, day_ended: bool = True) -> Step:
    """Return the loan's history to a day."""
    return replay(TERMS, events, day, day_ended=day_ended)


def of_kind(step: Step, *kinds: type[Effect]) -> list[Effect]:
    """Return the effects of these kinds, in order."""
    return [effect for effect in step.effects if isinstance(effect, kinds)]


def test_i26_no_penal_charge_within_the_days_of_grace() -> None:
    assert of_kind(history(LEVY - ONE_DAY), PenalLevied) == []
    assert of_kind(history(SECOND, paid(LEVY - ONE_DAY, 1_030)), PenalLevied) == []


def test_a_penal_charge_is_levied_on_the_day_after_grace_before_that_days_payments() -> None:
    step = history(LEVY, paid(LEVY, 1_030))
    assert of_kind(step, PenalLevied) == [
        PenalLevied(key="PENAL-1", instalment_number=1, levied_on=LEVY, amount_paise=50_000)
    ]
    assert penal_unpaid_paise(step.position) == 500 * RUPEE


def test_i26_a_missed_instalment_draws_one_penal_charge_however_long_it_is_unpaid() -> None:
    levied = of_kind(history(date(2026, 12, 31)), PenalLevied)
    assert [effect.key for effect in levied if isinstance(effect, PenalLevied)] == [
        "PENAL-1",
        "PENAL-2",
        "PENAL-3",
    ]


def test_one_paisa_unpaid_at_the_end_of_grace_draws_the_whole_charge() -> None:
    step = history(LEVY, paid(FIRST, 1_029, paise=99))
    assert penal_unpaid_paise(step.position) == 500 * RUPEE


def test_an_unpaid_penal_charge_keeps_a_repaid_loan_open() -> None:
    payments = [paid(LEVY, 1_030), paid(SECOND, 1_030), paid(THIRD, 1_030)]
    before = history(THIRD, *payments)
    # Each later payment met the due of its day first, so the penal charge is all that is left.
    assert before.position.status is LoanStatus.ACTIVE
    assert before.position.next_number == 4
    after = history(THIRD + ONE_DAY, *payments, paid(THIRD + ONE_DAY, 500))
    assert after.effects[-1] == LoanClosed(on=THIRD + ONE_DAY)
    assert after.position.penal_paid_paise == 500 * RUPEE


def test_charges_are_met_after_dues_and_penal_charges_after_those() -> None:
    met = of_kind(history(LEVY, charged(FIRST, 100), paid(LEVY, 1_200)), Allocated)
    assert [
        (e.principal_paise, e.charge_paise, e.penal_paise) for e in met if isinstance(e, Allocated)
    ] == [(1_000_00, 0, 0), (0, 100_00, 0), (0, 0, 70_00)]


def test_an_agreement_may_put_charges_first() -> None:
    terms = replace(TERMS, waterfall=CHARGES_FIRST)
    step = replay(terms, [charged(FIRST, 100), paid(LEVY, 650)], LEVY)
    assert charges_unpaid_paise(step.position) == penal_unpaid_paise(step.position) == 0
    assert step.position.interest_paid_paise == 30 * RUPEE
    assert step.position.principal_paid_paise == 20 * RUPEE


def test_a_charge_waits_for_a_payment_and_leaves_the_advance_to_the_dues() -> None:
    step = history(FIRST - ONE_DAY, paid(date(2025, 1, 10), 1_030), charged(date(2025, 1, 20), 50))
    assert step.position.advance_paise == 1_030 * RUPEE
    assert charges_unpaid_paise(step.position) == 50 * RUPEE


def test_a_charge_is_met_from_excess_which_is_no_excess_any_more() -> None:
    step = history(SECOND, paid(FIRST, 3_200), charged(SECOND, 200))
    assert of_kind(step, ChargeBooked) != []
    met = [e for e in of_kind(step, Allocated) if isinstance(e, Allocated)][-1]
    assert (met.source, met.charge_paise) == (AllocationSource.EXCESS, 110 * RUPEE)
    assert step.position.excess_paise == 0
    assert charges_unpaid_paise(step.position) == 90 * RUPEE


def test_a_charge_with_a_key_that_is_taken_is_refused() -> None:
    with pytest.raises(ChargeKeyTaken):
        history(FIRST, charged(FIRST, 10), charged(FIRST, 10))


def test_a_penal_charge_comes_from_the_calendar_and_from_nobody_else() -> None:
    with pytest.raises(InvalidEvent):
        charged(FIRST, 10, kind=ChargeKind.PENAL)


def test_there_is_one_processing_fee_and_its_name_is_its_own() -> None:
    with pytest.raises(InvalidEvent, match="one processing fee"):
        charged(FIRST, 10, kind=ChargeKind.PROCESSING_FEE)
    with pytest.raises(InvalidEvent, match="one processing fee"):
        replace(charged(FIRST, 10), key=PROCESSING_FEE_KEY)


def test_a_closed_loan_refuses_a_charge() -> None:
    closed = history(THIRD, paid(FIRST, 3_090)).position
    with pytest.raises(LoanAlreadyClosed):
        apply(TERMS, SCHEDULE, closed, charged(THIRD, 10))


def test_a_recorded_charge_after_a_closing_that_moved_forward_opens_the_loan_again() -> None:
    step = history(THIRD + ONE_DAY, paid(FIRST, 3_090), charged(THIRD + ONE_DAY, 10))
    assert step.effects[-1] == LoanReopened(on=THIRD + ONE_DAY)
    assert (step.position.status, step.position.closed_on) == (LoanStatus.ACTIVE, None)


def test_a_loan_becomes_an_npa_at_the_end_of_the_90th_day_and_not_before() -> None:
    assert history(NPA, day_ended=False).position.npa_since is None
    assert history(NPA).position.npa_since == NPA
    assert of_kind(history(NPA + ONE_DAY), BecameNpa) == [BecameNpa(since=NPA)]


def test_arrears_cleared_on_the_90th_day_leave_no_npa() -> None:
    step = history(NPA + ONE_DAY, paid(NPA, 4_590))
    assert of_kind(step, BecameNpa, NpaLifted) == []


def test_the_oldest_due_alone_decides_and_paying_it_moves_the_edge() -> None:
    step = history(date(2025, 6, 3), paid(NPA, 1_030))
    assert step.position.npa_since == date(2025, 6, 3)  # 5 March and 90 days


def test_i30_an_npa_stays_one_until_no_due_is_unpaid() -> None:
    partly = history(NPA + ONE_DAY, paid(NPA + ONE_DAY, 3_089))
    assert partly.position.npa_since == NPA
    wholly = history(NPA + ONE_DAY, paid(NPA + ONE_DAY, 3_090))
    assert wholly.position.npa_since is None
    assert wholly.effects[-1] == NpaLifted(on=NPA + ONE_DAY)


def test_an_event_of_a_day_whose_end_made_an_npa_is_out_of_order() -> None:
    """Had it come in time, the day's end would have followed it: only a replay is right."""
    ended = history(NPA).position
    with pytest.raises(EventOutOfOrder):
        apply(TERMS, SCHEDULE, ended, paid(NPA, 4_590))
    assert apply(TERMS, SCHEDULE, ended, paid(NPA + ONE_DAY, 10)).position.npa_since == NPA


def test_penal_charges_of_a_date_come_before_the_due_of_that_date() -> None:
    terms = plain_terms(penal_charge_paise=500 * RUPEE, penal_grace_days=27)
    step = replay(terms, [], SECOND)
    assert [type(effect) for effect in step.effects] == [
        InstalmentBilled,
        PenalLevied,
        InstalmentBilled,
    ]


def test_the_npa_mark_of_a_day_end_comes_before_the_next_dates_penal_charge() -> None:
    terms = plain_terms(penal_charge_paise=500 * RUPEE, penal_grace_days=90)
    step = replay(terms, [], NPA + ONE_DAY)
    assert [type(effect) for effect in step.effects[-2:]] == [BecameNpa, PenalLevied]


def test_a_day_is_advanced_to_then_ended() -> None:
    start = replay(TERMS, [], date(2025, 4, 30), schedule=SCHEDULE).position
    opened = advance_to(TERMS, SCHEDULE, start, NPA)
    assert of_kind(opened, BecameNpa) == []
    assert end_day(TERMS, SCHEDULE, opened.position, NPA).effects == (BecameNpa(since=NPA),)
