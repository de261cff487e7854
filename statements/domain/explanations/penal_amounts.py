"""Penal charges by rate or slab, explained."""

from bright_credit.common.money import format_rupees
from loan.domain.effects import PenalLevied
from loan.domain.penal import amount_paise, days_charged
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms
from statements.domain.explanations import rules
from statements.domain.explanations.steps import Step, on_date, rupees
from statements.domain.words import date_words, rate_words


def penal_step_by_rule(
    terms: LoanTerms, levied: PenalLevied, plan: InstalmentPlan, *, unpaid_paise: int
) -> Step:
    """Return the step to a penal charge by rate or slab."""
    place = int(levied.key.split("-")[2]) if levied.key.count("-") > 1 else 1
    opening = f"Instalment {plan.number} was due on {date_words(plan.due_date)}. On "
    opening += f"{date_words(levied.levied_on)} {format_rupees(unpaid_paise)} of it was unpaid"
    if terms.penal_rate_bps:
        days = days_charged(terms, place)
        reason = (
            f": {rate_words(terms.penal_rate_bps)} a year on that for {days} days are "
            f"{format_rupees(levied.amount_paise)}."
        )
    else:
        slab = terms.penal_slabs[place - 1]
        reason = (
            f": for {slab.after_days} days past due the terms have "
            f"{format_rupees(slab.amount_paise)}."
        )
    return Step(
        text=opening + reason,
        operands=(
            on_date("due_date", "Due date", plan.due_date),
            on_date("levied_on", "Levied on", levied.levied_on),
            rupees("unpaid", "Unpaid of the instalment then", unpaid_paise),
        ),
        result=amount_paise(terms, place, unpaid_paise=unpaid_paise) if unpaid_paise > 0 else 0,
        rule=rules.PENAL_CHARGE_BY_RULE,
    )
