"""The set-based SQL of a day and the pure core are one set of rules, held together here."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loan.domain.effects import (
    Allocated,
    BecameNpa,
    Effect,
    InstalmentBilled,
    InterestCapitalised,
    LoanClosed,
    PenalLevied,
)
from loan.models import Loan
from loan.services.billing.bill_range import bill_range
from loan.services.billing.steps import bring_to_end
from tests.builders import a_product
from tests.integration.billing.twins import (
    Twin,
    a_reschedule,
    assert_same,
    assert_same_positions,
    random_twins,
)
from tests.properties import as_many
from tests.unit.loan.histories import History, histories

pytestmark = pytest.mark.django_db

LEAP_FEBRUARY = date(2028, 1, 20)
EVERY_LOAN = 2**62


def _end_day(twins: list[Twin], day: date) -> dict[int, tuple[Effect, ...]]:
    return {twin.key: twin.end(day) for twin in twins}


def _bring_all(twins: list[Twin], day: date) -> None:
    for twin in twins:
        bring_to_end(Loan.objects.get(pk=twin.key), day)
    _end_day(twins, day)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forty_five_days_of_a_random_portfolio_are_what_the_core_makes_of_them(seed: int) -> None:
    """Over a leap February; the range is cut at another place every day."""
    day = LEAP_FEBRUARY
    twins = random_twins(seed, count=60, day=day)
    _bring_all(twins, day - timedelta(days=1))
    seen: Counter[type[Effect]] = Counter()
    holidays = 0
    for offset in range(45):
        today = day + timedelta(days=offset)
        effects = _end_day(twins, today)
        seen.update(type(effect) for changed in effects.values() for effect in changed)
        holidays += sum(
            isinstance(effect, InterestCapitalised) and effect.of_holiday
            for changed in effects.values()
            for effect in changed
        )
        border = twins[(7 * offset + seed) % len(twins)].key
        bill_range(today, low=border + 1, high=EVERY_LOAN)
        bill_range(today, low=0, high=border)
        assert_same(twins, today, effects)
        assert bill_range(today, low=0, high=EVERY_LOAN).dues == 0
        assert_same(twins, today, effects)
    for kind in (InstalmentBilled, InterestCapitalised, PenalLevied, Allocated, BecameNpa):
        assert seen[kind] > 0, f"nothing was seen of {kind.__name__}"
    assert holidays > 0, "no holiday ended whose interest became principal"


def test_the_day_of_a_restructuring_ends_for_the_run_as_for_the_core() -> None:
    day, chance = LEAP_FEBRUARY, random.Random(7)
    twins = random_twins(7, count=40, day=day)
    _bring_all(twins, day - timedelta(days=1))
    for twin in twins[::2]:
        twin.happen(a_reschedule(chance, on=max(day, twin.position.as_of)))
    restructured = [twin for twin in twins if twin.position.restructured_on == day]
    assert any(twin.position.npa_since is None for twin in restructured)
    _end_day(twins, day)
    bill_range(day, low=0, high=EVERY_LOAN)
    assert_same_positions(twins)
    assert all(twin.position.npa_since is not None for twin in restructured)
    for offset in range(1, 40):
        today = day + timedelta(days=offset)
        effects = _end_day(twins, today)
        bill_range(today, low=0, high=EVERY_LOAN)
        assert_same(twins, today, effects)


@settings(
    max_examples=as_many(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories(max_tenure=6, max_events=6), days=st.integers(1, 40))
def test_any_history_goes_on_as_the_core_says(history: History, days: int) -> None:
    with transaction.atomic():
        _go_on(history, days)
        transaction.set_rollback(True)


def _go_on(history: History, days: int) -> None:
    twin = Twin.of_terms(history.terms, product=a_product())
    for event in history.events:
        twin.happen(event)
    # A day's end that made the loan non-performing has ended already.
    first = max(twin.position.as_of, twin.position.npa_since or date.min)
    _bring_all([twin], first)
    for offset in range(1, days + 1):
        today = first + timedelta(days=offset)
        effects = _end_day([twin], today)
        bill_range(today, low=0, high=EVERY_LOAN)
        assert_same([twin], today, effects)


def test_a_loan_closes_when_its_advance_meets_the_last_due_and_no_charge_is_open() -> None:
    for seed in range(40, 60):
        with transaction.atomic():
            twins = random_twins(seed, count=12, day=LEAP_FEBRUARY)
            _bring_all(twins, LEAP_FEBRUARY - timedelta(days=1))
            if _run_until_one_closes(twins):
                return
            transaction.set_rollback(True)
    pytest.fail("no portfolio had a loan that closes")


def _run_until_one_closes(twins: list[Twin]) -> bool:
    for offset in range(40):
        today = LEAP_FEBRUARY + timedelta(days=offset)
        effects = _end_day(twins, today)
        bill_range(today, low=0, high=EVERY_LOAN)
        assert_same(twins, today, effects)
        if any(isinstance(e, LoanClosed) for changed in effects.values() for e in changed):
            return True
    return False


def test_a_loan_whose_history_has_a_gap_is_brought_to_date_by_the_core() -> None:
    """Its day-end was missed: the SQL leaves it to the core, which does what was left out."""
    twins = random_twins(4, count=70, day=LEAP_FEBRUARY)
    _bring_all(twins, LEAP_FEBRUARY - timedelta(days=30))
    today = LEAP_FEBRUARY
    effects = _end_day(twins, today)
    lagging = {
        key
        for key, changed in effects.items()
        if any(isinstance(e, BecameNpa) and e.since < today for e in changed)
    }
    assert lagging
    bill_range(today, low=0, high=EVERY_LOAN)
    for twin in twins:
        loan = Loan.objects.get(pk=twin.key)
        if twin.key in lagging:
            assert loan.npa_since == twin.position.npa_since
            assert loan.penal_levied_through == twin.position.penal_levied_through
