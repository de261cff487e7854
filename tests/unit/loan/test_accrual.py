"""What has run of the scheduled interest at a day's end, and is not billed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from bright_credit.common.money import share_of_days
from loan.domain.accrual import accrued_interest_paise
from loan.domain.schedule import (
    InstalmentPlan,
    amortization_schedule,
    capitalisation_of,
    repayment_plan,
)
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)
from tests.unit.loan.histories import few_examples, terms_of_any_kind

README = LoanTerms(
    principal_paise=5_00_000_00,
    annual_rate_bps=1_600,
    tenure_months=24,
    interest_method=InterestMethod.REDUCING_BALANCE,
    instalment_rounding=InstalmentRounding.RUPEE,
    split_rounding=SplitRounding.PAISA,
    disbursed_on=date(2025, 12, 20),
    first_due_date=date(2026, 2, 5),
    due_day=5,
)


@pytest.mark.parametrize(
    ("day", "paise"),
    [
        # The first instalment's interest, 6,666.67, over the 47 days from 20 December.
        (date(2025, 12, 19), 0),
        (date(2025, 12, 20), 14_184),  # 666667 / 47 = 14184.4
        (date(2026, 1, 31), 609_929),  # 43 of 47 days: 609929.8
        (date(2026, 2, 4), 666_667),  # the last day of the period has ended: all of it has run
        # Billed on the fifth. The second's, 6,429.13, over the 28 days from then on.
        (date(2026, 2, 5), 22_961),  # 642913 / 28 = 22961.2
        (date(2026, 2, 28), 551_068),  # 24 of 28 days: 551068.3
        (date(2026, 3, 4), 642_913),
    ],
)
def test_scheduled_interest_runs_evenly_by_the_days_that_have_ended(day: date, paise: int) -> None:
    assert accrued_interest_paise(README, amortization_schedule(README), day) == paise


def test_after_the_last_instalment_nothing_runs() -> None:
    schedule = amortization_schedule(README)
    assert accrued_interest_paise(README, schedule, schedule[-1].due_date) == 0


def _with_moratorium(interest: MoratoriumInterest) -> LoanTerms:
    return replace(
        README,
        first_due_date=date(2026, 5, 5),
        principal_moratorium_periods=3,
        interest_moratorium_periods=3,
        moratorium_interest=interest,
    )


def test_interest_that_becomes_principal_runs_until_it_does() -> None:
    terms = _with_moratorium(MoratoriumInterest.CAPITALISED)
    schedule, capitalised = amortization_schedule(terms), capitalisation_of(terms)
    assert capitalised is not None
    assert capitalised.on == date(2026, 4, 5)
    whole = capitalised.amount_paise
    # 106 days from 20 December to 5 April.
    assert accrued_interest_paise(terms, schedule, date(2025, 12, 20)) == whole // 106
    assert accrued_interest_paise(terms, schedule, date(2026, 4, 4)) == whole
    own = schedule[0].interest_paise
    assert accrued_interest_paise(terms, schedule, date(2026, 4, 5)) == own // 30


def test_interest_that_the_last_instalment_collects_has_run_when_the_first_is_due() -> None:
    terms = _with_moratorium(MoratoriumInterest.WITH_LAST_INSTALMENT)
    plan = repayment_plan(terms)
    deferred, rows = plan.moratorium_interest_paise, plan.rows
    assert deferred > 0
    at = {
        day: accrued_interest_paise(terms, rows, day)
        for day in (date(2026, 5, 4), date(2026, 5, 5), rows[-1].due_date - timedelta(days=1))
    }
    assert at[date(2026, 5, 4)] == rows[0].interest_paise + deferred
    assert at[date(2026, 5, 5)] == deferred + rows[1].interest_paise // 31
    assert at[rows[-1].due_date - timedelta(days=1)] == rows[-1].interest_paise
    assert accrued_interest_paise(terms, rows, rows[-1].due_date) == 0


@few_examples
@given(terms_of_any_kind(max_months=12), st.lists(st.integers(0, 400), max_size=20))
def test_what_is_accrued_and_billed_grows_to_all_interest(
    terms: LoanTerms, offsets: list[int]
) -> None:
    try:
        schedule = amortization_schedule(terms)
    except InvalidTerms:
        reject()
    ends = [row.due_date - timedelta(days=1) for row in schedule]
    days = {terms.disbursed_on + timedelta(days=offset) for offset in offsets}
    earned = 0
    for day in sorted({*days, *ends, schedule[-1].due_date}):
        now = _recognised_paise(terms, schedule, day)
        assert now >= earned  # no day takes income back
        earned = now
    capitalised = capitalisation_of(terms)
    whole = sum(row.interest_paise for row in schedule)
    assert earned == whole + (capitalised.amount_paise if capitalised else 0)


def _recognised_paise(terms: LoanTerms, schedule: Sequence[InstalmentPlan], day: date) -> int:
    """Return all income of a day's end: what was billed, became principal, and is accrued."""
    capitalised = capitalisation_of(terms)
    billed = sum(row.interest_paise for row in schedule if row.due_date <= day)
    if capitalised is not None and capitalised.on <= day:
        billed += capitalised.amount_paise
    return billed + accrued_interest_paise(terms, schedule, day)


@pytest.mark.parametrize(("days", "paise"), [(0, 0), (1, 33), (2, 66), (3, 100)])
def test_a_share_of_days_is_rounded_down_and_all_days_have_all(days: int, paise: int) -> None:
    assert share_of_days(100, days=days, of_days=3) == paise
