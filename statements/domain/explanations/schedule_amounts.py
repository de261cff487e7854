"""Why an instalment is what it is: its interest, its principal and their sum, by the terms.

One function for each component and method of interest; a new method is a new case.
"""

from collections.abc import Sequence
from fractions import Fraction

from bright_credit.common.money import BPS_PER_WHOLE, format_rupees
from loan.domain.schedule import MONTHS_PER_YEAR, InstalmentPlan, exact_equated_instalment
from loan.domain.terms import InstalmentRounding, InterestMethod, LoanTerms, SplitRounding
from statements.domain.explanations import rules
from statements.domain.explanations.steps import (
    Rounding,
    Step,
    months,
    reckoned_step,
    rounded_step,
    rupees,
    yearly_rate,
)
from statements.domain.words import rate_words

_OF_INSTALMENT = {
    InstalmentRounding.PAISA: Rounding.PAISA,
    InstalmentRounding.RUPEE: Rounding.RUPEE,
    InstalmentRounding.RUPEE_UP: Rounding.RUPEE_UP,
}
_OF_SPLIT = {SplitRounding.PAISA: Rounding.PAISA, SplitRounding.RUPEE: Rounding.RUPEE}


def interest_steps(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int
) -> tuple[Step, ...]:
    """Return the steps to the interest of an instalment."""
    if terms.interest_method is InterestMethod.FLAT:
        if _is_last(terms, number):
            return _last_flat_interest(terms)
        return (_month_of_flat_interest(terms),)
    owed = _owed_before(terms, schedule, number)
    return (owed, _month_of_interest(terms, owed.result))


def principal_steps(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int
) -> tuple[Step, ...]:
    """Return the steps to the principal of an instalment."""
    if _is_last(terms, number):
        return (_whole_rest(terms, schedule, number),)
    match terms.interest_method:
        case InterestMethod.REDUCING_BALANCE:
            instalment = _equated_instalment(terms)
            interest = interest_steps(terms, schedule, number)
            return (*interest, instalment, _rest_of_instalment(instalment, interest[-1]))
        case InterestMethod.FLAT:
            instalment = _flat_instalment(terms)
            flat_interest = _month_of_flat_interest(terms)
            return (flat_interest, instalment, _rest_of_instalment(instalment, flat_interest))
        case InterestMethod.EQUAL_PRINCIPAL:
            return (_equal_part(terms),)
        case InterestMethod.INTEREST_ONLY:
            return (_no_principal_yet(terms),)


def total_steps(
    terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int
) -> tuple[Step, ...]:
    """Return the steps to the whole of an instalment."""
    principal = principal_steps(terms, schedule, number)[-1].result
    interest = interest_steps(terms, schedule, number)[-1].result
    return (
        reckoned_step(
            f"{format_rupees(principal)} of principal + {format_rupees(interest)} of interest",
            principal + interest,
            operands=(
                rupees("principal", "Principal", principal),
                rupees("interest", "Interest", interest),
            ),
            rule=rules.PARTS_OF_INSTALMENT,
        ),
    )


def _is_last(terms: LoanTerms, number: int) -> bool:
    return number == terms.tenure_months


def _month_of_interest(terms: LoanTerms, owed_paise: int) -> Step:
    return rounded_step(
        f"{format_rupees(owed_paise)} × {_rate(terms)} × 1 ÷ {MONTHS_PER_YEAR} months",
        _interest(terms, owed_paise, month_count=1),
        rounding=_OF_SPLIT[terms.split_rounding],
        operands=(
            rupees("opening_principal", "Principal owed before this instalment", owed_paise),
            yearly_rate(terms.annual_rate_bps),
            months("months", "Months of interest", 1),
        ),
        rule=rules.MONTHLY_RESTS,
    )


def _month_of_flat_interest(terms: LoanTerms) -> Step:
    return rounded_step(
        f"{format_rupees(terms.principal_paise)} × {_rate(terms)} × 1 ÷ {MONTHS_PER_YEAR} months",
        _interest(terms, terms.principal_paise, month_count=1),
        rounding=_OF_SPLIT[terms.split_rounding],
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            months("months", "Months of interest", 1),
        ),
        rule=rules.FLAT_INTEREST,
    )


def _last_flat_interest(terms: LoanTerms) -> tuple[Step, ...]:
    count = terms.tenure_months
    whole = rounded_step(
        f"{format_rupees(terms.principal_paise)} × {_rate(terms)} × {count} ÷ "
        f"{MONTHS_PER_YEAR} months",
        _interest(terms, terms.principal_paise, month_count=count),
        rounding=Rounding.PAISA,
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            months("months", "Months of interest", count),
        ),
        rule=rules.FLAT_INTEREST,
    )
    month = _month_of_flat_interest(terms)
    rest = reckoned_step(
        f"{format_rupees(whole.result)} − {count - 1} × {format_rupees(month.result)}",
        whole.result - (count - 1) * month.result,
        operands=(
            rupees("total_interest", "Interest of the whole loan", whole.result),
            months("earlier_instalments", "Instalments before the last", count - 1),
            rupees("regular_interest", "Interest of each of them", month.result),
        ),
        rule=rules.LAST_ABSORBS,
    )
    return (whole, month, rest)


def _owed_before(terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int) -> Step:
    repaid = _repaid_before(schedule, number)
    return reckoned_step(
        f"{format_rupees(terms.principal_paise)} − {format_rupees(repaid)}",
        terms.principal_paise - repaid,
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            rupees("repaid_before", "Principal of the instalments before this one", repaid),
        ),
        rule=rules.PRINCIPAL_BEFORE,
    )


def _whole_rest(terms: LoanTerms, schedule: Sequence[InstalmentPlan], number: int) -> Step:
    repaid = _repaid_before(schedule, number)
    return reckoned_step(
        f"{format_rupees(terms.principal_paise)} − {format_rupees(repaid)}",
        terms.principal_paise - repaid,
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            rupees("repaid_before", "Principal of the instalments before the last", repaid),
        ),
        rule=rules.LAST_ABSORBS,
    )


def _equated_instalment(terms: LoanTerms) -> Step:
    return rounded_step(
        f"For P = {format_rupees(terms.principal_paise)}, i = {_rate(terms)} ÷ {MONTHS_PER_YEAR} "
        f"and n = {terms.tenure_months}: P·i·(1+i)ⁿ ÷ ((1+i)ⁿ − 1)",
        exact_equated_instalment(
            terms.principal_paise,
            annual_rate_bps=terms.annual_rate_bps,
            tenure_months=terms.tenure_months,
        ),
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Amount lent (P)", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            months("instalments", "Instalments (n)", terms.tenure_months),
        ),
        rule=rules.EQUATED_INSTALMENT,
    )


def _flat_instalment(terms: LoanTerms) -> Step:
    count = terms.tenure_months
    return rounded_step(
        f"{format_rupees(terms.principal_paise)} ÷ {count} + "
        f"{format_rupees(terms.principal_paise)} × {_rate(terms)} ÷ {MONTHS_PER_YEAR}",
        Fraction(terms.principal_paise, count)
        + _interest(terms, terms.principal_paise, month_count=1),
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            months("instalments", "Instalments", count),
        ),
        rule=rules.FLAT_INTEREST,
    )


def _equal_part(terms: LoanTerms) -> Step:
    return rounded_step(
        f"{format_rupees(terms.principal_paise)} ÷ {terms.tenure_months}",
        Fraction(terms.principal_paise, terms.tenure_months),
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            months("instalments", "Instalments", terms.tenure_months),
        ),
        rule=rules.EQUAL_PARTS,
    )


def _no_principal_yet(terms: LoanTerms) -> Step:
    return Step(
        text=f"The amount lent, {format_rupees(terms.principal_paise)}, is repaid with the last of "
        f"the {terms.tenure_months} instalments; this one holds no principal.",
        operands=(rupees("principal", "Amount lent", terms.principal_paise),),
        result=0,
        rule=rules.PRINCIPAL_AT_THE_END,
    )


def _rest_of_instalment(instalment: Step, interest: Step) -> Step:
    return reckoned_step(
        f"{format_rupees(instalment.result)} − {format_rupees(interest.result)}",
        instalment.result - interest.result,
        operands=(
            rupees("instalment", "Equal instalment", instalment.result),
            rupees("interest", "Interest of this instalment", interest.result),
        ),
        rule=rules.REST_OF_INSTALMENT,
    )


def _repaid_before(schedule: Sequence[InstalmentPlan], number: int) -> int:
    return sum(schedule[index].principal_paise for index in range(number - 1))


def _interest(terms: LoanTerms, base_paise: int, *, month_count: int) -> Fraction:
    return Fraction(
        base_paise * terms.annual_rate_bps * month_count, BPS_PER_WHOLE * MONTHS_PER_YEAR
    )


def _rate(terms: LoanTerms) -> str:
    return rate_words(terms.annual_rate_bps)
