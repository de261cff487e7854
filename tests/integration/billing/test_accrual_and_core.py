"""The accrual of a whole book in one statement, against the core's sum loan by loan."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from loan.domain.accrual import accrued_interest_paise
from loan.models import AssetClassChange, Loan
from loan.selectors.accruals import Known, accrued_on, known_now
from tests.builders import a_borrower
from tests.integration.billing.twins import Twin, a_reschedule, random_twins

pytestmark = pytest.mark.django_db

DAY = date(2028, 2, 20)
LOANS = 36


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_book_accrues_what_the_core_accrues_loan_by_loan(seed: int) -> None:
    twins = random_twins(seed, count=LOANS, day=DAY)
    _let_some_not_perform(twins)
    known = known_now()
    booked = {day: _assert_same(twins, day, known) for day in _days()}
    assert any(sums for sums in booked.values())
    chance = random.Random(seed)
    for twin in twins:
        twin.happen(a_reschedule(chance, on=DAY))
    now = known_now()
    assert now.through_schedule > known.through_schedule + 5
    # What was known then still gives what was booked then, and what is known now the new schedules.
    assert {day: _by_product(day, known) for day in _days()} == booked
    assert {day: _assert_same(twins, day, now) for day in _days()} != booked


def _days() -> list[date]:
    return [DAY + timedelta(days=offset) for offset in (-40, -1, 0, 1, 9, 31, 120, 400)]


def _let_some_not_perform(twins: list[Twin]) -> None:
    for twin in twins[::7]:
        borrower = a_borrower()
        Loan.objects.filter(pk=twin.key).update(borrower=borrower)
        for on, asset_class in ((DAY - timedelta(days=1), "SUBSTANDARD"), (DAY, "STANDARD")):
            AssetClassChange.objects.create(
                borrower=borrower,
                effective_on=on,
                asset_class=asset_class,
                npa_since=None if asset_class == "STANDARD" else on,
                booked_on=on,
            )


def _assert_same(twins: list[Twin], day: date, known: Known) -> Counter[str]:
    expected: Counter[str] = Counter()
    borrowers = dict(Loan.objects.values_list("pk", "borrower_id"))
    for twin in twins:
        changes = AssetClassChange.objects.filter(
            borrower=borrowers[twin.key], effective_on__lte=day
        )
        last = changes.order_by("id").last()
        if last is None or last.asset_class == "STANDARD":
            paise = accrued_interest_paise(twin.terms, twin.schedule, day, holidays=twin.holidays)
            expected[twin.product] += paise
    expected = +expected
    assert _by_product(day, known) == expected, day
    return expected


def _by_product(day: date, known: Known) -> Counter[str]:
    return Counter({each.product: each.accrued_paise for each in accrued_on(day, known)})
