"""A deal and what happened to it, in the words of the product's core."""

from loan.domain.allocation import AllocationOrder
from loan.domain.day_counts import DayCount
from loan.domain.events import (
    Cancelling,
    ChangeOfTerms,
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    DueDay,
    EventReversed,
    ExcessRefunded,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Tenor,
    Towards,
    WriteOffKind,
    WrittenOff,
)
from loan.domain.frequency import Frequency
from loan.domain.penal import PenalSlab
from loan.domain.terms import (
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)
from tests.oracle import story
from tests.oracle.story import Deal, GivingBack, Happening


def terms_of(deal: Deal) -> LoanTerms:
    """Return the core's terms of a deal. Raises `InvalidTerms`."""
    return LoanTerms(
        principal_paise=deal.lent,
        annual_rate_bps=deal.rate_bps,
        tenure_months=deal.tenure_months,
        interest_method=InterestMethod(deal.method),
        instalment_rounding=InstalmentRounding(deal.instalment_rounding),
        split_rounding=SplitRounding(deal.split_rounding),
        disbursed_on=deal.disbursed,
        first_due_date=deal.first_due,
        due_day=deal.due_day,
        frequency=Frequency(deal.frequency),
        day_count=DayCount(deal.day_count),
        broken_period_interest=BrokenPeriodInterest(deal.broken_interest),
        principal_moratorium_periods=deal.idle_periods,
        interest_moratorium_periods=deal.silent_periods,
        moratorium_interest=MoratoriumInterest(deal.silent_interest),
        penal_grace_days=deal.grace_days,
        penal_charge_paise=deal.penal,
        penal_rate_bps=deal.penal_bps,
        penal_slabs=tuple(
            PenalSlab(after_days=days, amount_paise=amount) for days, amount in deal.penal_slabs
        ),
        waterfall=AllocationOrder(deal.order).waterfall,
        npa_waterfall=AllocationOrder(deal.npa_order).waterfall if deal.npa_order else None,
    )


def event_of(happening: Happening) -> LoanEvent:
    """Return the core's event of a happening."""
    number, on = happening.number, happening.on
    key = str(number)
    match happening:
        case story.Paid():
            return PaymentReceived(
                key=key,
                value_date=on,
                sequence=number,
                amount_paise=happening.amount,
                towards=Towards(happening.aim),
                closing_charge_paise=happening.closing_charge,
                closing_gst_paise=happening.closing_gst,
                cancelling=_cancelling(happening.giving_back),
            )
        case story.TakenBack():
            return EventReversed(key=key, value_date=on, sequence=number, reverses=happening.which)
        case story.Charged():
            return ChargeLevied(
                key=happening.key,
                kind=ChargeKind.BOUNCE if happening.for_bounce else ChargeKind.OTHER,
                value_date=on,
                sequence=number,
                amount_paise=happening.amount,
                gst_paise=happening.gst,
            )
        case story.Waived():
            return ChargeWaived(
                key=key,
                charge_key=happening.charge,
                value_date=on,
                sequence=number,
                amount_paise=happening.amount,
            )
        case story.Refunded():
            return ExcessRefunded(
                key=key, value_date=on, sequence=number, amount_paise=happening.amount
            )
        case _:
            return _other_event_of(happening)


def _other_event_of(
    happening: story.RateSet | story.Rearranged | story.WrittenOff,
) -> LoanEvent:
    """Return the core's event of what the lender changes of a loan."""
    number, on = happening.number, happening.on
    key = str(number)
    match happening:
        case story.RateSet():
            return RateChanged(
                key=key,
                value_date=on,
                sequence=number,
                annual_rate_bps=happening.rate_bps,
                from_date=happening.since,
                keeping=Keeping(happening.keep),
            )
        case story.Rearranged():
            return Rescheduled(
                key=key,
                value_date=on,
                sequence=number,
                change=_change_of(happening),
                from_date=happening.since,
                restructures=happening.in_distress,
            )
        case story.WrittenOff():
            return WrittenOff(
                key=key,
                value_date=on,
                sequence=number,
                kind=WriteOffKind(happening.kind),
                settled_by=str(happening.settled_by) if happening.settled_by else None,
            )


def _change_of(happening: story.Rearranged) -> ChangeOfTerms:
    match happening.what:
        case "DUE_DAY":
            return DueDay(due_day=happening.figure)
        case "HOLIDAY":
            return Holiday(
                instalments=happening.figure,
                interest=HolidayInterest(f"WITH_{happening.interest_with}_INSTALMENT"),
                keeping=Keeping(happening.keep),
            )
        case _:
            return Tenor(instalments=happening.figure)


def _cancelling(back: GivingBack | None) -> Cancelling | None:
    if back is None:
        return None
    return Cancelling(
        interest_paise=back.interest,
        returned_fee_paise=back.fee,
        returned_gst_paise=back.gst,
        returned_interest_paise=back.kept_interest,
    )
