"""What each kind of event does to a loan. A new kind is a new case of `take` with its function."""

from dataclasses import replace

from bright_credit.common.errors import Conflict
from bright_credit.common.money import format_rupees
from loan.domain.allocation import Portion
from loan.domain.early_steps import book_charge, repay_early, spend_payment
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
    ClassMarked,
    EffectiveEvent,
    ExcessRefunded,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Towards,
    WrittenOff,
)
from loan.domain.position import (
    OpenCharge,
    charge_claims,
    with_charge_waived,
)
from loan.domain.rescheduling import change_rate, require_free, reschedule
from loan.domain.walk import Walk
from loan.domain.write_off import (
    AlreadyWrittenOff,
    owed_again,
    require_writable_off,
    write_off,
)


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

    Raises `ChargeNotOpen`, `WaiverExceedsCharge`, `RefundExceedsExcess`, `OverlappingChange`,
    `AlreadyWrittenOff`, `WriteOffInMoratorium`, `NothingToWriteOff`.
    """
    if walk.position.written_off_on is not None and isinstance(event, _NOT_OFF_THE_BOOKS):
        raise AlreadyWrittenOff("the loan is off the books: nothing can be changed of it")
    match event:
        case WrittenOff():
            require_writable_off(walk, event)
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
    """Do what the event does, on a walk that has begun its value date.

    A loan that is off the books bears no new charge, and nothing is agreed of it any more.
    """
    off_books = walk.position.written_off_on is not None
    if off_books and isinstance(event, _NOT_OFF_THE_BOOKS):
        return
    if isinstance(event, ClassMarked):
        return  # it is about the borrower
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
            if change_rate(walk, event):
                _mark_restructured(walk, event)
        case Rescheduled():
            if reschedule(walk, event):
                _mark_restructured(walk, event)
        case WrittenOff():
            write_off(walk, event)
    walk.settle(event.value_date)


def _mark_restructured(walk: Walk, event: RateChanged | Rescheduled) -> None:
    """Mark the loan, where its terms were changed for the borrower's difficulty."""
    if event.restructures:
        walk.record(
            Restructured(on=event.value_date, event_key=event.key),
            position=replace(walk.position, restructured_on=event.value_date),
        )


_NOT_OFF_THE_BOOKS = (ChargeLevied, ChargeWaived, RateChanged, Rescheduled)


def _receive(walk: Walk, payment: PaymentReceived) -> None:
    left_paise = spend_payment(walk, payment, payment.amount_paise)
    if payment.towards is not Towards.DUES:
        left_paise = repay_early(walk, payment, left_paise=left_paise)
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
    book_charge(
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
            waives_fee=charge.kind is ChargeKind.PROCESSING_FEE,
        ),
        position=with_charge_waived(
            walk.position, Portion(charge_key=charge.key, charge_paise=amount_paise)
        ),
    )


def _refund(walk: Walk, event: ExcessRefunded) -> None:
    """Pay excess back. What is not held after all was paid out all the same, and is owed.

    Of a loan that is off the books that is written off as well, and stands among the claim.
    """
    held_paise = min(event.amount_paise, walk.position.excess_paise)
    if held_paise > 0:
        walk.record(
            ExcessPaidBack(
                value_date=event.value_date, event_key=event.key, amount_paise=held_paise
            ),
            position=replace(walk.position, excess_paise=walk.position.excess_paise - held_paise),
        )
    owed_paise = event.amount_paise - held_paise
    if owed_paise == 0:
        return
    off_books = walk.position.written_off_on is not None
    book_charge(
        walk,
        ChargeBooked(
            key=refund_charge_key(event.sequence),
            kind=ChargeKind.REFUND,
            levied_on=event.value_date,
            amount_paise=owed_paise,
            off_books=off_books,
        ),
    )
    if off_books:
        owed_again(walk, owed_paise)


def refund_charge_key(sequence: int) -> str:
    """Return the key of the charge for what a refund, by its number, has paid out too much."""
    return f"REFUND-{sequence}"


def _open_charge(walk: Walk, key: str) -> OpenCharge | None:
    return next((charge for charge in walk.position.open_charges if charge.key == key), None)
