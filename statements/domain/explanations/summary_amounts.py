"""Why the figures of a statement's summary are what they are."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from bright_credit.common.business_day import days_between
from bright_credit.common.money import format_rupees
from loan.domain.effects import (
    AdvanceHeld,
    AllocationSource,
    ExcessHeld,
    ExcessPaidBack,
    InterestCapitalised,
)
from loan.domain.schedule import InstalmentPlan
from statements.domain.explanations import rules
from statements.domain.explanations.account import Account, allocations
from statements.domain.explanations.history_amounts import COMPONENTS, paid_in_all
from statements.domain.explanations.interest_apart import (
    broken_interest,
    holiday_step,
    moratorium_interest,
)
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


def _amount_lent(account: Account) -> tuple[Step, ...]:
    lent = account.terms.principal_paise
    return (
        Step(
            text=f"{format_rupees(lent)} was lent on {date_words(account.terms.disbursed_on)}.",
            operands=(on_date("disbursed_on", "Disbursed on", account.terms.disbursed_on),),
            result=lent,
            rule=rules.AMOUNT_LENT,
        ),
    )


def _paid(account: Account, component: str) -> tuple[Step, ...]:
    operands = tuple(paid_in_all(account, COMPONENTS[component]))
    nothing = "Nothing of the kind has been paid."
    return (sum_step("Paid", operands, nothing=nothing, rule=rules.MONEY_MET),)


def _outstanding(account: Account) -> tuple[Step, ...]:
    paid = _paid(account, "principal")[-1]
    lent, added = account.terms.principal_paise, account.summary.capitalised_paise
    capitalised = rupees("capitalised_interest", "Interest that became principal", added)
    words = f"{format_rupees(lent)} + {format_rupees(added)}" if added else format_rupees(lent)
    rest = reckoned_step(
        f"Still owed: {words} − {format_rupees(paid.result)}",
        lent + added - paid.result,
        operands=(
            rupees("amount_lent", "Amount lent", lent),
            *((capitalised,) if added else ()),
            rupees("principal_paid", "Principal paid", paid.result),
        ),
        rule=rules.STILL_OWED,
    )
    return (paid, rest)


def _capitalised(account: Account) -> tuple[Step, ...]:
    became = [effect for effect in account.effects if isinstance(effect, InterestCapitalised)]
    moratorium = any(not effect.of_holiday for effect in became)
    steps = moratorium_interest(account.terms) if moratorium else ()
    days = {effect.on for effect in became if effect.of_holiday}
    holidays = tuple(holiday_step(one) for one in account.holidays if one.until in days)
    if steps and not holidays:
        return steps
    operands = tuple(
        rupees("capitalised", part.rule.text, part.result) for part in (*steps[-1:], *holidays)
    )
    nothing = "No interest has become principal."
    rule = rules.HOLIDAY_CAPITALISED if holidays else rules.CAPITALISED
    together = sum_step("Capitalised", operands, nothing=nothing, rule=rule)
    return (*steps, *holidays, together)


def _to_capitalise(account: Account) -> tuple[Step, ...]:
    done = {effect.on for effect in account.effects if isinstance(effect, InterestCapitalised)}
    coming = tuple(holiday_step(one) for one in account.holidays if one.until not in done)
    nothing = "No interest is to become principal."
    return coming or (sum_step("To come", (), nothing=nothing, rule=rules.HOLIDAY_CAPITALISED),)


def _upfront(account: Account) -> tuple[Step, ...]:
    if account.summary.upfront_interest_paise == 0:
        nothing = "No interest was kept back from the disbursement."
        return (sum_step("Kept back", (), nothing=nothing, rule=rules.BROKEN_PERIOD),)
    return broken_interest(account.terms)


def _advance(account: Account) -> tuple[Step, ...]:
    held = sum(effect.amount_paise for effect in account.effects if isinstance(effect, AdvanceHeld))
    return _held(account, held, source=AllocationSource.ADVANCE)


def _excess(account: Account) -> tuple[Step, ...]:
    held = sum(effect.amount_paise for effect in account.effects if isinstance(effect, ExcessHeld))
    back = sum(
        effect.amount_paise for effect in account.effects if isinstance(effect, ExcessPaidBack)
    )
    return _held(account, held, source=AllocationSource.EXCESS, paid_back=back)


def _held(
    account: Account, held: int, *, source: AllocationSource, paid_back: int = 0
) -> tuple[Step, ...]:
    used = sum(
        allocated.total_paise
        for allocated in allocations(account.effects)
        if allocated.source is source
    )
    refunded = rupees("paid_back", "Paid back to the borrower", paid_back)
    words = f" − {format_rupees(paid_back)}" if paid_back else ""
    return (
        reckoned_step(
            f"Still held: {format_rupees(held)} − {format_rupees(used)}{words}",
            held - used - paid_back,
            operands=(
                rupees("held", "Held of all payments", held),
                rupees("used", "Used since, for what became owed", used),
                *((refunded,) if paid_back else ()),
            ),
            rule=rules.HELD,
        ),
    )


def _due(account: Account) -> tuple[Step, ...]:
    return _unpaid(account, lambda day: day <= account.as_of, nothing="Nothing due is unpaid.")


def _overdue(account: Account) -> tuple[Step, ...]:
    def is_over(day: date) -> bool:
        return day < account.as_of or (day == account.as_of and account.day_ended)

    return _unpaid(account, is_over, nothing="Nothing is overdue.")


def _unpaid(account: Account, counts: Callable[[date], bool], *, nothing: str) -> tuple[Step, ...]:
    operands = tuple(
        rupees(
            "unpaid",
            f"Instalment {plan.number} of {date_words(plan.due_date)}",
            plan.total_paise - _met_of(account, plan),
        )
        for plan in account.schedule
        if counts(plan.due_date) and _met_of(account, plan) < plan.total_paise
    )
    return (sum_step("Unpaid", operands, nothing=nothing, rule=rules.STILL_OWED),)


def _days_past_due(account: Account) -> tuple[Step, ...]:
    unpaid = (plan for plan in account.schedule if _met_of(account, plan) < plan.total_paise)
    oldest = next(unpaid, None)
    if oldest is None or oldest.due_date >= account.as_of:
        return (_days_step("Nothing that fell due before the day is unpaid.", 0),)
    days = days_between(oldest.due_date, account.as_of)
    text = (
        f"From {date_words(oldest.due_date)}, the due date of instalment {oldest.number}, to "
        f"{date_words(account.as_of)}: {days} days."
    )
    operands = (
        on_date("oldest_unpaid_due_date", "Oldest unpaid due date", oldest.due_date),
        on_date("as_of", "Day of the statement", account.as_of),
    )
    return (_days_step(text, days, operands),)


def _days_step(text: str, days: int, operands: tuple[Operand, ...] = ()) -> Step:
    return Step(text=text, operands=operands, result=days, rule=rules.DAY_END, unit=Unit.DAYS)


def _met_of(account: Account, plan: InstalmentPlan) -> int:
    return sum(
        allocated.total_paise
        for allocated in allocations(account.effects)
        if allocated.instalment_number == plan.number
    )


#: The figures of the summary by their names in the statement: label, what is shown, the steps.
FIGURES: Final[
    Mapping[str, tuple[str, Callable[[Account], int], Callable[[Account], tuple[Step, ...]]]]
] = {
    "amount_lent": ("Amount lent", lambda a: a.summary.principal_paise, _amount_lent),
    "principal_paid": (
        "Principal paid",
        lambda a: a.summary.principal_paid_paise,
        lambda a: _paid(a, "principal"),
    ),
    "interest_paid": (
        "Interest paid",
        lambda a: a.summary.interest_paid_paise,
        lambda a: _paid(a, "interest"),
    ),
    "outstanding": ("Principal outstanding", lambda a: a.summary.outstanding_paise, _outstanding),
    "capitalised_interest": (
        "Interest that became principal",
        lambda a: a.summary.capitalised_paise,
        _capitalised,
    ),
    "holiday_interest": (
        "Interest that becomes principal when a holiday ends",
        lambda a: a.summary.holiday_interest_paise,
        _to_capitalise,
    ),
    "upfront_interest": (
        "Interest kept back from the disbursement",
        lambda a: a.summary.upfront_interest_paise,
        _upfront,
    ),
    "charges_paid": (
        "Charges paid",
        lambda a: a.summary.charges_paid_paise,
        lambda a: _paid(a, "charges"),
    ),
    "penal_charges_paid": (
        "Penal charges paid",
        lambda a: a.summary.penal_paid_paise,
        lambda a: _paid(a, "penal_charges"),
    ),
    "advance": ("Held in advance", lambda a: a.summary.advance_paise, _advance),
    "excess": ("Refundable excess", lambda a: a.summary.excess_paise, _excess),
    "due_amount": ("Due and unpaid", lambda a: a.summary.due_paise, _due),
    "overdue_amount": ("Overdue", lambda a: a.summary.overdue_paise, _overdue),
    "days_past_due": ("Days past due", lambda a: a.summary.days_past_due, _days_past_due),
}
