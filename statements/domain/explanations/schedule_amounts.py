"""Why an instalment is what it is: its interest, its principal and their sum, by the terms.

One function for each component and method of interest; a new method is a new case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bright_credit.common.money import BPS_PER_WHOLE, format_rupees
from loan.domain.amortization import exact_instalment
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import InstalmentRounding, InterestMethod, LoanTerms
from statements.domain.explanations import rules
from statements.domain.explanations.interest_apart import capitalised, with_first, with_last
from statements.domain.explanations.steps import (
    OF_SPLIT,
    Rounding,
    Rule,
    Step,
    count,
    part_of_year,
    reckoned_step,
    rounded_step,
    rupees,
    yearly_rate,
)
from statements.domain.explanations.timeline import Stretch, factor_of, stretches
from statements.domain.words import date_words, rate_words, years_words

_OF_INSTALMENT = {
    InstalmentRounding.PAISA: Rounding.PAISA,
    InstalmentRounding.RUPEE: Rounding.RUPEE,
    InstalmentRounding.RUPEE_UP: Rounding.RUPEE_UP,
}

Schedule = Sequence[InstalmentPlan]
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A schedule with what all its rows have in common, reckoned once.

    `stretches` is the time of each instalment and `years` all of it together; `equal_part` are the
    steps to what is the same in every row: the instalment, or its principal.
    """

    terms: LoanTerms
    schedule: Schedule
    stretches: tuple[Stretch, ...]
    years: Fraction
    equal_part: Steps


def agreement_of(terms: LoanTerms, schedule: Schedule) -> Agreement:
    """Return a schedule with what its rows have in common."""
    each = stretches(terms, schedule)
    years = sum((stretch.years for stretch in each), Fraction(0))
    match terms.interest_method:
        case InterestMethod.REDUCING_BALANCE:
            equal_part = _equated_instalment(terms, each)
        case InterestMethod.FLAT:
            equal_part = (_flat_instalment(terms, len(schedule), years),)
        case InterestMethod.EQUAL_PRINCIPAL | InterestMethod.INTEREST_ONLY:
            equal_part = (*capitalised(terms), _equal_principal(terms, len(schedule)))
    return Agreement(
        terms=terms, schedule=schedule, stretches=each, years=years, equal_part=equal_part
    )


def interest_steps(agreement: Agreement, number: int) -> Steps:
    """Return the steps to the interest of an instalment, with what is collected on top of it."""
    steps = _own_interest(agreement, number)
    extras = with_first(agreement.terms) if number == 1 else ()
    extras += with_last(agreement.terms) if number == len(agreement.schedule) else ()
    if not extras:
        return steps
    own, added = steps[-1].result, [part[-1].result for part in extras]
    together = reckoned_step(
        "Interest with what is on top: "
        + " + ".join(format_rupees(paise) for paise in (own, *added)),
        own + sum(added),
        operands=(
            rupees("interest", "Interest of this instalment's own period", own),
            *(rupees("on_top", part[-1].rule.text, part[-1].result) for part in extras),
        ),
        rule=rules.ON_TOP,
    )
    return (*steps, *(step for part in extras for step in part), together)


def principal_steps(agreement: Agreement, number: int) -> Steps:
    """Return the steps to the principal of an instalment."""
    terms, equal_part = agreement.terms, agreement.equal_part
    if number == len(agreement.schedule):
        return (*capitalised(terms), _owed_before(agreement, number, rules.LAST_ABSORBS))
    if number <= _idle(terms):
        return (_no_principal_yet(terms, number),)
    match terms.interest_method:
        case InterestMethod.REDUCING_BALANCE:
            interest = _own_interest(agreement, number)
        case InterestMethod.FLAT:
            interest = (_even_share(agreement),)
        case InterestMethod.EQUAL_PRINCIPAL | InterestMethod.INTEREST_ONLY:
            return equal_part
    return (*interest, *equal_part, _rest_of_instalment(equal_part[-1], interest[-1]))


def total_steps(agreement: Agreement, number: int) -> Steps:
    """Return the steps to the whole of an instalment."""
    principal = principal_steps(agreement, number)[-1].result
    interest = interest_steps(agreement, number)[-1].result
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


def _own_interest(agreement: Agreement, number: int) -> Steps:
    terms = agreement.terms
    if terms.interest_method is InterestMethod.FLAT:
        share = _even_share(agreement)
        last = number == len(agreement.schedule)
        return _rest_of_flat(agreement, share) if last else (share,)
    owed = _owed_before(agreement, number, rules.PRINCIPAL_BEFORE)
    stretch = agreement.stretches[number - 1]
    words = (
        f"Interest of instalment {number}: {format_rupees(owed.result)} × "
        f"{rate_words(terms.annual_rate_bps)} × {years_words(stretch.years)}"
    )
    interest = rounded_step(
        words,
        owed.result * factor_of(terms, stretch),
        rounding=OF_SPLIT[terms.split_rounding],
        operands=(
            rupees("opening_principal", "Principal owed before this instalment", owed.result),
            yearly_rate(terms.annual_rate_bps),
            part_of_year(
                f"{date_words(stretch.since)} to {date_words(stretch.until)}", stretch.years
            ),
        ),
        rule=rules.passing_of_time(terms.conventions),
    )
    return (*capitalised(terms), owed, interest)


def _flat_interest(terms: LoanTerms, years: Fraction) -> Fraction:
    return terms.principal_paise * years * terms.annual_rate_bps / BPS_PER_WHOLE


def _even_share(agreement: Agreement) -> Step:
    terms, rows, years = agreement.terms, len(agreement.schedule), agreement.years
    return rounded_step(
        f"Interest of each instalment: {format_rupees(terms.principal_paise)} × "
        f"{rate_words(terms.annual_rate_bps)} × {years_words(years)} ÷ {rows}",
        _flat_interest(terms, years) / rows,
        rounding=OF_SPLIT[terms.split_rounding],
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            part_of_year("Time of all instalments", years),
            count("instalments", "Instalments", rows),
        ),
        rule=rules.FLAT_INTEREST,
    )


def _rest_of_flat(agreement: Agreement, share: Step) -> Steps:
    terms, before, years = agreement.terms, len(agreement.schedule) - 1, agreement.years
    whole = rounded_step(
        f"Interest of the whole loan: {format_rupees(terms.principal_paise)} × "
        f"{rate_words(terms.annual_rate_bps)} × {years_words(years)}",
        _flat_interest(terms, years),
        rounding=Rounding.PAISA,
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            part_of_year("Time of all instalments", years),
        ),
        rule=rules.FLAT_INTEREST,
    )
    rest = reckoned_step(
        f"What is left for the last: {format_rupees(whole.result)} − {before} × "
        f"{format_rupees(share.result)}",
        whole.result - before * share.result,
        operands=(
            rupees("total_interest", "Interest of the whole loan", whole.result),
            count("earlier_instalments", "Instalments before the last", before),
            rupees("regular_interest", "Interest of each of them", share.result),
        ),
        rule=rules.LAST_ABSORBS,
    )
    return (whole, share, rest)


def _owed_before(agreement: Agreement, number: int, rule: Rule) -> Step:
    borne = _principal_borne(agreement.terms)
    repaid = sum(agreement.schedule[index].principal_paise for index in range(number - 1))
    return reckoned_step(
        f"Owed before instalment {number}: {format_rupees(borne)} − {format_rupees(repaid)}",
        borne - repaid,
        operands=(
            rupees("principal", "Principal that the instalments repay", borne),
            rupees("repaid_before", "Principal of the instalments before this one", repaid),
        ),
        rule=rule,
    )


def _equated_instalment(terms: LoanTerms, times: Sequence[Stretch]) -> Steps:
    borne = _principal_borne(terms)
    factors = [factor_of(terms, stretch) for stretch in times[_idle(terms) :]]
    rows = len(factors)
    same = len(set(factors)) == 1
    rate = rate_words(terms.annual_rate_bps)
    years = times[-1].years
    words = (
        f"Equal instalment for P = {format_rupees(borne)}, i = {rate} × {years_words(years)} and "
        f"n = {rows}: "
        "P·i·(1+i)ⁿ ÷ ((1+i)ⁿ − 1)"
        if same
        else f"What repays {format_rupees(borne)} in {rows} equal instalments, with {rate} a year "
        "for the time of each"
    )
    step = rounded_step(
        words,
        exact_instalment(borne, factors),
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Principal that the instalments repay (P)", borne),
            yearly_rate(terms.annual_rate_bps),
            count("instalments", "Instalments that repay it (n)", rows),
        ),
        rule=rules.EQUATED_INSTALMENT if same else rules.EQUATED_OVER_UNEQUAL_PERIODS,
    )
    return (*capitalised(terms), step)


def _flat_instalment(terms: LoanTerms, rows: int, years: Fraction) -> Step:
    lent, repaying = format_rupees(terms.principal_paise), rows - _idle(terms)
    return rounded_step(
        f"Equal instalment: {lent} ÷ {repaying} + {lent} × {rate_words(terms.annual_rate_bps)} × "
        f"{years_words(years)} ÷ {rows}",
        Fraction(terms.principal_paise, repaying) + _flat_interest(terms, years) / rows,
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Amount lent", terms.principal_paise),
            yearly_rate(terms.annual_rate_bps),
            part_of_year("Time of all instalments", years),
            count("instalments", "Instalments", rows),
            count("repaying_instalments", "Instalments that repay principal", repaying),
        ),
        rule=rules.FLAT_INTEREST,
    )


def _equal_principal(terms: LoanTerms, rows: int) -> Step:
    borne, repaying = _principal_borne(terms), rows - _idle(terms)
    return rounded_step(
        f"Equal part of the principal: {format_rupees(borne)} ÷ {repaying}",
        Fraction(borne, repaying),
        rounding=_OF_INSTALMENT[terms.instalment_rounding],
        operands=(
            rupees("principal", "Principal that the instalments repay", borne),
            count("repaying_instalments", "Instalments that repay it", repaying),
        ),
        rule=rules.EQUAL_PARTS,
    )


def _no_principal_yet(terms: LoanTerms, number: int) -> Step:
    only_interest = terms.interest_method is InterestMethod.INTEREST_ONLY
    rule = rules.PRINCIPAL_AT_THE_END if only_interest else rules.PRINCIPAL_MORATORIUM
    return Step(
        text=f"Instalment {number} holds no principal.",
        operands=(rupees("principal", "Amount lent", terms.principal_paise),),
        result=0,
        rule=rule,
    )


def _rest_of_instalment(instalment: Step, interest: Step) -> Step:
    return reckoned_step(
        f"Instalment less interest: {format_rupees(instalment.result)} − "
        f"{format_rupees(interest.result)}",
        instalment.result - interest.result,
        operands=(
            rupees("instalment", "Equal instalment", instalment.result),
            rupees("interest", "Interest of this instalment", interest.result),
        ),
        rule=rules.REST_OF_INSTALMENT,
    )


def _idle(terms: LoanTerms) -> int:
    """Return how many of the first instalments repay no principal."""
    if terms.interest_method is InterestMethod.INTEREST_ONLY:
        return terms.instalment_count - 1
    return terms.principal_moratorium_periods - terms.interest_moratorium_periods


def _principal_borne(terms: LoanTerms) -> int:
    """Return what the instalments repay: the amount lent, and interest that became principal."""
    added = capitalised(terms)
    return added[-1].result if added else terms.principal_paise
