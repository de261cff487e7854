"""Amounts of instalments that took the place of others during the loan's life."""

from collections.abc import Sequence

from bright_credit.common.money import format_rupees
from loan.domain.effects import ScheduleReplaced
from loan.domain.schedule import InstalmentPlan, amortization_schedule
from statements.domain.explanations import rules
from statements.domain.explanations.account import Account
from statements.domain.explanations.interest_apart import capitalised, holiday_step
from statements.domain.explanations.schedule_amounts import Agreement
from statements.domain.explanations.steps import Step, on_date, reckoned_step, rupees
from statements.domain.words import date_words


def agreed_schedule(account: Account) -> Sequence[InstalmentPlan]:
    """Return the schedule that the loan began with: the one in force, unless it was replaced."""
    return amortization_schedule(account.terms) if _replaced(account) else account.schedule


def is_as_agreed(agreement: Agreement, row: InstalmentPlan) -> bool:
    """Return whether an instalment stands as it was agreed at the disbursement."""
    return row.number <= len(agreement.schedule) and agreement.schedule[row.number - 1] == row


def replaced_steps(account: Account, number: int, part: str) -> tuple[Step, ...]:
    """Return the steps to an amount of an instalment that an event brought.

    `part` is `principal`, `interest` or `amount`. The principal follows from all the others: they
    repay what was lent, together with it.
    """
    row, events = account.schedule[number - 1], _replaced(account)
    brought = Step(
        text=f"Instalment {number} is of a schedule that took the place of the one before, last on "
        f"{date_words(events[-1].on)}: {format_rupees(row.interest_paise)} of interest.",
        operands=(on_date("replaced_on", "Schedule replaced on", events[-1].on),),
        result=row.interest_paise,
        rule=rules.REPLACED_SCHEDULE,
    )
    if part == "interest":
        return (brought,)
    added, lent = capitalised(account.terms), account.terms.principal_paise
    if added:
        lent = added[-1].result
    for holiday in account.holidays:
        added, lent = (*added, holiday_step(holiday)), lent + holiday.amount_paise
    others = sum(each.principal_paise for each in account.schedule if each.number != number)
    principal = reckoned_step(
        f"What the other instalments leave of the principal: {format_rupees(lent)} − "
        f"{format_rupees(others)}",
        lent - others,
        operands=(
            rupees("amount_lent", "Amount lent, and capitalised" if added else "Amount lent", lent),
            rupees("others", "Principal of all other instalments", others),
        ),
        rule=rules.REPLACED_SCHEDULE,
    )
    if part == "principal":
        return (*added, principal)
    together = reckoned_step(
        f"{format_rupees(principal.result)} of principal + {format_rupees(brought.result)} of "
        "interest",
        principal.result + brought.result,
        operands=(
            rupees("principal", "Principal", principal.result),
            rupees("interest", "Interest", brought.result),
        ),
        rule=rules.PARTS_OF_INSTALMENT,
    )
    return (brought, *added, principal, together)


def _replaced(account: Account) -> list[ScheduleReplaced]:
    return [effect for effect in account.effects if isinstance(effect, ScheduleReplaced)]
