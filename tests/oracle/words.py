"""A story in words, for whoever has to find out who is right."""

from collections.abc import Sequence

from tests.oracle.story import (
    Charged,
    Deal,
    Happening,
    Marked,
    Paid,
    RateSet,
    Rearranged,
    Refunded,
    TakenBack,
    Waived,
    WrittenOff,
)

AIMS = {
    "DUES": "",
    "REDUCE_TENURE": " to repay early and end sooner",
    "REDUCE_EMI": " to repay early and pay less a time",
    "FORECLOSURE": " to close the loan",
    "CANCELLATION": " to give the loan back",
}


DISTRESS = {False: "", True: ", the borrower being in distress"}


def in_words(deal: Deal, happenings: Sequence[Happening]) -> str:
    """Return the deal and everything that happened, a line each."""
    return "\n".join([_deal(deal), *(_happening(one) for one in happenings)])


def mark_in_words(mark: Marked) -> str:
    """Return a mark of the borrower, or its lifting."""
    return f"{mark.on}: the borrower is marked as {mark.asset_class or 'nothing any more'}"


def rupees(paise: int) -> str:
    """Return an amount as people write it."""
    return f"₹{paise // 100:,}.{paise % 100:02d}"


def _deal(deal: Deal) -> str:
    parts = [
        f"{rupees(deal.lent)} over {deal.tenure_months} months at {deal.rate_bps / 100:g} %,"
        f" {deal.method}, {deal.frequency}, {deal.day_count}; instalment to {_of(deal)}",
        f"paid out {deal.disbursed}, first due {deal.first_due}, due day {deal.due_day};"
        f" broken days: {deal.broken_interest}",
    ]
    if deal.idle_periods:
        parts.append(
            f"no principal for {deal.idle_periods} periods, nothing at all for"
            f" {deal.silent_periods} of them; their interest: {deal.silent_interest}"
        )
    parts += _penal(deal)
    if deal.fee:
        kept = "returned to who gives the loan back" if deal.fee_returned else "kept"
        parts.append(f"fee {rupees(deal.fee)}, tax {rupees(deal.fee_gst)} in it, {kept}")
    if deal.order != "OLDEST_INSTALMENT_FIRST":
        parts.append(f"money meets {deal.order}")
    if deal.npa_order not in ("", deal.order):
        parts.append(f"money of an NPA meets {deal.npa_order}")
    return ".\n  ".join(parts) + "."


def _penal(deal: Deal) -> list[str]:
    grace = f"after {deal.grace_days} days of grace"
    if deal.penal:
        return [f"penal charge {rupees(deal.penal)} {grace}"]
    if deal.penal_bps:
        return [f"penal charge {deal.penal_bps / 100:g} % a year of what is unpaid, {grace}"]
    slabs = [f"{rupees(amount)} after {days} days" for days, amount in deal.penal_slabs]
    return [f"penal charges {', '.join(slabs)}"] if slabs else []


def _of(deal: Deal) -> str:
    return f"{deal.instalment_rounding}, interest to {deal.split_rounding}"


def _happening(one: Happening) -> str:
    head = f"{one.number}. {one.on}: "
    match one:
        case Paid():
            cost = f", {rupees(one.closing_charge)} of it for closing" if one.closing_charge else ""
            return f"{head}{rupees(one.amount)} is paid{AIMS[one.aim]}{cost}"
        case TakenBack():
            return f"{head}number {one.which} is taken back"
        case Charged():
            return f"{head}{one.key} of {rupees(one.amount)} is levied, tax {rupees(one.gst)}"
        case Waived():
            return f"{head}{rupees(one.amount)} of {one.charge} is waived"
        case Refunded():
            return f"{head}{rupees(one.amount)} is paid back to the borrower"
        case Rearranged():
            return f"{head}{_rearranged(one)}, from {one.since} on{DISTRESS[one.in_distress]}"
        case WrittenOff():
            against = f" against number {one.settled_by}" if one.settled_by else ""
            return f"{head}the loan is written off, {one.kind}{against}"
        case RateSet():
            return f"{head}{one.rate_bps / 100:g} % from {one.since} on, keeping the {one.keep}"


def _rearranged(one: Rearranged) -> str:
    match one.what:
        case "DUE_DAY":
            return f"another due day, {one.figure}"
        case "HOLIDAY":
            paid = f"its interest with the {one.interest_with} instalment, keeping the {one.keep}"
            return f"a holiday of {one.figure} instalments, {paid}"
        case _:
            return f"{one.figure} instalments are to follow"
