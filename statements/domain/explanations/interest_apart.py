"""The interest that no instalment bears by itself: of the broken period and of a moratorium."""

from fractions import Fraction

from bright_credit.common.money import BPS_PER_WHOLE, format_rupees
from loan.domain.in_force import PutOffInterest
from loan.domain.terms import BrokenPeriodInterest, LoanTerms, MoratoriumInterest
from statements.domain.explanations import rules
from statements.domain.explanations.steps import (
    OF_SPLIT,
    Rule,
    Step,
    on_date,
    part_of_year,
    reckoned_step,
    rounded_step,
    rupees,
    yearly_rate,
)
from statements.domain.explanations.timeline import broken_stretch, silent_stretches
from statements.domain.words import date_words, rate_words, years_words

Steps = tuple[Step, ...]


def with_first(terms: LoanTerms) -> tuple[Steps, ...]:
    """Return the steps to each interest that is collected on top of the first instalment."""
    parts: tuple[Steps, ...] = ()
    if terms.broken_period_interest is BrokenPeriodInterest.WITH_FIRST_INSTALMENT:
        parts += _broken_interest(terms)
    if terms.moratorium_interest is MoratoriumInterest.WITH_FIRST_INSTALMENT:
        parts += _moratorium_interest(terms)
    return parts


def with_last(terms: LoanTerms) -> tuple[Steps, ...]:
    """Return the steps to each interest that is collected on top of the last instalment."""
    later = terms.moratorium_interest is MoratoriumInterest.WITH_LAST_INSTALMENT
    return _moratorium_interest(terms) if later else ()


def moratorium_interest(terms: LoanTerms) -> Steps:
    """Return the steps to the interest of the periods in which nothing is paid."""
    return tuple(step for part in _moratorium_interest(terms) for step in part)


def broken_interest(terms: LoanTerms) -> Steps:
    """Return the steps to the interest of the days before the first whole period."""
    return tuple(step for part in _broken_interest(terms) for step in part)


def capitalised(terms: LoanTerms) -> Steps:
    """Return the steps to the principal with the interest that became part of it; mostly none."""
    if terms.moratorium_interest is not MoratoriumInterest.CAPITALISED:
        return ()
    lent = terms.principal_paise
    return tuple(
        step
        for part in _moratorium_interest(terms)
        for step in (
            *part,
            reckoned_step(
                f"Principal with it: {format_rupees(lent)} + {format_rupees(part[-1].result)}",
                lent + part[-1].result,
                operands=(
                    rupees("amount_lent", "Amount lent", lent),
                    rupees(
                        "capitalised_interest", "Interest that became principal", part[-1].result
                    ),
                ),
                rule=rules.CAPITALISED,
            ),
        )
    )


def holiday_step(interest: PutOffInterest) -> Step:
    """Return the step to the interest of a holiday that becomes principal."""
    since, until = date_words(interest.since), date_words(interest.until)
    return Step(
        text=f"Interest of the payment holiday from {since} to {until}, simple, on "
        f"{format_rupees(interest.base_paise)}: {format_rupees(interest.amount_paise)}.",
        operands=(
            on_date("since", "From", interest.since),
            on_date("until", "Until", interest.until),
            rupees("base", "Principal owed in the holiday", interest.base_paise),
        ),
        result=interest.amount_paise,
        rule=rules.HOLIDAY_CAPITALISED,
    )


def _broken_interest(terms: LoanTerms) -> tuple[Steps, ...]:
    stretch = broken_stretch(terms)
    if stretch is None:
        return ()
    label = f"{date_words(stretch.since)} to {date_words(stretch.until)}"
    return ((_simple_interest(terms, label, stretch.years, rule=rules.BROKEN_PERIOD),),)


def _moratorium_interest(terms: LoanTerms) -> tuple[Steps, ...]:
    silent = silent_stretches(terms)
    if not silent:
        return ()
    label = f"{date_words(silent[0].since)} to {date_words(silent[-1].until)}"
    years = sum((stretch.years for stretch in silent), Fraction(0))
    return ((_simple_interest(terms, label, years, rule=rules.INTEREST_MORATORIUM),),)


def _simple_interest(terms: LoanTerms, label: str, years: Fraction, *, rule: Rule) -> Step:
    lent, rate = terms.principal_paise, terms.annual_rate_bps
    return rounded_step(
        f"Interest from {label}: {format_rupees(lent)} × {rate_words(rate)} × {years_words(years)}",
        lent * years * rate / BPS_PER_WHOLE,
        rounding=OF_SPLIT[terms.split_rounding],
        operands=(
            rupees("amount_lent", "Amount lent", lent),
            yearly_rate(rate),
            part_of_year(label, years),
        ),
        rule=rule,
    )
