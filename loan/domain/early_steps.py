"""What a payment does beyond what is due: a part prepayment, a foreclosure, a cancellation."""

from dataclasses import replace
from datetime import date

from loan.domain.allocation import Portion
from loan.domain.cancellation import cancelling_instalment, may_be_cancelled
from loan.domain.early_repayment import closing_instalment, prepaid
from loan.domain.effects import Allocated, AllocationSource, ChargeBooked
from loan.domain.events import ChargeKind, PaymentReceived, Towards
from loan.domain.position import OpenCharge, billed_claims, charge_claims, with_portion_met
from loan.domain.rescheduling import must_wait
from loan.domain.running_period import RunningPeriod, is_in_moratorium, running_period
from loan.domain.walk import Walk


def spend_payment(walk: Walk, payment: PaymentReceived, amount_paise: int) -> int:
    """Meet what is billed and the charges with money of the payment; return what is left."""
    return walk.spend(
        amount_paise,
        claims=billed_claims(walk.position, walk.schedule) + charge_claims(walk.position),
        source=AllocationSource.PAYMENT,
        on=payment.value_date,
        event_key=payment.key,
    )


def repay_early(walk: Walk, payment: PaymentReceived, *, left_paise: int) -> int:
    """Repay what is not due yet with what is left, as far as that can be; return what is left."""
    running = running_period(
        walk.terms, walk.in_force, walk.schedule, billed_through=walk.position.billed_through
    )
    if payment.towards is Towards.CANCELLATION:
        return _cancel(walk, payment, left_paise=left_paise)
    if payment.towards is Towards.FORECLOSURE and running is None:
        _meet_the_last_dues(walk, payment.value_date)
        return left_paise
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
    return spend_payment(walk, payment, left_paise)


def _foreclose(
    walk: Walk, payment: PaymentReceived, running: RunningPeriod, *, left_paise: int
) -> int:
    """Repay all that is left of the loan, if it is enough; return what is left."""
    on, held_paise = payment.value_date, walk.position.advance_paise
    last = closing_instalment(running, on)
    owed_paise = last.total_paise + payment.closing_charge_paise
    if not held_paise <= owed_paise <= left_paise + held_paise + walk.position.excess_paise:
        return left_paise
    walk.call_in(last, on=on, event_key=payment.key)
    if payment.closing_charge_paise:
        book_charge(
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
    return spend_payment(walk, payment, left_paise)


def _meet_the_last_dues(walk: Walk, on: date) -> None:
    """Meet what is left of a loan that is billed to its end with money held as excess.

    Such money was beyond everything owed until a change of terms made the loan cost more.
    """
    if walk.position.written_off_on is None:
        _spend_held(walk, on=on)


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
    """Give the loan back, if it still can be and it is enough; return what is left."""
    on, cancelling, before = payment.value_date, payment.cancelling, walk.position
    if cancelling is None or left_paise == 0 or not may_be_cancelled(before):
        return left_paise
    last = cancelling_instalment(walk.terms, cancelling, on=on)
    returned_paise = cancelling.returned_fee_paise + cancelling.returned_interest_paise
    held_paise = before.advance_paise + before.excess_paise
    if not held_paise <= last.total_paise - returned_paise <= left_paise + held_paise:
        return left_paise
    walk.call_in(last, on=on, event_key=payment.key)
    key = cancellation_key(payment.sequence)
    fee_paise, gst_paise = cancelling.returned_fee_paise, cancelling.returned_gst_paise
    _give(walk, AllocationSource.FEE_BACK, fee_paise, key=key, on=on, gst_paise=gst_paise)
    _give(walk, AllocationSource.INTEREST_BACK, cancelling.returned_interest_paise, key=key, on=on)
    _spend_held(walk, on=on)
    return spend_payment(walk, payment, left_paise)


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


def book_charge(walk: Walk, booked: ChargeBooked) -> None:
    """Put a charge on the loan."""
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
