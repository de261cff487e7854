"""What each kind of event does to a loan. A new kind is a new case of `take` with its function."""

from dataclasses import replace
from datetime import date

from bright_credit.common.errors import Conflict
from bright_credit.common.money import format_rupees
from loan.domain.allocation import Portion
from loan.domain.cancellation import cancelling_instalment
from loan.domain.early_repayment import closing_instalment, prepaid
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    ExcessHeld,
    ExcessPaidBack,
    Restructured,
)
from loan.domain.events import (
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    EffectiveEvent,
    ExcessRefunded,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Towards,
)
from loan.domain.position import (
    OpenCharge,
    billed_claims,
    charge_claims,
    with_charge_waived,
    with_portion_met,
)
from loan.domain.rescheduling import change_rate, must_wait, require_free, reschedule
from loan.domain.running_period import RunningPeriod, is_in_moratorium, running_period
from loan.domain.walk import Walk


class ChargeKeyTaken(Conflict):
    """Another charge of the loan has this key."""

    code = "charge_key_taken"


class ChargeNotOpen(Conflict):
    """Nothing is owed of the charge: it is paid, waived, or not there."""

    code = "charge_not_open"


class WaiverExceedsCharge(Conflict):
    """More would be waived than is unpaid of the charge."""

    code = "waiver_exceeds_charge"


class RefundExceedsExcess(Conflict):
    """More would be paid back than is held beyond everything owed."""

    code = "refund_exceeds_excess"


def require_possible(walk: Walk, event: EffectiveEvent) -> None:
    """Refuse a new event that asks for what is not there, on a walk that has begun its date.

    Raises `ChargeNotOpen`, `WaiverExceedsCharge`, `RefundExceedsExcess`, `OverlappingChange`.
    """
    match event:
        case ChargeWaived():
            charge = _open_charge(walk, event.charge_key)
            if charge is None:
                raise ChargeNotOpen(f"nothing is owed of {event.charge_key}", field="charge")
            if event.amount_paise > charge.unpaid_paise:
                raise WaiverExceedsCharge(
                    f"must be at most {format_rupees(charge.unpaid_paise)}, which is unpaid",
                    field="amount",
                )
        case ExcessRefunded() if event.amount_paise > walk.position.excess_paise:
            raise RefundExceedsExcess(
                f"must be at most {format_rupees(walk.position.excess_paise)}, which is held",
                field="amount",
            )
        case RateChanged() | Rescheduled():
            require_free(walk.in_force, event)
        case _:
            pass


def take(walk: Walk, event: EffectiveEvent) -> None:
    """Do what the event does, on a walk that has begun its value date."""
    match event:
        case PaymentReceived():
            _receive(walk, event)
        case ChargeLevied():
            _levy(walk, event)
        case ChargeWaived():
            _waive(walk, event)
        case ExcessRefunded():
            _refund(walk, event)
        case RateChanged():
            change_rate(walk, event)
        case Rescheduled():
            if reschedule(walk, event) and event.restructures:
                walk.record(
                    Restructured(on=event.value_date, event_key=event.key),
                    position=replace(walk.position, restructured_on=event.value_date),
                )
    walk.settle(event.value_date)


def _receive(walk: Walk, payment: PaymentReceived) -> None:
    left_paise = _spend(walk, payment, payment.amount_paise)
    if payment.towards is not Towards.DUES:
        left_paise = _repay_early(walk, payment, left_paise=left_paise)
    advance_paise = min(left_paise, _room_for_advance(walk, wanted_paise=left_paise))
    if advance_paise > 0:
        _hold_advance(walk, payment, advance_paise=advance_paise)
    if left_paise > advance_paise:
        _hold_excess(walk, payment, excess_paise=left_paise - advance_paise)


def _spend(walk: Walk, payment: PaymentReceived, amount_paise: int) -> int:
    """Meet what is billed and the charges with money of the payment; return what is left."""
    return walk.spend(
        amount_paise,
        claims=billed_claims(walk.position, walk.schedule) + charge_claims(walk.position),
        source=AllocationSource.PAYMENT,
        on=payment.value_date,
        event_key=payment.key,
    )


def _repay_early(walk: Walk, payment: PaymentReceived, *, left_paise: int) -> int:
    """Repay what is not due yet with what is left, as far as that can be; return what is left."""
    running = running_period(
        walk.terms, walk.in_force, walk.schedule, billed_through=walk.position.billed_through
    )
    if payment.towards is Towards.CANCELLATION:
        return _cancel(walk, payment, left_paise=left_paise)
    waits = is_in_moratorium(walk.terms, payment.value_date)
    if left_paise == 0 or running is None or waits:
        return left_paise
    if payment.towards is Towards.FORECLOSURE:
        return _foreclose(walk, payment, running, left_paise=left_paise)
    if must_wait(walk, payment.value_date):
        return left_paise
    return _prepay(walk, payment, running, left_paise=left_paise)


def _prepay(
    walk: Walk, payment: PaymentReceived, running: RunningPeriod, *, left_paise: int
) -> int:
    """Repay principal with what is left, as an instalment dated that day; return what is left."""
    rest = prepaid(
        walk.terms,
        walk.in_force,
        running,
        on=payment.value_date,
        paid_paise=left_paise,
        held_paise=walk.position.advance_paise,
        towards=payment.towards,
    )
    if rest is None:
        return left_paise
    walk.in_force = rest.in_force
    walk.replace_schedule(rest.coming, on=payment.value_date, event_key=payment.key)
    walk.bill_next()
    return _spend(walk, payment, left_paise)


def _foreclose(
    walk: Walk, payment: PaymentReceived, running: RunningPeriod, *, left_paise: int
) -> int:
    """Repay all that is left of the loan, if it is enough; return what is left."""
    on, held_paise = payment.value_date, walk.position.advance_paise
    last = closing_instalment(running, on)
    owed_paise = last.total_paise + payment.closing_charge_paise
    if not held_paise <= owed_paise <= left_paise + held_paise + walk.position.excess_paise:
        return left_paise
    walk.replace_schedule((last,), on=on, event_key=payment.key)
    walk.bill_next()
    if payment.closing_charge_paise:
        _book_charge(
            walk,
            ChargeBooked(
                key=closing_charge_key(payment.sequence),
                kind=ChargeKind.FORECLOSURE,
                levied_on=on,
                amount_paise=payment.closing_charge_paise,
                gst_paise=payment.closing_gst_paise,
            ),
        )
    _spend_held(walk, on=on)
    return _spend(walk, payment, left_paise)


def _spend_held(walk: Walk, *, on: date) -> None:
    """Meet what closes the loan with the money that is held for it."""
    for source, money_paise in (
        (AllocationSource.ADVANCE, walk.position.advance_paise),
        (AllocationSource.EXCESS, walk.position.excess_paise),
    ):
        rest_paise = walk.spend(
            money_paise,
            claims=billed_claims(walk.position, walk.schedule) + charge_claims(walk.position),
            source=source,
            on=on,
        )
        if source is AllocationSource.ADVANCE:
            walk.position = replace(walk.position, advance_paise=rest_paise)
        else:
            walk.position = replace(walk.position, excess_paise=rest_paise)


def _cancel(walk: Walk, payment: PaymentReceived, *, left_paise: int) -> int:
    """Give the loan back, if nothing of it is billed and it is enough; return what is left."""
    on, cancelling, before = payment.value_date, payment.cancelling, walk.position
    if cancelling is None or before.billed_through > 0 or left_paise == 0:
        return left_paise
    last = cancelling_instalment(walk.terms, cancelling, on=on)
    returned_paise = cancelling.returned_fee_paise + cancelling.returned_interest_paise
    held_paise = before.advance_paise + before.excess_paise
    if not held_paise <= last.total_paise - returned_paise <= left_paise + held_paise:
        return left_paise
    walk.replace_schedule((last,), on=on, event_key=payment.key)
    walk.bill_next()
    key = cancellation_key(payment.sequence)
    fee_paise, gst_paise = cancelling.returned_fee_paise, cancelling.returned_gst_paise
    _give(walk, AllocationSource.FEE_BACK, fee_paise, key=key, on=on, gst_paise=gst_paise)
    _give(walk, AllocationSource.INTEREST_BACK, cancelling.returned_interest_paise, key=key, on=on)
    _spend_held(walk, on=on)
    return _spend(walk, payment, left_paise)


def _give(
    walk: Walk,
    source: AllocationSource,
    paise: int,
    *,
    key: str,
    on: date,
    gst_paise: int = 0,
) -> None:
    """Meet principal of the only instalment with what was kept back at the disbursement."""
    if paise == 0:
        return
    walk.record(
        Allocated(
            source=source,
            value_date=on,
            event_key=key,
            instalment_number=1,
            charge_key=None,
            interest_paise=0,
            principal_paise=paise,
            charge_paise=0,
            penal_paise=0,
            gst_paise=gst_paise,
        ),
        position=with_portion_met(
            walk.position, Portion(instalment_number=1, principal_paise=paise), walk.schedule
        ),
    )


def cancellation_key(sequence: int) -> str:
    """Return the key of what is given back with a cancellation by a payment of this number."""
    return f"CANCELLATION-{sequence}"


def closing_charge_key(sequence: int) -> str:
    """Return the key of the charge for foreclosing by a payment with this number."""
    return f"FORECLOSURE-{sequence}"


def _room_for_advance(walk: Walk, *, wanted_paise: int) -> int:
    """Return how much more the dues to come can take, counted no further than is wanted."""
    room_paise = -walk.position.advance_paise
    for number in range(walk.position.billed_through + 1, len(walk.schedule) + 1):
        if room_paise >= wanted_paise:
            break
        room_paise += walk.schedule[number - 1].total_paise
    return room_paise


def _hold_advance(walk: Walk, payment: PaymentReceived, *, advance_paise: int) -> None:
    walk.record(
        AdvanceHeld(
            value_date=payment.value_date, event_key=payment.key, amount_paise=advance_paise
        ),
        position=replace(walk.position, advance_paise=walk.position.advance_paise + advance_paise),
    )


def _hold_excess(walk: Walk, payment: PaymentReceived, *, excess_paise: int) -> None:
    walk.record(
        ExcessHeld(value_date=payment.value_date, event_key=payment.key, amount_paise=excess_paise),
        position=replace(walk.position, excess_paise=walk.position.excess_paise + excess_paise),
    )


def _levy(walk: Walk, event: ChargeLevied) -> None:
    """Put a charge on the loan. Money held as excess is so no longer, as far as the charge goes.

    Money held in advance stays for the dues it was kept for.
    """
    if any(charge.key == event.key for charge in walk.position.open_charges):
        raise ChargeKeyTaken(f"the loan has a charge {event.key} already", field="key")
    _book_charge(
        walk,
        ChargeBooked(
            key=event.key,
            kind=event.kind,
            levied_on=event.value_date,
            amount_paise=event.amount_paise,
            gst_paise=event.gst_paise,
        ),
    )
    if walk.position.excess_paise > 0:
        left_paise = walk.spend(
            walk.position.excess_paise,
            claims=charge_claims(walk.position),
            source=AllocationSource.EXCESS,
            on=event.value_date,
            event_key=event.key,
        )
        walk.position = replace(walk.position, excess_paise=left_paise)


def _book_charge(walk: Walk, booked: ChargeBooked) -> None:
    charge = OpenCharge(
        key=booked.key,
        kind=booked.kind,
        levied_on=booked.levied_on,
        amount_paise=booked.amount_paise,
        paid_paise=0,
        instalment_number=None,
        gst_paise=booked.gst_paise,
    )
    walk.record(
        booked,
        position=replace(walk.position, open_charges=(*walk.position.open_charges, charge)),
    )


def _waive(walk: Walk, event: ChargeWaived) -> None:
    """Let go of what is unpaid of the charge, and of no more than was said."""
    charge = _open_charge(walk, event.charge_key)
    if charge is None:
        return  # history turned out otherwise: it never came, or was paid
    amount_paise = min(event.amount_paise, charge.unpaid_paise)
    penal = charge.kind is ChargeKind.PENAL
    walk.record(
        Allocated(
            source=AllocationSource.WAIVER,
            value_date=event.value_date,
            event_key=event.key,
            instalment_number=None,
            charge_key=charge.key,
            interest_paise=0,
            principal_paise=0,
            charge_paise=0 if penal else amount_paise,
            penal_paise=amount_paise if penal else 0,
            gst_paise=charge.gst_within(amount_paise),
        ),
        position=with_charge_waived(
            walk.position, Portion(charge_key=charge.key, charge_paise=amount_paise)
        ),
    )


def _refund(walk: Walk, event: ExcessRefunded) -> None:
    """Pay excess back. What is not held after all was paid out all the same, and is owed."""
    held_paise = min(event.amount_paise, walk.position.excess_paise)
    if held_paise > 0:
        walk.record(
            ExcessPaidBack(
                value_date=event.value_date, event_key=event.key, amount_paise=held_paise
            ),
            position=replace(walk.position, excess_paise=walk.position.excess_paise - held_paise),
        )
    if event.amount_paise > held_paise:
        _book_charge(
            walk,
            ChargeBooked(
                key=refund_charge_key(event.sequence),
                kind=ChargeKind.REFUND,
                levied_on=event.value_date,
                amount_paise=event.amount_paise - held_paise,
            ),
        )


def refund_charge_key(sequence: int) -> str:
    """Return the key of the charge for what a refund, by its number, has paid out too much."""
    return f"REFUND-{sequence}"


def _open_charge(walk: Walk, key: str) -> OpenCharge | None:
    return next((charge for charge in walk.position.open_charges if charge.key == key), None)
