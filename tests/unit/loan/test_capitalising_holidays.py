"""Payment holidays whose interest becomes principal: on figures worked by hand, and at random.

The loan: 12,000 at 12 % over 12 months, 1,066 a month, first due on 5 February 2025. After April's
due 9,133.53 are owed; the holiday skips May and June, so its two months at 1 % cost 182.67.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from loan.domain.accrual import accrued_interest_paise
from loan.domain.calendar_steps import end_day
from loan.domain.effects import InterestCapitalised, LoanWrittenOff
from loan.domain.events import (
    Cancelling,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Tenor,
    Towards,
    WriteOffKind,
    WrittenOff,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.servicing import advance_to, principal_outstanding_paise, replay
from loan.domain.terms import InterestMethod, InvalidTerms, LoanTerms, MoratoriumInterest
from loan.domain.walk import Step, Walk
from tests.unit.loan.histories import (
    RUPEE,
    few_examples,
    paid,
    possible_terms,
    terms_of,
    terms_of_any_kind,
)
from tests.unit.loan.test_rescheduling import agreed, quote, replaced, rows
from tests.unit.loan.test_rescheduling import told as told_until

CAPITALISED = HolidayInterest.CAPITALISED
OWED, INTEREST = 9_133_53, 182_67
ENDS = date(2025, 6, 5)
DUES = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3, 4)]
HOLIDAY = agreed(
    Holiday(instalments=2, interest=CAPITALISED), on=date(2025, 4, 10), from_date=date(2025, 5, 1)
)


def told(terms: LoanTerms, *events: LoanEvent, until: date = HOLIDAY.value_date) -> Step:
    return told_until(terms, *events, until=until)


def test_the_interest_of_a_holiday_is_repaid_with_the_principal_after_it() -> None:
    """182.67 become principal on 5 June; at 1,066 a month that takes one instalment more."""
    before, after = rows(told(terms_of(), *DUES)), rows(told(terms_of(), *DUES, HOLIDAY))
    assert after[:3] == before[:3]
    assert [
        (row.due_date, row.opening_principal_paise, row.principal_paise, row.interest_paise)
        for row in after[3:]
    ] == [
        (date(2025, 7, 5), 9_316_20, 972_84, 93_16),
        (date(2025, 8, 5), 8_343_36, 982_57, 83_43),
        (date(2025, 9, 5), 7_360_79, 992_39, 73_61),
        (date(2025, 10, 5), 6_368_40, 1_002_32, 63_68),
        (date(2025, 11, 5), 5_366_08, 1_012_34, 53_66),
        (date(2025, 12, 5), 4_353_74, 1_022_46, 43_54),
        (date(2026, 1, 5), 3_331_28, 1_032_69, 33_31),
        (date(2026, 2, 5), 2_298_59, 1_043_01, 22_99),
        (date(2026, 3, 5), 1_255_58, 1_053_44, 12_56),
        (date(2026, 4, 5), 202_14, 202_14, 2_02),
    ]
    assert sum(row.principal_paise for row in after) == 12_000_00 + INTEREST


def test_the_interest_becomes_principal_when_the_holiday_ends_and_not_before() -> None:
    terms = terms_of()
    for day, capitalised in ((HOLIDAY.value_date, 0), (date(2025, 6, 4), 0), (ENDS, INTEREST)):
        step = told(terms, *DUES, HOLIDAY, until=day)
        position = step.position
        assert position.capitalised_paise == capitalised, day
        assert principal_outstanding_paise(terms, position) == OWED + capitalised
        coming = (None, 0) if capitalised else (ENDS, INTEREST)
        assert (position.holiday_ends_on, position.holiday_interest_paise) == coming
    became = [one for one in step.effects if isinstance(one, InterestCapitalised)]
    assert became == [InterestCapitalised(on=ENDS, amount_paise=INTEREST, of_holiday=True)]
    assert step.position.npa_since is None, "nothing fell due in the holiday"


def test_a_holiday_that_keeps_the_end_spreads_its_interest_over_the_instalments_left() -> None:
    change = Holiday(instalments=2, interest=CAPITALISED, keeping=Keeping.TENURE)
    after = rows(told(terms_of(), *DUES, replace(HOLIDAY, change=change)))
    assert (len(after), after[-1].due_date) == (10, date(2026, 1, 5))
    # 9,316.20 over seven months at 1 % are 1,384.65 a month, by the rupee 1,385.
    assert {row.total_paise for row in after[3:-1]} == {1_385 * RUPEE}
    assert sum(row.principal_paise for row in after) == 12_000_00 + INTEREST


@pytest.mark.parametrize(
    ("on", "principal", "interest", "per_diem"),
    [
        # By the day on 9,133.53: 10, 30 and 60 days of actual/365, 3.00 a day.
        (date(2025, 4, 15), OWED, 30_03, 3_00),
        (date(2025, 5, 5), OWED, 90_08, 3_00),
        (date(2025, 6, 4), OWED, 180_17, 3_00),
        # From the end of the holiday on 9,316.20, at 3.06 a day.
        (ENDS, OWED + INTEREST, 0, 3_06),
        (date(2025, 6, 15), OWED + INTEREST, 30_63, 3_06),
    ],
)
def test_what_closes_the_loan_in_a_holiday_is_the_principal_and_the_interest_so_far(
    on: date, principal: int, interest: int, per_diem: int
) -> None:
    asked = quote(terms_of(), *DUES, HOLIDAY, on=on)
    assert (asked.principal_paise, asked.accrued_interest_paise) == (principal, interest)
    assert asked.per_diem_paise == per_diem
    closing = PaymentReceived(
        key="CLOSE",
        value_date=on,
        sequence=90,
        amount_paise=asked.amount_paise,
        towards=Towards.FORECLOSURE,
    )
    step = told(terms_of(), *DUES, HOLIDAY, closing, until=date(2025, 8, 1))
    position = step.position
    assert (position.status, position.excess_paise) == (LoanStatus.CLOSED, 0)
    assert position.capitalised_paise == (0 if on < ENDS else INTEREST)
    assert (position.holiday_ends_on, position.holiday_interest_paise) == (None, 0)
    assert sum(row.principal_paise for row in step.schedule) == principal + 12_000_00 - OWED


def test_a_loan_closed_before_its_holiday_begins_owes_nothing_of_it() -> None:
    ahead = replace(HOLIDAY, from_date=date(2025, 8, 1))
    asked = quote(terms_of(), *DUES, ahead, on=date(2025, 4, 15))
    assert (asked.principal_paise, asked.accrued_interest_paise) == (OWED, 30_03)


def test_nothing_else_is_agreed_and_nothing_prepaid_until_the_holiday_has_ended() -> None:
    terms, late = terms_of(), date(2025, 5, 20)
    agreed_before = rows(told(terms, *DUES, HOLIDAY))
    prepayment = replace(paid(late, 5_000, sequence=60), towards=Towards.REDUCE_EMI)
    step = told(terms, *DUES, HOLIDAY, prepayment, until=late)
    assert (rows(step), step.position.advance_paise) == (agreed_before, 5_000 * RUPEE)
    assert rows(told(terms, *DUES, HOLIDAY, agreed(Tenor(instalments=3), on=late))) == agreed_before
    # On the day on which it ends both can be done.
    on_its_end = replace(prepayment, value_date=ENDS)
    assert told(terms, *DUES, HOLIDAY, on_its_end, until=ENDS).position.advance_paise == 0
    after = told(
        terms, *DUES, HOLIDAY, agreed(Tenor(instalments=3), on=ENDS, sequence=61), until=ENDS
    )
    assert len(rows(after)) == 6
    assert sum(row.principal_paise for row in after.schedule) == 12_000_00 + INTEREST


def test_a_second_holiday_bears_interest_on_what_the_first_one_added() -> None:
    again = agreed(Holiday(instalments=1, interest=CAPITALISED), on=date(2025, 6, 20), sequence=60)
    step = told(terms_of(), *DUES, HOLIDAY, again, until=date(2025, 7, 5))
    # One month on 9,316.20 at 1 %.
    assert step.position.capitalised_paise == INTEREST + 93_16
    assert [(one.since, one.until, one.amount_paise) for one in step.in_force.capitalised] == [
        (date(2025, 4, 5), ENDS, INTEREST),
        (ENDS, date(2025, 7, 5), 93_16),
    ]
    row = step.schedule[3]
    assert (row.due_date, row.opening_principal_paise) == (date(2025, 8, 5), 9_409_36)
    assert row.interest_paise == 94_09


def test_a_rate_that_changes_after_the_holiday_finds_its_interest_in_the_principal() -> None:
    change = RateChanged(
        key="RATE-61",
        value_date=date(2025, 6, 10),
        sequence=61,
        annual_rate_bps=600,
        from_date=date(2025, 7, 5),
        keeping=Keeping.EMI,
    )
    step = told(terms_of(), *DUES, HOLIDAY, change, until=change.value_date)
    assert step.schedule[4].interest_paise == 41_72  # 8,343.36 at half a per cent
    assert step.position.capitalised_paise == INTEREST


def test_a_loan_written_off_in_a_holiday_is_called_in_without_what_was_not_principal_yet() -> None:
    event = WrittenOff(
        key="WRITE-OFF-70",
        value_date=date(2025, 5, 5),
        sequence=70,
        kind=WriteOffKind.TECHNICAL,
    )
    step = told(terms_of(), *DUES, HOLIDAY, event, until=date(2025, 7, 1))
    lost = next(one for one in step.effects if isinstance(one, LoanWrittenOff))
    assert (lost.principal_paise, lost.interest_paise) == (OWED, 90_08)
    assert step.position.capitalised_paise == step.position.holiday_interest_paise == 0


def test_a_loan_given_back_before_anything_fell_due_takes_its_holiday_with_it() -> None:
    terms, on = terms_of(), date(2025, 1, 8)
    holiday = agreed(Holiday(instalments=2, interest=CAPITALISED), on=on, sequence=1)
    back = PaymentReceived(
        key="BACK",
        value_date=on,
        sequence=2,
        amount_paise=12_010 * RUPEE,
        towards=Towards.CANCELLATION,
        cancelling=Cancelling(interest_paise=10 * RUPEE),
    )
    position = told(terms, holiday, back, until=date(2025, 6, 1)).position
    assert (position.status, position.capitalised_paise) == (LoanStatus.CLOSED, 0)
    assert position.holiday_ends_on is None


def test_interest_of_a_moratorium_comes_first_and_that_of_a_holiday_after_it() -> None:
    terms = terms_of(
        principal_moratorium_periods=2,
        interest_moratorium_periods=2,
        moratorium_interest=MoratoriumInterest.CAPITALISED,
        first_due=date(2025, 4, 5),
    )
    # Two months on 12,000 at 1 % are 240; one month on 12,240 then 122.40.
    holiday = agreed(Holiday(instalments=1, interest=CAPITALISED), on=date(2025, 3, 20))
    step = told(terms, holiday, until=date(2025, 4, 5))
    became = [one for one in step.effects if isinstance(one, InterestCapitalised)]
    assert [(one.on, one.amount_paise, one.of_holiday) for one in became] == [
        (date(2025, 3, 5), 240_00, False),
        (date(2025, 4, 5), 122_40, True),
    ]
    assert step.schedule[0].opening_principal_paise == 12_362_40


def test_other_methods_capitalise_too_but_never_flat_interest() -> None:
    event = agreed(Holiday(instalments=2, interest=CAPITALISED))
    for method in InterestMethod:
        step = told(terms_of(interest_method=method), event)
        assert replaced(step) is (method is not InterestMethod.FLAT), method
        added = step.position.holiday_interest_paise
        assert sum(row.principal_paise for row in step.schedule) == 12_000_00 + added


def test_a_loan_without_interest_has_nothing_to_add() -> None:
    step = told(terms_of(annual_rate_bps=0), agreed(Holiday(instalments=2, interest=CAPITALISED)))
    assert replaced(step)
    assert (step.position.holiday_ends_on, step.position.holiday_interest_paise) == (None, 0)


@pytest.mark.parametrize(
    ("day", "accrued"),
    [
        (date(2025, 4, 4), 100_99),  # the eve of April's due: its interest is whole
        (date(2025, 5, 4), 89_83),  # 30 days of 61 of 182.67, and down
        (date(2025, 6, 4), 182_67),  # the eve of the holiday's end
        (date(2025, 6, 5), 3_10),  # a day of 30 of July's 93.16
    ],
)
def test_interest_that_becomes_principal_accrues_through_the_holiday(
    day: date, accrued: int
) -> None:
    step = told(terms_of(), *DUES, HOLIDAY)
    holidays = step.in_force.capitalised
    assert accrued_interest_paise(terms_of(), step.schedule, day, holidays=holidays) == accrued


def holidays() -> st.SearchStrategy[Holiday]:
    return st.builds(
        Holiday,
        instalments=st.integers(1, 6),
        interest=st.just(CAPITALISED),
        keeping=st.sampled_from(Keeping),
    )


@few_examples
@given(
    terms=st.one_of(possible_terms(max_tenure=14), terms_of_any_kind(max_months=12)),
    change=holidays(),
    after=st.integers(0, 300),
    ahead=st.integers(0, 60),
    days=st.integers(1, 200),
)
def test_going_on_day_by_day_comes_to_what_one_step_does(
    terms: LoanTerms, change: Holiday, after: int, ahead: int, days: int
) -> None:
    on = terms.disbursed_on + timedelta(days=after)
    event = agreed(change, on=on, from_date=on + timedelta(days=ahead))
    try:
        step = told(terms, event, until=on)
    except InvalidTerms:
        reject()  # such a loan is never made
    assume(step.position.holiday_ends_on is not None)
    last = on + timedelta(days=days)
    position = step.position
    for offset in range(1, days + 1):
        position = advance_to(terms, step.schedule, position, on + timedelta(days=offset)).position
    walk = Walk(terms, step.schedule, step.position)
    end_day(walk, last)
    whole = replay(terms, [event], last, day_ended=False).position
    assert position == whole
    assert walk.position == replay(terms, [event], last).position
    ended = step.position.holiday_ends_on
    assert ended is not None
    assert (whole.holiday_ends_on is None) is (ended <= last)
    before = step.position.capitalised_paise + terms.principal_paise
    added = step.position.holiday_interest_paise
    assert sum(row.principal_paise for row in step.schedule) == before + added
