"""Another due day, payment holidays and other tenors: on figures worked by hand, and at random."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from loan.domain.early_repayment import ClosingRates, ForeclosureQuote, foreclosure_quote
from loan.domain.effects import BecameNpa, NpaLifted, Restructured, ScheduleReplaced
from loan.domain.events import (
    ChangeOfTerms,
    DueDay,
    Holiday,
    HolidayInterest,
    InvalidEvent,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Tenor,
    Towards,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.rescheduling import OverlappingChange
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import LoanAlreadyClosed, Step, replay
from loan.domain.terms import InterestMethod, LoanTerms
from tests.unit.loan.histories import (
    RUPEE,
    paid,
    terms_of,
)

WITH_FIRST, WITH_LAST = (
    HolidayInterest.WITH_FIRST_INSTALMENT,
    HolidayInterest.WITH_LAST_INSTALMENT,
)
IN_MARCH = date(2025, 3, 10)


def agreed(
    change: ChangeOfTerms,
    *,
    on: date = IN_MARCH,
    from_date: date | None = None,
    restructures: bool = False,
    sequence: int = 50,
) -> Rescheduled:
    return Rescheduled(
        key=f"RESCHEDULE-{sequence}",
        value_date=on,
        sequence=sequence,
        change=change,
        from_date=from_date or on,
        restructures=restructures,
    )


def told(terms: LoanTerms, *events: LoanEvent, until: date = IN_MARCH) -> Step:
    return replay(terms, events, until, day_ended=False)


def rows(step: Step) -> list[InstalmentPlan]:
    return list(step.schedule)


def replaced(step: Step) -> bool:
    return any(isinstance(effect, ScheduleReplaced) for effect in step.effects)


def test_another_due_day_stretches_the_period_under_way_and_nothing_else() -> None:
    # 12,000 at 12 %, 1,066 a month. From April's due date, 9,133.53 are owed; the ten days from
    # 5 to 15 May and the month before cost 9,133.53 × 12 % × (1/12 + 10/365) = 121.36.
    before = rows(told(terms_of()))
    after = rows(told(terms_of(), agreed(DueDay(due_day=15), from_date=date(2025, 5, 1))))
    assert after[:3] == before[:3]
    assert after[3] == replace(before[3], due_date=date(2025, 5, 15), interest_paise=121_36)
    assert [row.due_date for row in after[4:6]] == [date(2025, 6, 15), date(2025, 7, 15)]
    assert [
        replace(row, due_date=old.due_date) for row, old in zip(after[4:], before[4:], strict=True)
    ] == (before[4:])


def test_a_due_day_that_is_past_in_the_month_comes_in_the_next_one() -> None:
    # 5 April to 3 May are 28 days: 9,133.53 × 12 % × (1/12 + 28/365) = 175.41.
    after = rows(told(terms_of(), agreed(DueDay(due_day=3), from_date=date(2025, 5, 1))))
    assert (after[3].due_date, after[3].interest_paise) == (date(2025, 6, 3), 175_41)


def test_the_anchor_of_another_due_day_survives_short_months() -> None:
    after = rows(told(terms_of(), agreed(DueDay(due_day=31))))
    assert [row.due_date for row in after[2:5]] == [
        date(2025, 4, 30),
        date(2025, 5, 31),
        date(2025, 6, 30),
    ]
    assert after[-1].due_date == date(2026, 1, 31)


def test_a_holiday_is_caught_up_by_the_first_instalment_after_it() -> None:
    # Two months on 9,133.53 at 1 % a month are 182.67.
    change = Holiday(instalments=2, interest=WITH_FIRST)
    before, after = (
        rows(told(terms_of())),
        rows(told(terms_of(), agreed(change, from_date=date(2025, 5, 1)))),
    )
    assert after[3].due_date == date(2025, 7, 5)
    assert after[3].interest_paise == 91_34 + 182_67
    assert after[3].principal_paise == before[3].principal_paise
    assert len(after) == len(before)
    assert after[-1].due_date == date(2026, 3, 5)
    assert [row.total_paise for row in after[4:]] == [row.total_paise for row in before[4:]]


def test_a_holiday_is_caught_up_by_the_last_instalment_where_that_is_agreed() -> None:
    change = Holiday(instalments=2, interest=WITH_LAST)
    before, after = (
        rows(told(terms_of())),
        rows(told(terms_of(), agreed(change, from_date=date(2025, 5, 1)))),
    )
    assert after[3].total_paise == before[3].total_paise
    assert after[-1].interest_paise == before[-1].interest_paise + 182_67


def test_a_holiday_that_keeps_the_end_makes_the_other_instalments_larger() -> None:
    change = Holiday(instalments=2, interest=WITH_LAST, keeping=Keeping.TENURE)
    after = rows(told(terms_of(), agreed(change, from_date=date(2025, 5, 1))))
    assert (len(after), after[-1].due_date) == (10, date(2026, 1, 5))
    # 9,133.53 over seven months at 1 % are 1,357.47 a month, rounded to 1,357 … by the rupee.
    assert (
        after[3].total_paise
        == round(Fraction(913_353, 100) * Fraction(1, 100) / (1 - 1 / Fraction(101, 100) ** 7))
        * RUPEE
    )


def test_a_tenor_is_extended_or_shortened_and_its_instalment_solved() -> None:
    longer = rows(told(terms_of(), agreed(Tenor(instalments=20))))
    shorter = rows(told(terms_of(), agreed(Tenor(instalments=4))))
    assert (len(longer), len(shorter)) == (22, 6)
    # 10,098.54 over 4 months at 1 %: 2,588.06, by the rupee 2,588.
    assert shorter[2].total_paise == 2_588 * RUPEE
    assert longer[2].total_paise < 600 * RUPEE


def test_instalments_before_the_change_begins_stay_as_they_are() -> None:
    before = rows(told(terms_of()))
    after = rows(told(terms_of(), agreed(Tenor(instalments=12), from_date=date(2025, 6, 6))))
    assert after[:5] == before[:5]
    assert len(after) == 5 + 12


def quote(terms: LoanTerms, *events: LoanEvent, on: date) -> ForeclosureQuote:
    step = told(terms, *events, until=on)
    return foreclosure_quote(
        terms, step.in_force, step.schedule, step.position, rates=ClosingRates()
    )


@pytest.mark.parametrize("interest", HolidayInterest)
def test_who_closes_the_loan_in_a_holiday_pays_the_interest_of_the_days_so_far(
    interest: HolidayInterest,
) -> None:
    dues = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3, 4)]
    holiday = agreed(Holiday(instalments=3, interest=interest), on=date(2025, 4, 10), sequence=5)
    asked = quote(terms_of(), *dues, holiday, on=date(2025, 5, 5))
    # 30 days on 9,133.53 at 12 %, by the day.
    assert asked.accrued_interest_paise == 90_08
    closing = PaymentReceived(
        key="CLOSE",
        value_date=asked.on,
        sequence=90,
        amount_paise=asked.amount_paise,
        towards=Towards.FORECLOSURE,
    )
    step = told(terms_of(), *dues, holiday, closing, until=asked.on)
    assert step.position.status is LoanStatus.CLOSED
    assert step.position.excess_paise == 0


def test_a_prepayment_in_a_holiday_pays_its_interest_so_far_and_keeps_its_dates() -> None:
    dues = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3, 4)]
    holiday = agreed(Holiday(instalments=3, interest=WITH_FIRST), on=date(2025, 4, 10), sequence=5)
    prepayment = replace(paid(date(2025, 5, 5), 3_000, sequence=60), towards=Towards.REDUCE_EMI)
    after = rows(told(terms_of(), *dues, holiday, prepayment, until=date(2025, 5, 5)))
    assert after[3].due_date == date(2025, 5, 5)
    assert [row.due_date for row in after[4:6]] == [date(2025, 8, 5), date(2025, 9, 5)]
    owed_paise = after[4].opening_principal_paise
    # Two months to the beginning of July's period, and that one.
    assert after[4].interest_paise == pytest.approx(owed_paise * 0.03, abs=2)


def test_nothing_changes_while_interest_runs_that_the_last_instalment_collects() -> None:
    holiday = agreed(Holiday(instalments=2, interest=WITH_LAST), sequence=50)
    late = date(2025, 4, 20)
    prepayment = replace(paid(late, 5_000, sequence=60), towards=Towards.REDUCE_EMI)
    dues = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3)]
    step = told(terms_of(), *dues, holiday, prepayment, until=late)
    assert step.position.advance_paise == 5_000 * RUPEE
    assert rows(step) == rows(told(terms_of(), *dues, holiday, until=late))
    again = agreed(Tenor(instalments=3), on=late, sequence=61)
    assert rows(told(terms_of(), *dues, holiday, again, until=late)) == rows(
        told(terms_of(), *dues, holiday, until=late)
    )


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        (agreed(DueDay(due_day=9)), agreed(DueDay(due_day=11)), True),
        (agreed(DueDay(due_day=9)), agreed(Tenor(instalments=5)), False),
        (agreed(Tenor(instalments=9), from_date=date(2025, 6, 1)), agreed(DueDay(due_day=9)), True),
        (
            agreed(Holiday(instalments=3, interest=WITH_FIRST)),
            agreed(Tenor(instalments=5), on=date(2025, 6, 4)),
            True,
        ),
        (
            agreed(Holiday(instalments=3, interest=WITH_FIRST)),
            agreed(Tenor(instalments=5), on=date(2025, 6, 5)),
            False,
        ),
    ],
)
def test_a_change_that_would_disturb_another_is_refused(
    first: Rescheduled, second: Rescheduled, overlap: bool
) -> None:
    second = replace(second, sequence=51)
    both = [first, second]

    def tell() -> Step:
        return replay(terms_of(), both, second.value_date, day_ended=False, new=second)

    if overlap:
        with pytest.raises(OverlappingChange):
            tell()
    else:
        assert sum(isinstance(effect, ScheduleReplaced) for effect in tell().effects) == 2


def test_a_rate_is_not_changed_in_a_holiday() -> None:
    holiday = agreed(Holiday(instalments=3, interest=WITH_FIRST))
    rate = RateChanged(
        key="RATE-51",
        value_date=date(2025, 4, 20),
        sequence=51,
        annual_rate_bps=1_000,
        from_date=date(2025, 4, 20),
        keeping=Keeping.EMI,
    )
    with pytest.raises(OverlappingChange):
        replay(terms_of(), [holiday, rate], rate.value_date, day_ended=False, new=rate)


@pytest.mark.parametrize(
    ("terms", "change"),
    [
        (terms_of(), DueDay(due_day=5)),  # it is the due day
        (terms_of(), Holiday(instalments=10, interest=WITH_FIRST, keeping=Keeping.TENURE)),
        (terms_of(), Tenor(instalments=2_601)),
        (terms_of(200 * RUPEE), Tenor(instalments=600)),
    ],
)
def test_what_leaves_no_schedule_changes_nothing(terms: LoanTerms, change: ChangeOfTerms) -> None:
    step = told(terms, agreed(change, restructures=True))
    assert not replaced(step)
    assert step.position.restructured_on is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: DueDay(due_day=0),
        lambda: DueDay(due_day=32),
        lambda: Tenor(instalments=0),
        lambda: Holiday(instalments=53, interest=WITH_FIRST),
        lambda: agreed(Tenor(instalments=3), from_date=date(2025, 3, 9)),
    ],
)
def test_an_event_that_breaks_a_rule_is_none(wrong: object) -> None:
    with pytest.raises(InvalidEvent):
        wrong()  # type: ignore[operator]


def test_a_closed_loan_is_not_rescheduled() -> None:
    everything = paid(date(2025, 3, 9), 20_000, sequence=1)
    closing = replace(everything, towards=Towards.FORECLOSURE)
    event = agreed(Tenor(instalments=5))
    with pytest.raises(LoanAlreadyClosed):
        replay(terms_of(), [closing, event], IN_MARCH, day_ended=False, new=event)


def test_a_restructured_loan_is_an_npa_from_its_days_end_and_for_a_year() -> None:
    dues = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3)]
    event = agreed(Tenor(instalments=20), restructures=True)
    during = told(terms_of(), *dues, event)
    assert (during.position.restructured_on, during.position.npa_since) == (IN_MARCH, None)
    assert any(isinstance(effect, Restructured) for effect in during.effects)
    ended = replay(terms_of(), [*dues, event], IN_MARCH)
    assert ended.position.npa_since == IN_MARCH
    usual = rows(during)[2].total_paise
    paying = [
        paid(row.due_date, paise=row.total_paise, sequence=60 + row.number)
        for row in rows(during)[2:]
    ]
    almost, year = date(2026, 3, 5), date(2026, 4, 5)
    assert usual > 0
    assert told(terms_of(), *dues, event, *paying, until=almost).position.npa_since == IN_MARCH
    lifted = told(terms_of(), *dues, event, *paying, until=year)
    assert lifted.position.npa_since is None
    assert [effect for effect in lifted.effects if isinstance(effect, NpaLifted)] == [
        NpaLifted(on=year)
    ]
    assert sum(isinstance(effect, BecameNpa) for effect in lifted.effects) == 1


def test_a_loan_restructured_and_closed_on_one_day_becomes_no_npa() -> None:
    """Nothing is owed on it at the day's end: there is no asset to classify."""
    event = agreed(Tenor(instalments=20), restructures=True)
    asked = quote(terms_of(), event, on=IN_MARCH)
    closing = replace(
        paid(IN_MARCH, paise=asked.amount_paise, sequence=90), towards=Towards.FORECLOSURE
    )
    ended = replay(terms_of(), [event, closing], IN_MARCH)
    assert ended.position.status is LoanStatus.CLOSED
    assert (ended.position.restructured_on, ended.position.npa_since) == (IN_MARCH, None)


@pytest.mark.parametrize(("rate", "marks"), [(600, True), (60_000_000, False)])
def test_a_rate_lowered_for_a_borrower_in_difficulty_restructures_where_it_can_be_done(
    rate: int, marks: bool
) -> None:
    event = RateChanged(
        key="RATE-50",
        value_date=IN_MARCH,
        sequence=50,
        annual_rate_bps=rate,
        from_date=IN_MARCH,
        keeping=Keeping.EMI,
        restructures=True,
    )
    dues = [paid(date(2025, month, 5), 1_066, sequence=month) for month in (2, 3)]
    ended = replay(terms_of(), [*dues, event], IN_MARCH)
    assert ended.position.restructured_on == (IN_MARCH if marks else None)
    assert ended.position.npa_since == (IN_MARCH if marks else None)


def test_methods_other_than_reducing_balance_are_rescheduled_too() -> None:
    for method in InterestMethod:
        terms = terms_of(interest_method=method)
        for change in (
            DueDay(due_day=20),
            Holiday(instalments=2, interest=WITH_FIRST),
            Holiday(instalments=1, interest=WITH_LAST, keeping=Keeping.TENURE),
            Tenor(instalments=18),
        ):
            assert replaced(told(terms, agreed(change))), (method, change)
