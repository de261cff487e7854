"""Writing what a step changed: bills, charges, allocations, journal entries, the loan's position.

Inside a transaction that holds the loan's row lock. The order of locks is the same everywhere: the
loan, then its instalments by number, then the ledger.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection

from bright_credit.common.postgresql.messages import Statement, change, insertion, send
from ledger.domain.entries import EntryDraft
from ledger.services import booking_new
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    ClaimGivenUp,
    Effect,
    ExcessHeld,
    ExcessPaidBack,
    InstalmentBilled,
    InterestCapitalised,
    LoanWrittenOff,
    PenalLevied,
)
from loan.domain.events import ChargeKind
from loan.domain.in_force import InForce
from loan.domain.loaded_schedule import loaded_rows
from loan.domain.posting_rules import transfers_for
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import Step
from loan.models import Allocation, Charge, Event, Instalment, Loan, Payment, ScheduleVersion
from loan.selectors.loans import POSITION_FIELDS, LoanState, place, plan_of

# Whoever bills first bills alone: the billing run may have just billed the same instalment.
_BILL = """
INSERT INTO loan_due
       (loan_id, number, due_date, principal_paise, interest_paise, revision, billed_at)
SELECT %(loan)s, bill.number, bill.due_date, bill.principal_paise, bill.interest_paise,
       i.revision, now()
FROM unnest(%(numbers)s::int[], %(due_dates)s::date[], %(principals)s::bigint[],
            %(interests)s::bigint[]) AS bill (number, due_date, principal_paise, interest_paise)
JOIN loan_instalment i
  ON i.loan_id = %(loan)s AND i.version = %(version)s AND i.number = bill.number
ON CONFLICT DO NOTHING
RETURNING number
"""


@dataclass(frozen=True, slots=True)
class EntryName:
    """What the journal entry of an effect is called."""

    kind: str
    reference: str
    value_date: date


@dataclass(frozen=True, slots=True)
class ScheduleKey:
    """A loan's key and the version of its schedule, as they stand in the names of entries.

    A loan whose schedule was replaced may come to bill or charge the same instalment once more.
    """

    loan_key: int
    version: int

    @classmethod
    def of(cls, loan: Loan) -> "ScheduleKey":
        """Return that of a loan as it stands."""
        return cls(loan.pk, loan.schedule_version)

    def __str__(self) -> str:
        return str(self.loan_key) if self.version == 1 else f"{self.loan_key}/v{self.version}"


def record_step(
    state: LoanState,
    step: Step,
    *,
    event: Event | None = None,
    payment: Payment | None = None,
    with_it: Sequence[Statement] = (),
) -> None:
    """Write a step's effects and the position it led to: by one message, but for bills and charges.

    `event` caused the step, and is that of `payment` if there is one; a step of the calendar alone
    has none. `with_it` are statements that write these two, if they are not written yet.
    """
    loan_key = state.loan.pk
    keep_schedule(state, step, event=event)
    billed = bill(
        state.loan, [effect for effect in step.effects if isinstance(effect, InstalmentBilled)]
    )
    effects = [
        effect
        for effect in step.effects
        if not isinstance(effect, InstalmentBilled) or effect.number in billed
    ]
    charges = state.charges | levy(loan_key, effects)
    allocations = _allocations(state, effects, charges=charges, payment=payment)
    _keep_what_is_paid(allocations)
    entries = booking_new(
        entry_drafts(ScheduleKey.of(state.loan), effects, payment=payment),
        actor="system" if event is None else event.actor,
    )
    send(*with_it, *insertion(allocations), *entries, _moving(state, step))


def entry_drafts(
    own: ScheduleKey, effects: Sequence[Effect], *, payment: Payment | None
) -> list[EntryDraft]:
    """Return the journal entries of a step: one for each thing that happened, in its order."""
    payment_keys = {} if payment is None else {payment.reference_id: payment.pk}
    grouped: dict[EntryName, list[Effect]] = {}
    for effect in effects:
        name = entry_name(effect, own, payment_keys=payment_keys)
        if name is not None:
            grouped.setdefault(name, []).append(effect)
    drafts = []
    for name, members in grouped.items():
        transfers = transfers_for(members)
        if transfers:
            drafts.append(
                EntryDraft(
                    value_date=name.value_date,
                    kind=name.kind,
                    reference=name.reference,
                    transfers=transfers,
                    loan_id=own.loan_key,
                )
            )
    return drafts


def entry_name(
    effect: Effect, own: ScheduleKey, *, payment_keys: Mapping[str, int]
) -> EntryName | None:
    """Return the kind, the reference and the value date of the entry that an effect belongs to.

    `payment_keys` are those of the payments whose money effects spend, by reference.
    """
    match effect:
        case InstalmentBilled():
            return EntryName("INTEREST_DUE", f"DUE/{own}/{effect.number}", effect.due_date)
        case InterestCapitalised(of_holiday=True):
            reference = f"CAPITALISED/{own}/{effect.on}"
            return EntryName("INTEREST_CAPITALISED", reference, effect.on)
        case InterestCapitalised():
            return EntryName("INTEREST_CAPITALISED", f"CAPITALISED/{own}", effect.on)
        case PenalLevied():
            return EntryName("PENAL_CHARGE", f"CHARGE/{own}/{effect.key}", effect.levied_on)
        case ChargeBooked():
            return EntryName("CHARGE", f"CHARGE/{own}/{effect.key}", effect.levied_on)
        case Allocated(source=AllocationSource.ADVANCE):
            reference = f"ADVANCE/{own}/{effect.instalment_number or effect.charge_key}"
            return EntryName("ADVANCE_APPLIED", reference, effect.value_date)
        case Allocated(source=AllocationSource.EXCESS):
            reference = f"EXCESS/{own}/{effect.charge_key or effect.instalment_number}"
            return EntryName("EXCESS_APPLIED", reference, effect.value_date)
        case Allocated(source=AllocationSource.WAIVER):
            reference = f"WAIVER/{own}/{effect.charge_key}/{effect.event_key}"
            return EntryName("WAIVER", reference, effect.value_date)
        case Allocated(source=AllocationSource.FEE_BACK | AllocationSource.INTEREST_BACK):
            reference = f"{effect.source.value}/{own}/{effect.event_key}"
            return EntryName("CANCELLATION", reference, effect.value_date)
        case ExcessPaidBack():
            return EntryName("REFUND", f"REFUND/{own}/{effect.event_key}", effect.value_date)
        case Allocated() | AdvanceHeld() | ExcessHeld():
            key = payment_keys.get(effect.event_key or "")
            if key is None:
                raise ValueError("money of a payment is allocated only with its payment")
            return EntryName("PAYMENT", f"PAYMENT/{key}", effect.value_date)
        case LoanWrittenOff():
            return EntryName("WRITE_OFF", f"WRITE-OFF/{own.loan_key}/{effect.event_key}", effect.on)
        case ClaimGivenUp():
            return EntryName(
                "CLAIM_GIVEN_UP", f"GIVEN-UP/{own.loan_key}/{effect.event_key}", effect.on
            )
        case _:
            return None


def keep_schedule(state: LoanState, step: Step, *, event: Event | None) -> None:
    """Write the step's schedule as the loan's next version, when it is another than the one kept.

    The rows that were not read stay as they are. The version that was in force is kept beside it.
    """
    if step.schedule is state.schedule:
        return
    loan, old = state.loan, state.loan.schedule_version
    stored = {row.number: row for row in Instalment.objects.filter(loan=loan, version=old)}
    first_read = min((plan.number for plan in loaded_rows(step.schedule)), default=1)
    plans = [plan_of(row) for row in stored.values() if row.number < first_read]
    plans += loaded_rows(step.schedule)
    if plans == [plan_of(stored[number]) for number in sorted(stored)]:
        return
    if event is None:
        raise ValueError("a schedule is replaced by an event only")
    version = old + 1
    ScheduleVersion.objects.create(
        loan=loan, version=version, event=event, holidays=_holidays(step.in_force)
    )
    Instalment.objects.bulk_create(
        _instalment(loan, plan, version=version, before=stored.get(plan.number)) for plan in plans
    )
    loan.schedule_version = version


def _holidays(in_force: InForce) -> list[list[str | int]]:
    """Return the holidays whose interest is principal of the schedule, as they are kept with it."""
    return [
        [one.since.isoformat(), one.until.isoformat(), one.base_paise, one.amount_paise]
        for one in in_force.capitalised
        if one.amount_paise
    ]


def _instalment(
    loan: Loan, plan: InstalmentPlan, *, version: int, before: Instalment | None
) -> Instalment:
    # What it bills makes it the same one, not what was owed before it: its bill goes on to count.
    unchanged = before is not None and _is_billed_alike(plan_of(before), plan)
    return Instalment(
        loan=loan,
        version=version,
        revision=before.revision if before is not None and unchanged else version,
        number=plan.number,
        due_date=plan.due_date,
        opening_principal_paise=plan.opening_principal_paise,
        principal_paise=plan.principal_paise,
        interest_paise=plan.interest_paise,
    )


def _is_billed_alike(one: InstalmentPlan, other: InstalmentPlan) -> bool:
    return replace(one, opening_principal_paise=other.opening_principal_paise) == other


def bill(loan: Loan, bills: Sequence[InstalmentBilled]) -> set[int]:
    """Write bills of the schedule in force; return the numbers of those that were not there yet."""
    if not bills:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _BILL,
            {
                "loan": loan.pk,
                "version": loan.schedule_version,
                "numbers": [bill.number for bill in bills],
                "due_dates": [bill.due_date for bill in bills],
                "principals": [bill.principal_paise for bill in bills],
                "interests": [bill.interest_paise for bill in bills],
            },
        )
        return {number for (number,) in cursor.fetchall()}


def levy(loan_key: int, effects: Iterable[Effect]) -> dict[str, Charge]:
    """Write the charges among the effects; return them by key."""
    charges = [
        Charge(
            loan_id=loan_key,
            key=effect.key,
            kind=(ChargeKind.PENAL if isinstance(effect, PenalLevied) else effect.kind).value,
            instalment_number=getattr(effect, "instalment_number", None),
            levied_on=effect.levied_on,
            amount_paise=effect.amount_paise,
            gst_paise=getattr(effect, "gst_paise", 0),
        )
        for effect in effects
        if isinstance(effect, PenalLevied | ChargeBooked)
    ]
    return {charge.key: charge for charge in Charge.objects.bulk_create(charges)}


def _allocations(
    state: LoanState,
    effects: Sequence[Effect],
    *,
    charges: dict[str, Charge],
    payment: Payment | None,
) -> list[Allocation]:
    """Return the rows of the allocations among the effects, in their order."""
    return [
        Allocation(
            loan=state.loan,
            source=effect.source.value,
            payment=payment if effect.source is AllocationSource.PAYMENT else None,
            value_date=effect.value_date,
            instalment_number=effect.instalment_number,
            charge=charges[effect.charge_key] if effect.charge_key else None,
            interest_paise=effect.interest_paise,
            principal_paise=effect.principal_paise,
            charge_paise=effect.charge_paise + effect.penal_paise,
            waiver_key=waiver_key_of(effect),
            gst_paise=effect.gst_paise,
            is_recovery=effect.recovers,
        )
        for effect in effects
        if isinstance(effect, Allocated)
    ]


def _keep_what_is_paid(allocations: Iterable[Allocation]) -> None:
    """Write what the allocations leave paid of each charge."""
    paid: dict[int, Charge] = {}
    for row in allocations:
        if row.charge is not None:
            row.charge.paid_paise += row.charge_paise
            paid[row.charge.pk] = row.charge
    if paid:
        Charge.objects.bulk_update(paid.values(), ["paid_paise"])


def waiver_key_of(effect: Allocated) -> str | None:
    """Return the key of the event of what the lender gives; None of what was met with money."""
    return effect.event_key if effect.source.is_given else None


def move(state: LoanState, step: Step) -> None:
    """Write the position that the step led to into the loan's row."""
    send(_moving(state, step))


def _moving(state: LoanState, step: Step) -> Statement:
    place(state.loan, step.position, step.schedule)
    return change(state.loan, POSITION_FIELDS)
