"""Writing what a step changed: bills, charges, allocations, journal entries, the loan's position.

Inside a transaction that holds the loan's row lock. The order of locks is the same everywhere: the
loan, then its instalments by number, then the ledger.
"""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from ledger.domain.entries import EntryDraft
from ledger.services import post_entries
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    Effect,
    ExcessHeld,
    InstalmentBilled,
    PenalLevied,
)
from loan.domain.events import ChargeKind
from loan.domain.posting_rules import transfers_for
from loan.domain.servicing import Step
from loan.models import Allocation, Charge, Payment
from loan.selectors.loans import POSITION_FIELDS, LoanState, place

# Whoever bills first bills alone: the billing run may have just billed the same instalment.
_BILL = """
INSERT INTO loan_due (loan_id, number, due_date, principal_paise, interest_paise, billed_at)
SELECT %(loan)s, bill.*, now()
FROM unnest(%(numbers)s::int[], %(due_dates)s::date[], %(principals)s::bigint[],
            %(interests)s::bigint[]) AS bill (number, due_date, principal_paise, interest_paise)
ON CONFLICT DO NOTHING
RETURNING number
"""


def record_step(state: LoanState, step: Step, *, payment: Payment | None = None) -> None:
    """Write a step's effects and the position it led to. `payment` is the one that caused it."""
    loan_key = state.loan.pk
    billed = _bill(
        loan_key, [effect for effect in step.effects if isinstance(effect, InstalmentBilled)]
    )
    effects = [
        effect
        for effect in step.effects
        if not isinstance(effect, InstalmentBilled) or effect.number in billed
    ]
    charges = state.charges | _levy(loan_key, effects)
    _allocate(state, effects, charges=charges, payment=payment)
    post_entries(entry_drafts(loan_key, effects, payment=payment))
    _move(state, step)


def entry_drafts(
    loan_key: int, effects: Sequence[Effect], *, payment: Payment | None
) -> list[EntryDraft]:
    """Return the journal entries of a step: one for each thing that happened, in its order."""
    grouped: dict[tuple[str, str, date], list[Effect]] = {}
    for effect in effects:
        name = _entry_name(loan_key, effect, payment)
        if name is not None:
            grouped.setdefault(name, []).append(effect)
    drafts = []
    for (kind, reference, value_date), members in grouped.items():
        transfers = transfers_for(members)
        if transfers:
            drafts.append(
                EntryDraft(
                    value_date=value_date,
                    kind=kind,
                    reference=reference,
                    transfers=transfers,
                    loan_id=loan_key,
                )
            )
    return drafts


def _entry_name(
    loan_key: int, effect: Effect, payment: Payment | None
) -> tuple[str, str, date] | None:
    """Return the kind, the reference and the value date of the entry that an effect belongs to."""
    match effect:
        case InstalmentBilled():
            return "INTEREST_DUE", f"DUE/{loan_key}/{effect.number}", effect.due_date
        case PenalLevied():
            return "PENAL_CHARGE", f"CHARGE/{loan_key}/{effect.key}", effect.levied_on
        case ChargeBooked():
            return "CHARGE", f"CHARGE/{loan_key}/{effect.key}", effect.levied_on
        case Allocated(source=AllocationSource.ADVANCE):
            reference = f"ADVANCE/{loan_key}/{effect.instalment_number}"
            return "ADVANCE_APPLIED", reference, effect.value_date
        case Allocated(source=AllocationSource.EXCESS):
            reference = f"EXCESS/{loan_key}/{effect.charge_key}"
            return "EXCESS_APPLIED", reference, effect.value_date
        case Allocated() | AdvanceHeld() | ExcessHeld():
            if payment is None:
                raise ValueError("money of a payment is allocated only with its payment")
            return "PAYMENT", f"PAYMENT/{payment.pk}", effect.value_date
        case _:
            return None


def _bill(loan_key: int, bills: Sequence[InstalmentBilled]) -> set[int]:
    """Write bills; return the numbers of those that were not there yet."""
    if not bills:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _BILL,
            {
                "loan": loan_key,
                "numbers": [bill.number for bill in bills],
                "due_dates": [bill.due_date for bill in bills],
                "principals": [bill.principal_paise for bill in bills],
                "interests": [bill.interest_paise for bill in bills],
            },
        )
        return {number for (number,) in cursor.fetchall()}


def _levy(loan_key: int, effects: Sequence[Effect]) -> dict[str, Charge]:
    """Write the charges among the effects; return them by key."""
    charges = [
        Charge(
            loan_id=loan_key,
            key=effect.key,
            kind=(ChargeKind.PENAL if isinstance(effect, PenalLevied) else effect.kind).value,
            instalment_number=getattr(effect, "instalment_number", None),
            levied_on=effect.levied_on,
            amount_paise=effect.amount_paise,
        )
        for effect in effects
        if isinstance(effect, PenalLevied | ChargeBooked)
    ]
    return {charge.key: charge for charge in Charge.objects.bulk_create(charges)}


def _allocate(
    state: LoanState,
    effects: Sequence[Effect],
    *,
    charges: dict[str, Charge],
    payment: Payment | None,
) -> None:
    """Write the allocations among the effects, and what they leave paid of each charge."""
    rows = []
    paid: dict[int, Charge] = {}
    for effect in effects:
        if not isinstance(effect, Allocated):
            continue
        charge = charges[effect.charge_key] if effect.charge_key else None
        rows.append(
            Allocation(
                loan=state.loan,
                source=effect.source.value,
                payment=payment if effect.source is AllocationSource.PAYMENT else None,
                value_date=effect.value_date,
                instalment_number=effect.instalment_number,
                charge=charge,
                interest_paise=effect.interest_paise,
                principal_paise=effect.principal_paise,
                charge_paise=effect.charge_paise + effect.penal_paise,
            )
        )
        if charge is not None:
            charge.paid_paise += effect.charge_paise + effect.penal_paise
            paid[charge.pk] = charge
    Allocation.objects.bulk_create(rows)
    if paid:
        Charge.objects.bulk_update(paid.values(), ["paid_paise"])


def _move(state: LoanState, step: Step) -> None:
    """Write the position that the step led to into the loan's row."""
    place(state.loan, step.position, state.schedule)
    state.loan.save(update_fields=POSITION_FIELDS)
