"""Writing the difference between what is recorded and a history told anew.

Inside a transaction that holds the loan's row lock. Nothing is edited away: rows that hold no more
are undone by rows that name them, charges that never came are cancelled, and the journal gets one
entry for each entry that it corrects, named after it and after the event. What counts in a closed
day is booked in the open one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.domain.entries import EntryDraft, reverse
from ledger.selectors import drafts_standing
from ledger.services import post_entries
from loan.domain.difference import RecordedEffect
from loan.domain.early_steps import cancellation_key, closing_charge_key
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    ClaimGivenUp,
    ExcessHeld,
    ExcessPaidBack,
    InstalmentBilled,
    InterestCapitalised,
    LoanWrittenOff,
    PenalLevied,
)
from loan.domain.posting_rules import correcting_transfers
from loan.domain.receipts import NOTHING, payment_splits
from loan.models import Allocation, Charge, Event, Loan, Payment, PaymentRevision
from loan.selectors.telling import Retelling
from loan.services.recording import (
    EntryName,
    ScheduleKey,
    bill,
    entry_name,
    keep_schedule,
    levy,
    move,
    waiver_key_of,
)

CORRECTION_KIND = "CORRECTION"


def record_retelling(told: Retelling, *, event: Event, payment: Payment | None = None) -> None:
    """Write what a retelling changes, and where the loan stands by it. `event` is what was told.

    `payment` is the event's own, if it is one.
    """
    loan = told.state.loan
    stood_at = ScheduleKey.of(loan)
    keep_schedule(told.state, told.step, event=event)
    payment_keys = {reference: use.payment_key for reference, use in told.uses.items()}
    if payment is not None:
        payment_keys[payment.reference_id] = payment.pk
    appeared = _newly_billed(loan, told)
    charges = _charges(told, appeared, event=event)
    _undo_allocations(told, charges, payment_keys=payment_keys, event=event)
    _allocate(told, appeared, charges, payment_keys=payment_keys, event=event)
    _keep_what_is_paid(told, charges)
    _revise_payments(told, event=event)
    post_entries(
        _drafts(told, appeared, stood_at, payment_keys=payment_keys, event=event),
        actor=event.actor,
        must_be_new=True,
    )
    move(told.state, told.step)


def _newly_billed(loan: Loan, told: Retelling) -> list[RecordedEffect]:
    """Write the bills; return what appeared, without bills that a run has just written."""
    appeared = told.difference.appeared
    billed = bill(loan, [effect for effect in appeared if isinstance(effect, InstalmentBilled)])
    return [
        effect
        for effect in appeared
        if not isinstance(effect, InstalmentBilled) or effect.number in billed
    ]


def _charges(
    told: Retelling, appeared: list[RecordedEffect], *, event: Event
) -> dict[str, list[Charge]]:
    """Cancel and levy; return the charges of each key: those that count last."""
    cancelled = {
        one.row
        for one in told.difference.vanished
        if isinstance(one.effect, PenalLevied | ChargeBooked)
    }
    Charge.objects.filter(pk__in=cancelled).update(cancelled_by=event, paid_paise=0)
    charges = {key: [charge] for key, charge in told.state.charges.items()}
    for key, charge in levy(told.state.loan.pk, appeared).items():
        charges.setdefault(key, []).append(charge)
    return charges


def _undo_allocations(
    told: Retelling,
    charges: Mapping[str, list[Charge]],
    *,
    payment_keys: Mapping[str, int],
    event: Event,
) -> None:
    rows = []
    for one in told.difference.vanished:
        effect = one.effect
        if not isinstance(effect, Allocated):
            continue
        row = _allocation(effect, charges, first=True, payment_keys=payment_keys, event=event)
        row.undoes_id = one.row
        row.interest_paise *= -1
        row.principal_paise *= -1
        row.charge_paise *= -1
        row.gst_paise *= -1
        rows.append(row)
    Allocation.objects.bulk_create(rows)


def _allocate(
    told: Retelling,
    appeared: list[RecordedEffect],
    charges: Mapping[str, list[Charge]],
    *,
    payment_keys: Mapping[str, int],
    event: Event,
) -> None:
    rows = []
    for effect in appeared:
        if isinstance(effect, Allocated):
            row = _allocation(effect, charges, first=False, payment_keys=payment_keys, event=event)
            if effect.event_key == told.event.key and row.payment_id is not None:
                row.event = None  # the payment's own: it met at once what it meets
            rows.append(row)
    Allocation.objects.bulk_create(rows)


def _allocation(
    effect: Allocated,
    charges: Mapping[str, list[Charge]],
    *,
    first: bool,
    payment_keys: Mapping[str, int],
    event: Event,
) -> Allocation:
    charge = None
    if effect.charge_key is not None:
        charge = charges[effect.charge_key][0 if first else -1]
    from_payment = effect.source is AllocationSource.PAYMENT
    return Allocation(
        loan_id=event.loan_id,
        source=effect.source.value,
        payment_id=payment_keys[effect.event_key or ""] if from_payment else None,
        value_date=effect.value_date,
        instalment_number=effect.instalment_number,
        charge=charge,
        interest_paise=effect.interest_paise,
        principal_paise=effect.principal_paise,
        charge_paise=effect.charge_paise + effect.penal_paise,
        waiver_key=waiver_key_of(effect),
        gst_paise=effect.gst_paise,
        is_recovery=effect.recovers,
        event=event,
    )


def _keep_what_is_paid(told: Retelling, charges: Mapping[str, list[Charge]]) -> None:
    """Put what the history leaves paid of each charge into its row."""
    paid: dict[str, int] = {}
    levied: set[str] = set()
    for effect in told.step.effects:
        match effect:
            case PenalLevied() | ChargeBooked():
                levied.add(effect.key)
            case Allocated(charge_key=str(key)):
                paid[key] = paid.get(key, 0) + effect.total_paise
    changed = []
    for key in levied:
        charge = charges[key][-1]
        if charge.paid_paise != paid.get(key, 0):
            charge.paid_paise = paid.get(key, 0)
            changed.append(charge)
    if changed:
        Charge.objects.bulk_update(changed, ["paid_paise"])


def _revise_payments(told: Retelling, *, event: Event) -> None:
    """Write what the payments whose money was moved pay now."""
    after = payment_splits(told.step.effects)
    PaymentRevision.objects.bulk_create(
        PaymentRevision(
            payment_id=use.payment_key,
            event=event,
            interest_paise=split.interest_paise,
            principal_paise=split.principal_paise,
            charges_paise=split.charges_paise,
            penal_paise=split.penal_paise,
            advance_paise=split.advance_paise,
            excess_paise=split.excess_paise,
        )
        for reference, use in told.uses.items()
        if (split := after.get(reference, NOTHING)) != use.split
    )


@dataclass(slots=True)
class _Correction:
    """What an entry of the journal lacks, and what it has too much."""

    appeared: list[RecordedEffect] = field(default_factory=list)
    vanished: list[RecordedEffect] = field(default_factory=list)


def _drafts(
    told: Retelling,
    appeared: list[RecordedEffect],
    stood_at: ScheduleKey,
    *,
    payment_keys: Mapping[str, int],
    event: Event,
) -> list[EntryDraft]:
    """Return an entry for each one that is corrected, or comes late."""
    loan = told.state.loan
    corrections: dict[EntryName, _Correction] = {}
    for one in told.difference.vanished:
        name = entry_name(one.effect, stood_at, payment_keys=payment_keys)
        if name is not None:
            corrections.setdefault(name, _Correction()).vanished.append(one.effect)
    for effect in appeared:
        name = entry_name(effect, ScheduleKey.of(loan), payment_keys=payment_keys)
        if name is not None:
            corrections.setdefault(name, _Correction()).appeared.append(effect)
    booked = drafts_standing(
        [name.reference for name, one in corrections.items() if not one.appeared]
    )
    drafts = (
        _draft(name, one, event=event, own=_is_own(told, one), booked=booked.get(name.reference))
        for name, one in corrections.items()
    )
    return [draft for draft in drafts if draft is not None]


def _is_own(told: Retelling, correction: _Correction) -> bool:
    """Return whether an entry is booked once, by its name.

    That is the event's own, that of a bill, and that of capitalised interest.
    """
    keys = {told.event.key, *(event.key for event in told.with_it)}
    charge_keys = {*keys, closing_charge_key(told.event.sequence)}
    keys.add(cancellation_key(told.event.sequence))
    return not correction.vanished and all(
        isinstance(effect, InstalmentBilled | InterestCapitalised)
        or (
            isinstance(
                effect,
                Allocated
                | AdvanceHeld
                | ExcessHeld
                | ExcessPaidBack
                | LoanWrittenOff
                | ClaimGivenUp,
            )
            and effect.event_key in keys
        )
        or (isinstance(effect, ChargeBooked) and effect.key in charge_keys)
        for effect in correction.appeared
    )


def _draft(
    name: EntryName,
    correction: _Correction,
    *,
    event: Event,
    own: bool,
    booked: EntryDraft | None,
) -> EntryDraft | None:
    """Return the entry that puts one right: its mirror, where all of it never happened."""
    transfers = correcting_transfers(appeared=correction.appeared, vanished=correction.vanished)
    if not transfers:
        return None
    value_date = max(name.value_date, event.booked_on)
    if booked is not None and {t.mirrored() for t in booked.transfers} == set(transfers):
        return reverse(
            booked,
            value_date=value_date,
            reference=f"{name.reference}/reversal",
            narrative=_because(event),
        )
    return EntryDraft(
        value_date=value_date,
        kind=CORRECTION_KIND if correction.vanished else name.kind,
        reference=name.reference if own else f"{name.reference}/{event.sequence}",
        transfers=transfers,
        loan_id=event.loan_id,
        narrative="" if own else f"Corrects {name.reference}: {_because(event)}"[:200],
    )


def _because(event: Event) -> str:
    words = f"event {event.sequence} of loan {event.loan_id}, {event.kind.lower()}"
    return f"{words} of {event.value_date}"
