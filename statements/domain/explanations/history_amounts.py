"""Why a paid amount, a charge or a part of a payment is what it is, by the loan's history."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bright_credit.common.money import format_rupees
from loan.domain.effects import Allocated, ChargeBooked, PenalLevied
from loan.domain.events import ChargeKind
from statements.domain.explanations import rules
from statements.domain.explanations.account import (
    Account,
    ShownPayment,
    allocations,
    found_by,
    met,
    of_payment,
    waivers,
)
from statements.domain.explanations.penal_amounts import penal_step_by_rule
from statements.domain.explanations.steps import (
    Operand,
    Step,
    Unit,
    on_date,
    reckoned_step,
    rupees,
    sum_step,
)
from statements.domain.words import date_words

Component = Callable[[Allocated], int]

#: The parts of a payment that meet something, by the statement's names for them.
COMPONENTS: Final[Mapping[str, Component]] = {
    "interest": lambda allocated: allocated.interest_paise,
    "principal": lambda allocated: allocated.principal_paise,
    "charges": lambda allocated: allocated.charge_paise,
    "penal_charges": lambda allocated: allocated.penal_paise,
}


def paid_steps(account: Account, number: int, component: Component) -> tuple[Step, ...]:
    """Return the steps to what is paid of a component of an instalment."""
    operands = tuple(
        met(allocated, component(allocated))
        for allocated in allocations(account.effects)
        if allocated.instalment_number == number and component(allocated)
    )
    nothing = "No money has met it yet."
    return (sum_step("Paid", operands, nothing=nothing, rule=rules.MONEY_MET),)


def charge_steps(account: Account, key: str) -> tuple[Step, ...]:
    """Return the steps to the amount of a charge."""
    for place, effect in enumerate(account.effects):
        match effect:
            case PenalLevied() if effect.key == key:
                return (_penal_step(account, effect, place),)
            case ChargeBooked() if effect.key == key:
                fee = effect.kind is ChargeKind.PROCESSING_FEE
                return (_fee_step(effect) if fee else _decided_step(effect),)
            case _:
                pass
    raise LookupError(f"the history has no charge {key}")


def charge_paid_steps(account: Account, key: str) -> tuple[Step, ...]:
    """Return the steps to what is paid of a charge."""
    operands = tuple(
        met(allocated, allocated.total_paise)
        for allocated in allocations(account.effects)
        if allocated.charge_key == key
    )
    nothing = "No money has met it yet."
    return (sum_step("Paid", operands, nothing=nothing, rule=rules.MONEY_MET),)


def charge_waived_steps(account: Account, key: str) -> tuple[Step, ...]:
    """Return the steps to what is waived of a charge."""
    operands = tuple(
        met(waived, waived.total_paise)
        for waived in waivers(account.effects)
        if waived.charge_key == key
    )
    nothing = "Nothing of it was waived."
    return (sum_step("Waived", operands, nothing=nothing, rule=rules.CHARGE_WAIVED),)


def charge_outstanding_steps(account: Account, key: str) -> tuple[Step, ...]:
    """Return the steps to what is still owed of a charge."""
    asked = charge_steps(account, key)[-1]
    paid = charge_paid_steps(account, key)[-1]
    waived = charge_waived_steps(account, key)[-1]
    words = f"{format_rupees(asked.result)} − {format_rupees(paid.result)}"
    rest = reckoned_step(
        f"Charge less what is paid and waived: {words} − {format_rupees(waived.result)}",
        asked.result - paid.result - waived.result,
        operands=(
            rupees("amount", "Charge", asked.result),
            rupees("paid", "Paid of it", paid.result),
            rupees("waived", "Waived of it", waived.result),
        ),
        rule=rules.STILL_OWED,
    )
    return (asked, paid, waived, rest)


def received_steps(payment: ShownPayment) -> tuple[Step, ...]:
    """Return the steps to the amount of a payment: it is a fact."""
    return (
        Step(
            text=f"{format_rupees(payment.amount_paise)} was recorded under the reference "
            f"{payment.reference_id}, counting from {date_words(payment.value_date)}.",
            operands=(on_date("value_date", "Value date", payment.value_date),),
            result=payment.amount_paise,
            rule=rules.RECORDED_PAYMENT,
        ),
    )


def met_by_payment_steps(
    account: Account, payment: ShownPayment, component: Component
) -> tuple[Step, ...]:
    """Return the steps to the part of a payment that met one component."""
    operands = tuple(
        met(allocated, component(allocated), what=f" met {_target(allocated)}")
        for allocated in of_payment(account.effects, payment.reference_id)
        if component(allocated)
    )
    return (
        sum_step(
            "Met",
            operands,
            nothing="None of this payment met it: nothing of the kind was owed when its turn came.",
            rule=rules.order_of_allocation(account.terms),
        ),
    )


def held_as_advance_steps(account: Account, payment: ShownPayment) -> tuple[Step, ...]:
    """Return the steps to the part of a payment that was held for the dues to come."""
    left = _left_step(account, payment)
    found = found_by(account, payment.reference_id)
    room = reckoned_step(
        f"Not yet covered of the instalments to come: {format_rupees(found.not_yet_due_paise)} − "
        f"{format_rupees(found.advance_paise)}",
        found.not_yet_due_paise - found.advance_paise,
        operands=(
            rupees("not_yet_due", "Instalments not due yet then", found.not_yet_due_paise),
            rupees("held_already", "Held for them already", found.advance_paise),
        ),
        rule=rules.HELD,
    )
    held = min(left.result, room.result)
    taken = Step(
        text=f"Of {format_rupees(left.result)}, at most {format_rupees(room.result)} could be held "
        f"for the instalments to come: {format_rupees(held)}.",
        operands=(
            rupees("left", "Left of the payment", left.result),
            rupees("room", "Not yet covered of the instalments to come", room.result),
        ),
        result=held,
        rule=rules.HELD,
    )
    return (left, room, taken)


def held_as_excess_steps(account: Account, payment: ShownPayment) -> tuple[Step, ...]:
    """Return the steps to the part of a payment that was beyond everything owed."""
    advance = held_as_advance_steps(account, payment)
    left, held = advance[0].result, advance[-1].result
    rest = reckoned_step(
        f"Beyond all that is owed: {format_rupees(left)} − {format_rupees(held)}",
        left - held,
        operands=(
            rupees("left", "Left of the payment", left),
            rupees("advance", "Held for the instalments to come", held),
        ),
        rule=rules.HELD,
    )
    return (*advance, rest)


def _penal_step(account: Account, levied: PenalLevied, place: int) -> Step:
    plan = account.schedule[levied.instalment_number - 1]
    paid = sum(
        allocated.interest_paise + allocated.principal_paise
        for allocated in allocations(account.effects[:place])
        if allocated.instalment_number == plan.number
    )
    unpaid, terms = plan.total_paise - paid, account.terms
    if terms.penal_by_rule:
        return penal_step_by_rule(terms, levied, plan, unpaid_paise=unpaid)
    return Step(
        text=f"Instalment {plan.number} was due on {date_words(plan.due_date)}. When its "
        f"{terms.penal_grace_days} days of grace were over, {format_rupees(unpaid)} of "
        f"{format_rupees(plan.total_paise)} was unpaid, so the flat charge of the terms, "
        f"{format_rupees(terms.penal_charge_paise)}, was levied on "
        f"{date_words(levied.levied_on)}.",
        operands=(
            on_date("due_date", "Due date", plan.due_date),
            _days("grace", "Days of grace", terms.penal_grace_days),
            rupees("unpaid", "Unpaid of the instalment then", unpaid),
            rupees("flat_charge", "Flat penal charge of the terms", terms.penal_charge_paise),
        ),
        result=terms.penal_charge_paise if unpaid > 0 else 0,
        rule=rules.PENAL_CHARGE,
    )


_DECIDED: Final[Mapping[ChargeKind, str]] = {
    ChargeKind.PENAL: "penal charge",
    ChargeKind.BOUNCE: "bounce charge",
    ChargeKind.FORECLOSURE: "foreclosure charge",
    ChargeKind.PROCESSING_FEE: "processing fee",
    ChargeKind.OTHER: "charge",
    ChargeKind.REFUND: "charge for money refunded that was not held after all",
}


def _fee_step(booked: ChargeBooked) -> Step:
    fee, gst = booked.amount_paise - booked.gst_paise, booked.gst_paise
    return reckoned_step(
        f"Processing fee and its GST, due on {date_words(booked.levied_on)}, when the loan was "
        f"paid out: {format_rupees(fee)} + {format_rupees(gst)}",
        fee + gst,
        operands=(
            on_date("levied_on", "Disbursed on", booked.levied_on),
            rupees("fee", "Processing fee", fee),
            rupees("gst", "GST on it", gst),
        ),
        rule=rules.PROCESSING_FEE,
    )


def _decided_step(booked: ChargeBooked) -> Step:
    kind = _DECIDED[booked.kind]
    tax = f", of which {format_rupees(booked.gst_paise)} GST," if booked.gst_paise else ""
    return Step(
        text=f"A {kind} of {format_rupees(booked.amount_paise)}{tax} was levied on "
        f"{date_words(booked.levied_on)}.",
        operands=(
            on_date("levied_on", "Levied on", booked.levied_on),
            *((rupees("gst", "GST in it", booked.gst_paise),) if booked.gst_paise else ()),
        ),
        result=booked.amount_paise,
        rule=rules.DECIDED_CHARGE,
    )


def _left_step(account: Account, payment: ShownPayment) -> Step:
    used = sum(
        allocated.total_paise for allocated in of_payment(account.effects, payment.reference_id)
    )
    return reckoned_step(
        f"Left of the payment: {format_rupees(payment.amount_paise)} − {format_rupees(used)}",
        payment.amount_paise - used,
        operands=(
            rupees("amount", "Payment", payment.amount_paise),
            rupees("used", "Met what was due, and charges", used),
        ),
        rule=rules.order_of_allocation(account.terms),
    )


def _target(allocated: Allocated) -> str:
    if allocated.instalment_number is not None:
        return f"instalment {allocated.instalment_number}"
    return f"charge {allocated.charge_key}"


def _days(name: str, label: str, count: int) -> Operand:
    return Operand(name=name, label=label, unit=Unit.DAYS, value=count)


def paid_in_all(account: Account, component: Component) -> Iterator[Operand]:
    """Yield what was paid of a component, an operand for each instalment or charge it met."""
    totals: dict[str, int] = {}
    for allocated in allocations(account.effects):
        if component(allocated):
            target = _target(allocated)
            totals[target] = totals.get(target, 0) + component(allocated)
    for target, paise in totals.items():
        yield rupees("paid", target[:1].upper() + target[1:], paise)
