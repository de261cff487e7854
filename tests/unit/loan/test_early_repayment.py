"""Part prepayments and foreclosures, on figures worked by hand and on random loans."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loan.domain.day_counts import DayCount
from loan.domain.early_repayment import ClosingRates, ForeclosureQuote, foreclosure_quote
from loan.domain.effects import ScheduleReplaced
from loan.domain.events import (
    EventReversed,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Towards,
)
from loan.domain.frequency import Frequency
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import amortization_schedule
from loan.domain.servicing import EventOutOfOrder, Step, apply, initial_position, replay
from loan.domain.terms import BrokenPeriodInterest, InterestMethod, LoanTerms
from tests.unit.loan.histories import (
    LAKH,
    RUPEE,
    History,
    few_examples,
    histories,
    paid,
    plain_terms,
    possible_terms,
    terms_of,
)

FREE = ClosingRates()


def towards(
    aim: Towards, on: date, paise: int, *, sequence: int = 90, charge: int = 0, gst: int = 0
) -> PaymentReceived:
    return PaymentReceived(
        key=f"E-{on}-{sequence}",
        value_date=on,
        sequence=sequence,
        amount_paise=paise,
        towards=aim,
        closing_charge_paise=charge,
        closing_gst_paise=gst,
    )


def story(terms: LoanTerms, *events: LoanEvent, until: date) -> Step:
    return replay(terms, events, until, day_ended=False)


def quote(
    terms: LoanTerms, *events: LoanEvent, on: date, rates: ClosingRates = FREE
) -> ForeclosureQuote:
    told = story(terms, *events, until=on)
    return foreclosure_quote(terms, told.in_force, told.schedule, told.position, rates=rates)


def five_lakh() -> LoanTerms:
    """Return RBI-like terms: 5,00,000 over 24 months at 16 %, first due on 5 February."""
    return terms_of(
        5 * LAKH,
        annual_rate_bps=1_600,
        tenure_months=24,
        disbursed_on=date(2026, 1, 10),
        first_due=date(2026, 2, 5),
    )


def test_prepaying_on_a_due_date_repays_principal_alone_and_keeps_the_instalment() -> None:
    terms, due = five_lakh(), date(2026, 2, 5)
    # 24,482.00 meets the due: 6,666.67 interest, 17,815.33 principal. 1,00,000 comes off the rest:
    # 4,82,184.67 − 1,00,000.00 = 3,82,184.67, whose interest in March is 5,095.80.
    step = story(
        terms, towards(Towards.REDUCE_TENURE, due, 124_482 * RUPEE), until=date(2026, 3, 5)
    )
    own, following = step.schedule[1], step.schedule[2]
    assert (own.due_date, own.principal_paise, own.interest_paise) == (due, 100_000 * RUPEE, 0)
    assert following.opening_principal_paise == 382_184_67
    assert (following.interest_paise, following.total_paise) == (5_095_80, 24_482 * RUPEE)
    assert len(step.schedule) < 24
    assert sum(row.principal_paise for row in step.schedule) == terms.principal_paise


def test_prepaying_to_reduce_the_emi_keeps_the_last_date() -> None:
    terms = five_lakh()
    before = story(terms, until=terms.disbursed_on).schedule
    step = story(
        terms,
        towards(Towards.REDUCE_EMI, date(2026, 2, 5), 124_482 * RUPEE),
        until=date(2026, 3, 5),
    )
    assert step.schedule[-1].due_date == before[-1].due_date
    assert len(step.schedule) == 25  # the prepayment is one of them
    # 3,82,184.67 over 23 months at 16 %/12: 19,403.53…, rounded to 19,404.
    assert step.schedule[2].total_paise == 19_404 * RUPEE


def test_interest_to_the_day_is_paid_first_and_not_asked_again() -> None:
    terms, on = five_lakh(), date(2026, 1, 20)
    # 15 of 31 days of the first period have run: 6,666.67 less 6,666.67 × 16/31 = 3,225.81.
    step = story(terms, towards(Towards.REDUCE_EMI, on, 100_000 * RUPEE), until=on)
    own, first = step.schedule[0], step.schedule[1]
    assert own.interest_paise == 3_225_81
    assert own.principal_paise == 96_774_19
    # The rest of the period on 4,03,225.81: 4,03,225.81 × 16 % / 12 × 16/31 = 2,774.89.
    assert first.interest_paise == 2_774_89


@pytest.mark.parametrize(
    ("on", "accrued"),
    [
        (date(2026, 2, 5), 0),
        (date(2026, 2, 15), 2_113_69),  # 4,82,184.67 × 16 % × 10/365
        (date(2026, 3, 4), 5_706_95),  # 27 days
    ],
)
def test_a_quote_adds_interest_by_the_day(on: date, accrued: int) -> None:
    terms = five_lakh()
    asked = quote(terms, paid(date(2026, 2, 5), 24_482), on=on)
    assert asked.accrued_interest_paise == accrued
    assert asked.amount_paise == 482_184_67 + accrued
    assert asked.per_diem_paise == 211_37


def test_interest_by_the_day_never_exceeds_that_of_the_period() -> None:
    terms = terms_of(10_000 * RUPEE, tenure_months=3, first_due=date(2025, 4, 5))
    start = date(2025, 3, 5)
    asked = [quote(terms, on=start + timedelta(days=days)) for days in range(31)]
    accrued = [each.accrued_interest_paise for each in asked]
    assert accrued == sorted(accrued)
    assert accrued[0] == 0
    assert max(accrued) <= amortization_schedule(terms)[0].interest_paise


def test_a_quote_counts_arrears_charges_gst_and_what_is_held() -> None:
    terms = replace(five_lakh(), penal_charge_paise=500 * RUPEE)
    asked = quote(terms, on=date(2026, 2, 20), rates=ClosingRates(charge_bps=200, gst_bps=1_800))
    assert (asked.interest_due_paise, asked.principal_due_paise) == (6_666_67, 17_815_33)
    assert asked.penal_paise == 500 * RUPEE
    assert asked.closing_charge_paise == 9_643_69  # 2 % of 4,82,184.67
    assert asked.closing_gst_paise == 1_735_86
    held = quote(terms, paid(date(2026, 1, 15), 30_000), on=date(2026, 2, 20))
    assert held.advance_paise == 5_518 * RUPEE
    assert held.amount_paise == held.owed_paise - 5_518 * RUPEE


def test_what_changes_the_schedule_is_told_from_the_start() -> None:
    terms = plain_terms()
    event = towards(Towards.REDUCE_EMI, date(2025, 1, 20), 1_000 * RUPEE)
    with pytest.raises(EventOutOfOrder):
        apply(terms, story(terms, until=event.value_date).schedule, initial_position(terms), event)


@st.composite
def loans_with_a_day(draw: st.DrawFn) -> tuple[History, date]:
    """Draw a history and a day on or after its last event, on which the loan is still open."""
    told = draw(histories(max_tenure=14, max_events=5))
    last = max((event.value_date for event in told.events), default=told.terms.disbursed_on)
    day = last + timedelta(days=draw(st.integers(0, 70)))
    assume(story(told.terms, *told.events, until=day).position.status is LoanStatus.ACTIVE)
    return told, day


@few_examples
@given(loans_with_a_day(), st.integers(0, 500))
def test_i24_foreclosure_paid_exactly_closes_to_zero_and_one_paisa_less_does_not(
    drawn: tuple[History, date], charge_bps: int
) -> None:
    told, on = drawn
    rates = ClosingRates(charge_bps=charge_bps, gst_bps=1_800)
    asked = quote(told.terms, *told.events, on=on, rates=rates)
    assume(asked.amount_paise > 1)
    charge = asked.closing_charge_paise + asked.closing_gst_paise

    def foreclosed(paise: int) -> Step:
        event = towards(Towards.FORECLOSURE, on, paise, charge=charge, gst=asked.closing_gst_paise)
        return story(told.terms, *told.events, event, until=on)

    closed = foreclosed(asked.amount_paise)
    assert closed.position.status is LoanStatus.CLOSED
    assert closed.position.principal_paid_paise == told.terms.principal_paise
    assert (closed.position.advance_paise, closed.position.excess_paise) == (0, 0)
    assert sum(row.principal_paise for row in closed.schedule) == told.terms.principal_paise
    short = foreclosed(asked.amount_paise - 1)
    assert short.position.status is LoanStatus.ACTIVE


@few_examples
@given(loans_with_a_day(), st.sampled_from([Towards.REDUCE_EMI, Towards.REDUCE_TENURE]), st.data())
def test_i12_i20_a_prepayment_repays_principal_and_never_costs_more(
    drawn: tuple[History, date], aim: Towards, data: st.DataObject
) -> None:
    told, on = drawn
    asked = quote(told.terms, *told.events, on=on)
    assume(asked.amount_paise > 1)
    paise = data.draw(st.integers(1, asked.amount_paise - 1))
    before = story(told.terms, *told.events, until=on)
    after = story(told.terms, *told.events, towards(aim, on, paise), until=on)
    assert sum(row.principal_paise for row in after.schedule) == told.terms.principal_paise
    assert [row.number for row in after.schedule] == list(range(1, len(after.schedule) + 1))
    assert after.position.advance_paise <= sum(
        row.total_paise for row in after.schedule[after.position.billed_through :]
    )
    interest = [sum(row.interest_paise for row in s.schedule) for s in (before, after)]
    # Each row may round its interest half a paisa or half a rupee the other way.
    slack = len(before.schedule) * (50 if told.terms.split_rounding == "RUPEE" else 1)
    flat = told.terms.interest_method is InterestMethod.FLAT
    assert interest[1] <= interest[0] + slack * (3 if flat else 1)
    assert after.schedule[-1].due_date <= before.schedule[-1].due_date


@few_examples
@given(loans_with_a_day(), st.sampled_from(Towards), st.integers(1, 5 * LAKH))
def test_i15_an_early_repayment_taken_back_leaves_the_history_as_it_was(
    drawn: tuple[History, date], aim: Towards, paise: int
) -> None:
    told, on = drawn
    later = on + timedelta(days=75)
    event = towards(aim, on, paise)
    taken_back = EventReversed(key="R", value_date=later, sequence=91, reverses=event.sequence)
    without = story(told.terms, *told.events, until=later)
    undone = story(told.terms, *told.events, event, taken_back, until=later)
    assert undone == without


@few_examples
@given(possible_terms(max_tenure=30), st.integers(0, 900))
def test_i23_without_anything_to_follow_a_prepayment_is_a_payment(
    terms: LoanTerms, days: int
) -> None:
    on = terms.disbursed_on + timedelta(days=days)
    plain = story(terms, towards(Towards.DUES, on, terms.principal_paise * 3), until=on)
    step = story(terms, towards(Towards.REDUCE_EMI, on, terms.principal_paise * 3), until=on)
    assert step.position == plain.position
    assert not any(isinstance(effect, ScheduleReplaced) for effect in step.effects)


def test_closing_a_loan_costs_no_interest_of_days_before_it_was_paid_out() -> None:
    """The first period counts as whole from 5 January; the loan was paid out on the 25th."""
    terms = replace(five_lakh(), disbursed_on=date(2026, 1, 25))
    assert quote(terms, on=date(2026, 1, 25)).accrued_interest_paise == 0
    # 5,00,000 × 16 % × 5/365
    assert quote(terms, on=date(2026, 1, 30)).accrued_interest_paise == 1_095_89


def test_broken_days_to_come_are_reckoned_on_what_is_left() -> None:
    """24 broken days, of which 5 have run when half of the loan is repaid."""
    terms, on = broken_days(), date(2026, 3, 17)
    step = story(terms, towards(Towards.REDUCE_EMI, on, 251_095_89), until=on)
    own, first = step.schedule[0], step.schedule[1]
    assert (own.interest_paise, own.principal_paise) == (1_095_89, 250_000 * RUPEE)
    # 2,50,000 × 16 % × 19/365 = 2,082.19, and a month: 3,333.33.
    assert first.interest_paise == 2_082_19 + 3_333_33


@pytest.mark.parametrize("broken", [BrokenPeriodInterest.NONE, BrokenPeriodInterest.UPFRONT])
def test_broken_days_that_cost_nothing_cost_nothing_after_a_prepayment(
    broken: BrokenPeriodInterest,
) -> None:
    """The first period begins on 5 April; what is repaid before costs no interest, nor does it
    make the days to then cost any."""
    terms = replace(broken_days(), broken_period_interest=broken)
    repaid = towards(Towards.REDUCE_EMI, date(2026, 3, 17), 250_000 * RUPEE)
    assert quote(terms, repaid, on=date(2026, 4, 5)).accrued_interest_paise == 0
    # 2,50,000 × 16 % × 10/365
    assert quote(terms, repaid, on=date(2026, 4, 15)).accrued_interest_paise == 1_095_89


def test_a_rate_that_changes_within_the_broken_days_changes_their_interest() -> None:
    terms, on = broken_days(), date(2026, 3, 26)
    step = story(terms, rate_of(800, on), until=on)
    # 5,00,000 × (16 % × 14/365 + 8 % × 10/365), and a month at 8 %.
    assert step.schedule[0].interest_paise == 4_164_38 + 3_333_33


def test_flat_interest_is_not_asked_again_when_the_rate_is_set() -> None:
    """From 20 January 2025 to 5 January 2026 are 350 days: 12,000 × 12 % × 350/365."""
    terms = flat_by_days()
    for keeping in Keeping:
        step = story(terms, rate_of(1_200, terms.disbursed_on, keeping), until=terms.disbursed_on)
        assert sum(row.interest_paise for row in step.schedule) == 1_380_82


def test_nothing_of_flat_interest_has_run_on_the_due_date_itself() -> None:
    """Flat interest is spread evenly; the 28 days of February do not make March begin with some."""
    terms, due = flat_by_days(), date(2025, 2, 5)
    dues = story(terms, until=due).schedule[0].total_paise
    step = story(terms, towards(Towards.REDUCE_EMI, due, dues + 3_000 * RUPEE), until=due)
    assert (step.schedule[1].interest_paise, step.schedule[1].principal_paise) == (0, 3_000 * RUPEE)


def test_more_money_held_than_closing_costs_is_no_way_to_close() -> None:
    """All of 3,090 was paid at once; closing the same day would ask the 3,000 lent."""
    terms = plain_terms()
    asked = quote(terms, paid(terms.disbursed_on, 4_120), on=terms.disbursed_on)
    assert asked.is_met_by_advance
    assert not quote(
        terms, paid(terms.disbursed_on, 2_999), on=terms.disbursed_on
    ).is_met_by_advance


def broken_days() -> LoanTerms:
    return replace(
        five_lakh(),
        disbursed_on=date(2026, 3, 12),
        first_due_date=date(2026, 5, 5),
        broken_period_interest=BrokenPeriodInterest.WITH_FIRST_INSTALMENT,
    )


def flat_by_days() -> LoanTerms:
    return terms_of(
        interest_method=InterestMethod.FLAT,
        disbursed_on=date(2025, 1, 20),
        day_count=DayCount.ACTUAL_365,
    )


def rate_of(bps: int, on: date, keeping: Keeping = Keeping.TENURE) -> RateChanged:
    return RateChanged(
        key="R", value_date=on, sequence=1, annual_rate_bps=bps, from_date=on, keeping=keeping
    )


def test_money_that_was_too_much_until_a_holiday_helps_to_close_a_loan_billed_to_its_end() -> None:
    """3,100 paid on the first day are 10 too much; a month's holiday then costs 30 more."""
    terms = plain_terms()
    holiday = Rescheduled(
        key="H",
        value_date=date(2025, 1, 10),
        sequence=2,
        change=Holiday(instalments=1, interest=HolidayInterest.WITH_FIRST_INSTALMENT),
        from_date=date(2025, 1, 10),
    )
    until = date(2025, 5, 6)
    before = (paid(date(2025, 1, 5), 3_100, sequence=1), holiday)
    quoted = quote(terms, *before, on=until)
    assert (quoted.excess_paise, quoted.amount_paise) == (10 * RUPEE, 20 * RUPEE)
    for paise, status in ((20 * RUPEE, LoanStatus.CLOSED), (20 * RUPEE - 1, LoanStatus.ACTIVE)):
        last = towards(Towards.FORECLOSURE, until, paise)
        closed = story(terms, *before, last, until=until).position
        assert (closed.status, closed.excess_paise) == (status, 0)


def test_a_rate_that_changes_on_a_31st_adds_no_day_to_the_interest_of_a_foreclosure() -> None:
    """By 30/360 the month from 1 May to 1 June has 30 days, and the 31st none: 30 × 120 rupees."""
    terms = terms_of(
        360_000 * RUPEE,
        tenure_months=6,
        disbursed_on=date(2025, 5, 1),
        first_due=date(2025, 8, 1),
        due_day=1,
        frequency=Frequency.QUARTERLY,
        day_count=DayCount.THIRTY_360,
    )
    doubled = RateChanged(
        key="R",
        value_date=date(2025, 5, 20),
        sequence=1,
        annual_rate_bps=2_400,
        from_date=date(2025, 5, 31),
        keeping=Keeping.TENURE,
    )
    asked = [
        quote(terms, doubled, on=day).accrued_interest_paise // RUPEE
        for day in (date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 2))
    ]
    assert asked == [3_600, 3_600, 3_840]
