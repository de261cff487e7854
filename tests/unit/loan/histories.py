"""Loans and histories for the tests of the core: named ones, and random ones."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import assume, settings
from hypothesis import strategies as st

from loan.domain.allocation import OLDEST_INSTALMENT_FIRST, AllocationOrder, Waterfall
from loan.domain.day_counts import DayCount
from loan.domain.events import (
    PROCESSING_FEE_KEY,
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    ExcessRefunded,
    LoanEvent,
    PaymentReceived,
)
from loan.domain.frequency import Frequency
from loan.domain.penal import PenalSlab
from loan.domain.schedule import InstalmentPlan, amortization_schedule, first_due_date
from loan.domain.terms import (
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)
from tests.properties import as_many

RUPEE = 100
LAKH = 100_000 * RUPEE

#: Enough examples to find a slip in the rules, few enough that nobody waits for the folder.
few_examples = settings(max_examples=as_many(20), deadline=None)


def terms_of(
    principal_paise: int = 12_000 * RUPEE,
    *,
    annual_rate_bps: int = 1_200,
    tenure_months: int = 12,
    interest_method: InterestMethod = InterestMethod.REDUCING_BALANCE,
    instalment_rounding: InstalmentRounding = InstalmentRounding.RUPEE,
    split_rounding: SplitRounding = SplitRounding.PAISA,
    disbursed_on: date = date(2025, 1, 5),
    first_due: date = date(2025, 2, 5),
    due_day: int | None = 5,
    penal_grace_days: int = 3,
    penal_charge_paise: int = 0,
    frequency: Frequency = Frequency.MONTHLY,
    day_count: DayCount = DayCount.EQUAL_PERIODS,
    broken_period_interest: BrokenPeriodInterest = BrokenPeriodInterest.NONE,
    principal_moratorium_periods: int = 0,
    interest_moratorium_periods: int = 0,
    moratorium_interest: MoratoriumInterest = MoratoriumInterest.WITH_FIRST_INSTALMENT,
    waterfall: Waterfall = OLDEST_INSTALMENT_FIRST,
    npa_waterfall: Waterfall | None = None,
) -> LoanTerms:
    """Return terms, by default of 12,000 rupees over a year at 12 %, due on the fifth."""
    return LoanTerms(
        principal_paise=principal_paise,
        annual_rate_bps=annual_rate_bps,
        tenure_months=tenure_months,
        interest_method=interest_method,
        instalment_rounding=instalment_rounding,
        split_rounding=split_rounding,
        disbursed_on=disbursed_on,
        first_due_date=first_due,
        due_day=due_day,
        penal_grace_days=penal_grace_days,
        penal_charge_paise=penal_charge_paise,
        frequency=frequency,
        day_count=day_count,
        broken_period_interest=broken_period_interest,
        principal_moratorium_periods=principal_moratorium_periods,
        interest_moratorium_periods=interest_moratorium_periods,
        moratorium_interest=moratorium_interest,
        waterfall=waterfall,
        npa_waterfall=npa_waterfall,
    )


def plain_terms(*, penal_charge_paise: int = 0, penal_grace_days: int = 3) -> LoanTerms:
    """Return a loan one can reckon in the head: 3,000 rupees, flat 12 %, three times 1,030."""
    return terms_of(
        3_000 * RUPEE,
        tenure_months=3,
        interest_method=InterestMethod.FLAT,
        split_rounding=SplitRounding.RUPEE,
        penal_charge_paise=penal_charge_paise,
        penal_grace_days=penal_grace_days,
    )


def paid(on: date, rupees: int = 0, *, paise: int = 0, sequence: int = 0) -> PaymentReceived:
    """Return a payment of so many rupees and paise."""
    return PaymentReceived(
        key=f"P-{on}-{sequence}",
        value_date=on,
        sequence=sequence,
        amount_paise=rupees * RUPEE + paise,
    )


def charged(
    on: date, rupees: int, *, kind: ChargeKind = ChargeKind.BOUNCE, sequence: int = 0
) -> ChargeLevied:
    """Return a charge of so many rupees."""
    return ChargeLevied(
        key=f"C-{on}-{sequence}",
        kind=kind,
        value_date=on,
        sequence=sequence,
        amount_paise=rupees * RUPEE,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A loan, what happened to it in order, and a day on or after all of it."""

    terms: LoanTerms
    schedule: tuple[InstalmentPlan, ...]
    events: tuple[LoanEvent, ...]
    as_of: date


@st.composite
def possible_terms(draw: st.DrawFn, *, max_tenure: int = 60) -> LoanTerms:
    """Draw terms of any method and rounding that have a schedule."""
    disbursed_on = draw(st.dates(date(2019, 1, 1), date(2027, 12, 31)))
    due_day = draw(st.integers(1, 31))
    method = draw(st.sampled_from(InterestMethod))
    # Where a month's interest is a few rupees, rounding it to rupees may leave no schedule, and
    # interest-only loans without interest have empty instalments: both are refused.
    rates = st.integers(200, 4_000)
    if method is not InterestMethod.INTEREST_ONLY:
        rates = st.one_of(st.just(0), rates)
    return terms_of(
        draw(st.integers(20_000 * RUPEE, 50 * LAKH)),
        annual_rate_bps=draw(rates),
        tenure_months=draw(st.integers(1, max_tenure)),
        interest_method=method,
        instalment_rounding=draw(st.sampled_from(InstalmentRounding)),
        split_rounding=draw(st.sampled_from(SplitRounding)),
        disbursed_on=disbursed_on,
        first_due=first_due_date(
            disbursed_on, due_day=due_day, minimum_gap_days=draw(st.integers(0, 30))
        ),
        due_day=due_day,
        penal_grace_days=draw(st.integers(0, 40)),
        penal_charge_paise=draw(st.sampled_from([0, 1, 500 * RUPEE])),
        waterfall=draw(st.sampled_from(AllocationOrder)).waterfall,
        npa_waterfall=draw(st.sampled_from([None, *(o.waterfall for o in AllocationOrder)])),
    )


@st.composite
def terms_of_any_kind(draw: st.DrawFn, *, max_months: int = 24) -> LoanTerms:
    """Draw terms of any frequency, day count, broken period and moratorium, possible or nearly."""
    frequency = draw(st.sampled_from(Frequency))
    months = draw(st.integers(1, max_months // 3)) * 3
    periods = frequency.periods_in(months)
    idle = draw(st.one_of(st.just(0), st.integers(0, min(periods - 1, 6))))
    silent = draw(st.integers(0, idle))
    terms = draw(possible_terms(max_tenure=1))
    due_day = terms.due_day if frequency.has_due_day else None
    first_period_ends = frequency.first_due_date(
        terms.disbursed_on, due_day=due_day, minimum_gap_days=draw(st.integers(0, 30))
    )
    kinds = list(MoratoriumInterest)
    if silent == 0 or terms.interest_method is InterestMethod.FLAT:
        kinds.remove(MoratoriumInterest.CAPITALISED)
    return replace(
        terms,
        tenure_months=months,
        frequency=frequency,
        due_day=due_day,
        first_due_date=frequency.shifted(first_period_ends, silent, anchor_day=due_day),
        day_count=draw(st.sampled_from(DayCount)),
        broken_period_interest=draw(st.sampled_from(BrokenPeriodInterest)),
        principal_moratorium_periods=idle,
        interest_moratorium_periods=silent,
        moratorium_interest=draw(st.sampled_from(kinds)),
    )


@st.composite
def histories(draw: st.DrawFn, *, max_tenure: int = 8, max_events: int = 8) -> History:
    """Draw a loan with a history: payments early, late, partial, tiny, too large; charges."""
    return draw(_histories_of(draw(possible_terms(max_tenure=max_tenure)), max_events=max_events))


@st.composite
def histories_of_any_kind(draw: st.DrawFn, *, max_events: int = 8) -> History:
    """Draw a history of a loan of any kind: frequency, day count, moratorium, penal charges."""
    terms = draw(terms_of_any_kind(max_months=6))
    match draw(st.sampled_from(["FLAT", "RATE", "SLABS"])):
        case "RATE":
            rate_bps = draw(st.integers(1, 3_600))
            terms = replace(terms, penal_charge_paise=0, penal_rate_bps=rate_bps)
        case "SLABS":
            days = draw(st.lists(st.integers(0, 90), min_size=1, max_size=3, unique=True))
            slabs = [PenalSlab(after_days=day, amount_paise=250 * RUPEE) for day in sorted(days)]
            terms = replace(terms, penal_charge_paise=0, penal_slabs=tuple(slabs))
    try:
        amortization_schedule(terms)
    except InvalidTerms:
        assume(False)
    return draw(_histories_of(terms, max_events=max_events))


@st.composite
def _histories_of(draw: st.DrawFn, terms: LoanTerms, *, max_events: int) -> History:
    schedule = amortization_schedule(terms)
    span_days = (schedule[-1].due_date - terms.disbursed_on).days + 130
    usual_paise = schedule[0].total_paise
    amounts = st.one_of(
        st.just(1),
        st.just(usual_paise),
        st.integers(1, 2 * usual_paise),
        st.integers(usual_paise, usual_paise * (terms.tenure_months + 2)),
    )
    offsets = sorted(draw(st.lists(st.integers(0, span_days), max_size=max_events)))
    fee = [a_processing_fee(terms, draw(amounts))] if draw(st.booleans()) else []
    events = (
        *fee,
        *(
            _event(draw, terms.disbursed_on + timedelta(days=offset), sequence, draw(amounts))
            for sequence, offset in enumerate(offsets)
        ),
    )
    last_offset = offsets[-1] if offsets else 0
    return History(
        terms=terms,
        schedule=schedule,
        events=events,
        as_of=terms.disbursed_on + timedelta(days=draw(st.integers(last_offset, span_days + 20))),
    )


def a_processing_fee(terms: LoanTerms, amount_paise: int) -> ChargeLevied:
    """Return a fee that is paid apart, before all other events: 18 of 118 are GST."""
    return ChargeLevied(
        key=PROCESSING_FEE_KEY,
        kind=ChargeKind.PROCESSING_FEE,
        value_date=terms.disbursed_on,
        sequence=-1,
        amount_paise=amount_paise,
        gst_paise=amount_paise * 18 // 118,
    )


def _event(draw: st.DrawFn, on: date, sequence: int, amount_paise: int) -> LoanEvent:
    kind = draw(st.integers(0, 11))
    if kind == 0 and sequence > 0:
        earlier = [f"C-{n}" for n in range(sequence)] + [
            "PENAL-1",
            "PENAL-2",
            PROCESSING_FEE_KEY,
        ]
        return ChargeWaived(
            key=f"WAIVER-{sequence}",
            charge_key=draw(st.sampled_from(earlier)),
            value_date=on,
            sequence=sequence,
            amount_paise=draw(st.integers(1, 1_500 * RUPEE)),
        )
    if kind == 1:
        return ExcessRefunded(
            key=f"REFUND-OF-{sequence}",
            value_date=on,
            sequence=sequence,
            amount_paise=draw(st.integers(1, 3_000 * RUPEE)),
        )
    if kind in (2, 3):
        amount_paise = draw(st.integers(1, 1_000 * RUPEE))
        return ChargeLevied(
            key=f"C-{sequence}",
            kind=draw(st.sampled_from([ChargeKind.BOUNCE, ChargeKind.OTHER])),
            value_date=on,
            sequence=sequence,
            amount_paise=amount_paise,
            gst_paise=draw(st.integers(0, amount_paise - 1)),
        )
    return PaymentReceived(
        key=f"P-{sequence}", value_date=on, sequence=sequence, amount_paise=amount_paise
    )
