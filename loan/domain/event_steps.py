"""What each kind of event does to a loan. A new kind is a new case of `take` with its function."""

from dataclasses import replace

from bright_credit.common.errors import Conflict
from loan.domain.effects import AdvanceHeld, AllocationSource, ChargeBooked, ExcessHeld
from loan.domain.events import ChargeLevied, EffectiveEvent, PaymentReceived
from loan.domain.position import OpenCharge, billed_claims, charge_claims
from loan.domain.walk import Walk


class ChargeKeyTaken(Conflict):
    """Another charge of the loan has this key."""

    code = "charge_key_taken"


def take(walk: Walk, event: EffectiveEvent) -> None:
    """Do what the event does, on a walk that has begun its value date."""
    match event:
        case PaymentReceived():
            _receive(walk, event)
        case ChargeLevied():
            _levy(walk, event)
    walk.settle(event.value_date)


def _receive(walk: Walk, payment: PaymentReceived) -> None:
    left_paise = walk.spend(
        payment.amount_paise,
        claims=billed_claims(walk.position, walk.schedule) + charge_claims(walk.position),
        source=AllocationSource.PAYMENT,
        on=payment.value_date,
        event_key=payment.key,
    )
    advance_paise = min(left_paise, _room_for_advance(walk, wanted_paise=left_paise))
    if advance_paise > 0:
        _hold_advance(walk, payment, advance_paise=advance_paise)
    if left_paise > advance_paise:
        _hold_excess(walk, payment, excess_paise=left_paise - advance_paise)


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
    charge = OpenCharge(
        key=event.key,
        kind=event.kind,
        levied_on=event.value_date,
        amount_paise=event.amount_paise,
        paid_paise=0,
        instalment_number=None,
    )
    walk.record(
        ChargeBooked(
            key=event.key,
            kind=event.kind,
            levied_on=event.value_date,
            amount_paise=event.amount_paise,
        ),
        position=replace(walk.position, open_charges=(*walk.position.open_charges, charge)),
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
