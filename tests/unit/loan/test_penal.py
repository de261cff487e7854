"""Penal charges by rate and by slab: on figures worked by hand, and at random."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.effects import Allocated, AllocationSource, PenalLevied
from loan.domain.events import LoanEvent, PaymentReceived
from loan.domain.penal import PenalSlab
from loan.domain.position import penal_unpaid_paise
from loan.domain.schedule import amortization_schedule
from loan.domain.servicing import Step, advance_to, replay
from loan.domain.terms import InvalidTerms, LoanTerms
from tests.unit.loan.histories import (
    RUPEE,
    few_examples,
    paid,
    plain_terms,
    possible_terms,
)

DUE = date(2025, 2, 5)  # 1,030 rupees; three of them, a month apart
SLABS = (
    PenalSlab(after_days=7, amount_paise=250 * RUPEE),
    PenalSlab(after_days=30, amount_paise=500 * RUPEE),
)


def by_rate(bps: int = 2_400) -> LoanTerms:
    return replace(plain_terms(penal_grace_days=3), penal_rate_bps=bps)


def by_slab() -> LoanTerms:
    return replace(plain_terms(), penal_slabs=SLABS)


def levied(step: Step) -> list[tuple[str, date, int]]:
    return [
        (effect.key, effect.levied_on, effect.amount_paise)
        for effect in step.effects
        if isinstance(effect, PenalLevied)
    ]


def told(terms: LoanTerms, *events: LoanEvent, until: date) -> Step:
    return replay(terms, events, until)


def test_by_rate_the_days_since_the_due_date_are_charged_and_then_every_thirty() -> None:
    # 1,030 × 24 % × 4/365 = 2.71, then × 30/365 = 20.32; the second instalment likewise.
    assert levied(told(by_rate(), until=date(2025, 3, 31))) == [
        ("PENAL-1", date(2025, 2, 9), 2_71),
        ("PENAL-2", date(2025, 3, 9), 2_71),
        ("PENAL-1-2", date(2025, 3, 11), 20_32),
    ]


def test_by_rate_only_what_is_unpaid_is_charged_for() -> None:
    half = paid(date(2025, 2, 8), 530)
    # 500 × 24 % × 4/365 = 1.32, and × 30/365 = 9.86.
    assert levied(told(by_rate(), half, until=date(2025, 3, 12))) == [
        ("PENAL-1", date(2025, 2, 9), 1_32),
        ("PENAL-2", date(2025, 3, 9), 2_71),
        ("PENAL-1-2", date(2025, 3, 11), 9_86),
    ]


@pytest.mark.parametrize(("on", "charges"), [(date(2025, 2, 8), 0), (date(2025, 2, 9), 1)])
def test_who_pays_within_the_grace_days_is_charged_nothing(on: date, charges: int) -> None:
    assert len(levied(told(by_rate(), paid(on, 1_030), until=date(2025, 3, 4)))) == charges


def test_by_slab_each_slab_reached_unpaid_is_charged_once() -> None:
    assert levied(told(by_slab(), until=date(2025, 3, 31))) == [
        ("PENAL-1", date(2025, 2, 13), 250 * RUPEE),
        ("PENAL-1-2", date(2025, 3, 8), 500 * RUPEE),
        ("PENAL-2", date(2025, 3, 13), 250 * RUPEE),
    ]
    in_time = told(by_slab(), paid(date(2025, 3, 7), 1_030), until=date(2025, 3, 10))
    assert [key for key, _, _ in levied(in_time)] == ["PENAL-1"]


def test_penal_charges_bear_no_interest_no_tax_and_no_penal_charge() -> None:
    terms = by_rate()
    late = told(terms, until=date(2025, 3, 31))
    assert all(charge.gst_paise == 0 for charge in late.position.open_charges)
    assert tuple(late.schedule) == amortization_schedule(terms)
    # All instalments are paid, the penal charges are not: nothing more comes of them.
    instalments = paid(date(2025, 3, 12), 2_060)
    penal = penal_unpaid_paise(told(terms, instalments, until=date(2025, 3, 12)).position)
    assert penal == 2_71 + 2_71 + 20_32
    assert penal_unpaid_paise(told(terms, instalments, until=date(2025, 4, 4)).position) == penal


def test_a_day_passed_twice_is_charged_for_once() -> None:
    terms = by_rate()
    schedule = amortization_schedule(terms)
    once = told(terms, until=date(2025, 3, 11)).position
    again = advance_to(terms, schedule, once, date(2025, 3, 11))
    assert again.effects == ()
    assert again.position.open_charges == once.open_charges


@pytest.mark.parametrize(
    "rule",
    [
        {"penal_charge_paise": 1, "penal_rate_bps": 1},
        {"penal_rate_bps": 3_601},
        {"penal_slabs": (SLABS[1], SLABS[0])},
        {"penal_slabs": (SLABS[0], SLABS[0])},
        {"penal_slabs": (PenalSlab(after_days=7, amount_paise=0),)},
        {"penal_slabs": (PenalSlab(after_days=-1, amount_paise=5),)},
        {"penal_charge_paise": 1, "penal_slabs": SLABS},
    ],
)
def test_a_rule_that_contradicts_itself_is_none(rule: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        replace(plain_terms(), **rule)  # type: ignore[arg-type]


def rules() -> st.SearchStrategy[dict[str, object]]:
    slabs = st.lists(st.integers(0, 120), min_size=1, max_size=4, unique=True).map(
        lambda days: {
            "penal_slabs": tuple(
                PenalSlab(after_days=day, amount_paise=(day + 1) * 100) for day in sorted(days)
            )
        }
    )
    return st.one_of(st.integers(1, 3_600).map(lambda bps: {"penal_rate_bps": bps}), slabs)


@few_examples
@given(
    terms=possible_terms(max_tenure=6),
    rule=rules(),
    offsets=st.lists(st.integers(0, 250), max_size=4),
    days=st.integers(0, 300),
)
def test_a_walk_of_single_days_levies_what_one_step_does(
    terms: LoanTerms, rule: dict[str, object], offsets: list[int], days: int
) -> None:
    terms = replace(terms, penal_charge_paise=0, **rule)  # type: ignore[arg-type]
    schedule = amortization_schedule(terms)
    events = [
        paid(terms.disbursed_on + timedelta(days=offset), paise=schedule[0].total_paise)
        for offset in sorted(set(offsets))
    ]
    last = terms.disbursed_on + timedelta(days=days)
    whole = replay(terms, events, last, day_ended=False)
    found = list(whole.effects)
    walked = [effect for effect in found if isinstance(effect, PenalLevied)]
    position = replay(terms, events, terms.disbursed_on, day_ended=False).position
    stepped: list[PenalLevied] = []
    for offset in range(1, days + 1):
        day = terms.disbursed_on + timedelta(days=offset)
        moved = replay(terms, [e for e in events if e.value_date <= day], day, day_ended=False)
        stepped = [effect for effect in moved.effects if isinstance(effect, PenalLevied)]
        position = moved.position
    if days:
        assert stepped == walked
        assert position == whole.position
    assert len({effect.key for effect in walked}) == len(walked)


@few_examples
@given(
    terms=possible_terms(max_tenure=6),
    rule=rules(),
    early=st.integers(0, 250),
    later=st.integers(0, 250),
)
def test_paying_earlier_never_draws_more_penal_charges(
    terms: LoanTerms, rule: dict[str, object], early: int, later: int
) -> None:
    terms = replace(terms, penal_charge_paise=0, **rule)  # type: ignore[arg-type]
    first, last = sorted((early, later))
    until = terms.disbursed_on + timedelta(days=400)
    amount = amortization_schedule(terms)[0].total_paise

    def drawn(offset: int) -> int:
        payment: PaymentReceived = paid(terms.disbursed_on + timedelta(days=offset), paise=amount)
        step = replay(terms, [payment], until)
        return sum(e.amount_paise for e in step.effects if isinstance(e, PenalLevied))

    assert drawn(first) <= drawn(last)


def test_money_meets_penal_charges_last() -> None:
    payment = paid(date(2025, 2, 20), 1_100)
    step = told(by_rate(), payment, until=date(2025, 2, 20))
    met = [
        (effect.instalment_number, effect.charge_key)
        for effect in step.effects
        if isinstance(effect, Allocated) and effect.source is AllocationSource.PAYMENT
    ]
    assert met == [(1, None), (None, "PENAL-1")]
