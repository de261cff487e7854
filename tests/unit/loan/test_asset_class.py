"""The class of a borrower, by the regulator's dates and against a day-by-day reckoning."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.asset_class import (
    AssetClass,
    ClassChange,
    Mark,
    NpaPeriod,
    OldestUnpaid,
    changes_to_record,
    class_changes,
    class_on,
    in_force,
    npa_periods,
    state_on,
    sub_class,
    worse_of,
)

#: RBI's worked example of 12 November 2021: a due of 31 March, unpaid at that day's end.
DUE = date(2021, 3, 31)
NPA = date(2021, 6, 29)
START = date(2021, 1, 15)


def test_the_regulators_example_classifies_a_borrower_by_its_dates() -> None:
    def at_the_end_of(day: date) -> AssetClass:
        return class_on(DUE, day, day_ended=True, npa_since=NPA if day >= NPA else None)

    assert at_the_end_of(date(2021, 3, 30)) is AssetClass.STANDARD
    assert at_the_end_of(date(2021, 3, 31)) is AssetClass.SMA_0
    assert at_the_end_of(date(2021, 4, 29)) is AssetClass.SMA_0
    assert at_the_end_of(date(2021, 4, 30)) is AssetClass.SMA_1
    assert at_the_end_of(date(2021, 5, 29)) is AssetClass.SMA_1
    assert at_the_end_of(date(2021, 5, 30)) is AssetClass.SMA_2
    assert at_the_end_of(date(2021, 6, 28)) is AssetClass.SMA_2
    assert at_the_end_of(date(2021, 6, 29)) is AssetClass.SUBSTANDARD


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2021, 6, 29), AssetClass.SUBSTANDARD),
        (date(2022, 6, 28), AssetClass.SUBSTANDARD),
        (date(2022, 6, 29), AssetClass.DOUBTFUL_1),
        (date(2023, 6, 28), AssetClass.DOUBTFUL_1),
        (date(2023, 6, 29), AssetClass.DOUBTFUL_2),
        (date(2025, 6, 28), AssetClass.DOUBTFUL_2),
        (date(2025, 6, 29), AssetClass.DOUBTFUL_3),
        (date(2031, 1, 1), AssetClass.DOUBTFUL_3),
    ],
)
def test_the_sub_class_follows_from_the_time_as_non_performing(
    day: date, expected: AssetClass
) -> None:
    assert sub_class(NPA, day) is expected
    assert state_on(NPA, day, day_ended=True) is expected


def test_a_class_that_begins_at_a_days_end_does_not_hold_while_the_day_runs() -> None:
    year_on = date(2022, 6, 29)
    assert state_on(NPA, year_on, day_ended=False) is AssetClass.SUBSTANDARD
    assert state_on(NPA, year_on + timedelta(days=1), day_ended=False) is AssetClass.DOUBTFUL_1
    assert state_on(None, year_on, day_ended=False) is AssetClass.STANDARD


def test_one_loan_of_90_days_makes_the_borrower_non_performing_until_all_loans_are_clear() -> None:
    in_default = [
        OldestUnpaid(START, DUE),
        OldestUnpaid(date(2021, 8, 1), date(2021, 8, 31)),  # its own arrears are paid
    ]
    a_little_late = [
        OldestUnpaid(START, date(2021, 7, 15)),
        OldestUnpaid(date(2021, 8, 10), date(2021, 9, 15)),
    ]
    assert npa_periods(
        [in_default, a_little_late], through=date(2021, 8, 30), classified_through=date(2021, 8, 29)
    ) == (NpaPeriod(NPA, date(2021, 8, 10)),)
    assert npa_periods(
        [in_default], through=date(2021, 8, 30), classified_through=date(2021, 8, 29)
    ) == (NpaPeriod(NPA, date(2021, 8, 1)),)


def test_a_restructured_loan_that_owes_again_once_repaid_is_non_performing_from_then_on() -> None:
    """Restructured on 15 January, repaid on 10 April by a payment told late, charged on 1 June."""
    restructured, repaid, owes = START, date(2021, 4, 10), date(2021, 6, 1)
    path = [
        OldestUnpaid(restructured, date(2021, 2, 15), restructured),
        OldestUnpaid(repaid, None),
        OldestUnpaid(owes, None, restructured),
    ]
    assert npa_periods([path], through=owes, classified_through=owes) == (
        NpaPeriod(restructured, repaid),
        NpaPeriod(owes, None),
    )


def test_a_payment_of_part_of_the_arrears_lowers_the_days_past_due_and_not_the_class() -> None:
    partly = [OldestUnpaid(START, DUE), OldestUnpaid(date(2021, 7, 1), date(2021, 6, 30))]
    assert npa_periods(
        [partly], through=date(2021, 7, 20), classified_through=date(2021, 7, 19)
    ) == (NpaPeriod(NPA, None),)


def test_the_changes_of_a_period_are_its_sub_classes_and_the_upgrade() -> None:
    period = NpaPeriod(NPA, date(2023, 1, 5))
    assert class_changes([period], classified_through=date(2024, 1, 1)) == (
        ClassChange(NPA, AssetClass.SUBSTANDARD, NPA),
        ClassChange(date(2022, 6, 29), AssetClass.DOUBTFUL_1, NPA),
        ClassChange(date(2023, 1, 5), AssetClass.STANDARD, None),
    )


def test_a_period_that_never_was_is_taken_back_from_its_first_day() -> None:
    recorded = [
        ClassChange(NPA, AssetClass.SUBSTANDARD, NPA),
        ClassChange(date(2021, 8, 1), AssetClass.STANDARD, None),
    ]
    assert changes_to_record(recorded, ()) == (ClassChange(NPA, AssetClass.STANDARD, None),)
    assert in_force([*recorded, ClassChange(NPA, AssetClass.STANDARD, None)]) == []


# A slow second reckoning: one day after the other, every loan looked at every day.

_DAYS = st.integers(0, 400)


@st.composite
def paths(draw: st.DrawFn) -> list[OldestUnpaid]:
    """Draw what was unpaid of a loan: due dates every thirty days, paid in their order."""
    turns = sorted(draw(st.lists(_DAYS, max_size=6)))
    paid = 0
    path = [OldestUnpaid(START, START + timedelta(days=30))]
    for turn in turns:
        paid += draw(st.integers(1, 5))
        due = None if paid > 12 else START + timedelta(days=30 * (paid + 1))
        path.append(OldestUnpaid(START + timedelta(days=turn), due))
    return path


def day_by_day(loans: Sequence[Sequence[OldestUnpaid]], last: date) -> tuple[NpaPeriod, ...]:
    periods: list[NpaPeriod] = []
    since: date | None = None
    day = START
    while day <= last:
        dues = [
            [change.due_date for change in path if change.from_date <= day][-1] for path in loans
        ]
        arrears = [due for due in dues if due is not None and due <= day]
        if since is not None and not arrears:
            periods.append(NpaPeriod(since, day))
            since = None
        if since is None and any((day - due).days >= 90 for due in arrears):
            since = day
        day += timedelta(days=1)
    return (*periods, NpaPeriod(since, None)) if since else tuple(periods)


@given(loans=st.lists(paths(), min_size=1, max_size=4), days=_DAYS)
def test_periods_are_those_of_a_reckoning_day_by_day(
    loans: list[list[OldestUnpaid]], days: int
) -> None:
    last = START + timedelta(days=days)
    assert npa_periods(loans, through=last, classified_through=last) == day_by_day(loans, last)


_STATES = [None, NPA, NPA + timedelta(days=200)]


@st.composite
def histories_of_class(draw: st.DrawFn) -> list[ClassChange]:
    days = sorted(draw(st.sets(_DAYS, max_size=5)))
    return [
        ClassChange(
            NPA + timedelta(days=day),
            AssetClass.STANDARD if since is None else AssetClass.SUBSTANDARD,
            since,
        )
        for day in days
        for since in [draw(st.sampled_from(_STATES))]
    ]


@given(histories=st.lists(histories_of_class(), max_size=4))
def test_recording_what_was_told_makes_it_what_holds(
    histories: list[list[ClassChange]],
) -> None:
    recorded: list[ClassChange] = []
    for history in histories:
        told = in_force(history)
        recorded += changes_to_record(recorded, told)
        assert in_force(recorded) == told
        assert changes_to_record(recorded, told) == ()


def test_a_mark_holds_over_what_the_loans_give_until_it_is_lifted() -> None:
    periods = [NpaPeriod(NPA, date(2021, 9, 1)), NpaPeriod(date(2021, 12, 1), None)]
    marks = [Mark(date(2021, 8, 1), AssetClass.LOSS), Mark(date(2022, 1, 10), None)]
    assert class_changes(periods, classified_through=date(2022, 6, 1), marks=marks) == (
        ClassChange(NPA, AssetClass.SUBSTANDARD, NPA),
        ClassChange(date(2021, 8, 1), AssetClass.LOSS, NPA, AssetClass.LOSS),
        ClassChange(date(2022, 1, 10), AssetClass.SUBSTANDARD, date(2021, 12, 1)),
    )


def test_a_mark_makes_a_standard_borrower_non_performing_and_ages_with_the_years() -> None:
    on, lifted = date(2021, 3, 10), date(2022, 5, 1)
    marks = [Mark(on, AssetClass.SUBSTANDARD), Mark(lifted, None)]
    assert class_changes([], classified_through=date(2023, 1, 1), marks=marks) == (
        ClassChange(on, AssetClass.SUBSTANDARD, on, AssetClass.SUBSTANDARD),
        ClassChange(date(2022, 3, 10), AssetClass.DOUBTFUL_1, on, AssetClass.SUBSTANDARD),
        ClassChange(lifted, AssetClass.STANDARD, None),
    )


@st.composite
def _periods_and_marks(draw: st.DrawFn) -> tuple[list[NpaPeriod], list[Mark]]:
    days = sorted(draw(st.sets(st.integers(0, 2_000), max_size=6)))
    dates = [START + timedelta(days=offset) for offset in days]
    periods = [
        NpaPeriod(since, dates[at + 1] if at + 1 < len(dates) else None)
        for at, since in enumerate(dates)
        if at % 2 == 0
    ]
    named = st.sampled_from([None, *(member for member in AssetClass if member.is_npa)])
    said = draw(st.lists(st.tuples(st.integers(0, 2_000), named), max_size=6))
    ordered = sorted(said, key=lambda one: one[0])
    return periods, [Mark(START + timedelta(days=offset), named) for offset, named in ordered]


@given(_periods_and_marks(), st.integers(0, 2_200))
def test_on_every_day_the_class_is_the_worse_one_of_told_and_marked(
    given_: tuple[list[NpaPeriod], list[Mark]], offset: int
) -> None:
    periods, marks = given_
    day = START + timedelta(days=offset)
    through = START + timedelta(days=2_500)

    def held(marked: list[Mark]) -> ClassChange:
        changes = class_changes(periods, classified_through=through, marks=marked)
        begun = [change for change in changes if change.effective_on <= day]
        return begun[-1] if begun else ClassChange(day, AssetClass.STANDARD, None)

    both, told = held(marks), held([])
    said = [mark.asset_class for mark in marks if mark.from_date <= day]
    marked = said[-1] if said else None
    assert both.marked is marked
    if marked is None:
        assert both.state == told.state
    else:
        assert both.npa_since is not None
        floor = worse_of(told.asset_class, marked)
        assert both.asset_class is worse_of(floor, sub_class(both.npa_since, day))
