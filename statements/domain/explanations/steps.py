"""What an explanation is made of: steps, each with its operands, its rounding and its rule.

A step holds the numbers it was reckoned from and what it came to; it never copies the amount it
explains. So an explanation that does not come to the amount shown says so by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from bright_credit.common import money
from loan.domain.terms import SplitRounding


class Unit(StrEnum):
    """What a number counts. Amounts are paise and rates are basis points, as everywhere inside."""

    RUPEES = "RUPEES"
    PERCENT_A_YEAR = "PERCENT_A_YEAR"
    YEARS = "YEARS"
    DAYS = "DAYS"
    COUNT = "COUNT"
    DATE = "DATE"


class Rounding(StrEnum):
    """The named rounding of `bright_credit.common.money` that a step ends with."""

    PAISA = "round_to_paisa"
    RUPEE = "round_to_rupee"
    RUPEE_UP = "round_up_to_rupee"

    def rounded(self, paise: Fraction) -> int:
        """Return an exact number of paise, rounded by that function."""
        return _FUNCTIONS[self](paise)

    @property
    def words(self) -> str:
        """Return the rounding in words."""
        return _WORDS[self]


_FUNCTIONS: Mapping[Rounding, Callable[[Fraction], int]] = {
    Rounding.PAISA: money.round_to_paisa,
    Rounding.RUPEE: money.round_to_rupee,
    Rounding.RUPEE_UP: money.round_up_to_rupee,
}
_WORDS: Mapping[Rounding, str] = {
    Rounding.PAISA: "rounded to the nearest paisa, halves up",
    Rounding.RUPEE: "rounded to the nearest rupee, halves up",
    Rounding.RUPEE_UP: "rounded up to a whole rupee",
}


#: How the terms' rounding of interest is called.
OF_SPLIT: Mapping[SplitRounding, Rounding] = {
    SplitRounding.PAISA: Rounding.PAISA,
    SplitRounding.RUPEE: Rounding.RUPEE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Why a step is taken: a stable code, a sentence, and where it is laid down."""

    code: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """A number or a date that a step uses. `name` is stable, `label` is for people.

    A part of a year is an exact fraction.
    """

    name: str
    label: str
    unit: Unit
    value: int | date | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: its text, its operands, and what it comes to.

    `exact_paise` is the value before rounding, where something was rounded.
    """

    text: str
    operands: tuple[Operand, ...]
    result: int
    rule: Rule
    unit: Unit = Unit.RUPEES
    exact_paise: Fraction | None = None
    rounding: Rounding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An amount of a statement, and the steps that lead to it. The last step's result is it.

    `amount` is where the statement shows it, such as `instalments.3.interest`; `groups` are the
    places that hold it, the widest first: `instalments`, `instalments.3`.
    """

    amount: str
    groups: tuple[str, ...]
    label: str
    value: int
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """Its name in the narrowest of its groups: `interest`, `allocation.interest`."""
        return self.amount.removeprefix(f"{self.groups[-1]}.")

    @property
    def unit(self) -> Unit:
        """What the value counts."""
        return self.steps[-1].unit

    @property
    def derived(self) -> int:
        """What the steps come to."""
        return self.steps[-1].result

    @property
    def agrees(self) -> bool:
        """Whether the steps come to the amount that is shown."""
        return self.derived == self.value


def rupees(name: str, label: str, paise: int) -> Operand:
    """Return an amount as an operand."""
    return Operand(name=name, label=label, unit=Unit.RUPEES, value=paise)


def yearly_rate(bps: int) -> Operand:
    """Return the loan's rate as an operand."""
    return Operand(name="annual_rate", label="Yearly rate", unit=Unit.PERCENT_A_YEAR, value=bps)


def part_of_year(label: str, years: Fraction) -> Operand:
    """Return some time as an operand: what part of a year it is."""
    return Operand(name="part_of_year", label=label, unit=Unit.YEARS, value=years)


def count(name: str, label: str, number: int) -> Operand:
    """Return a number of things as an operand."""
    return Operand(name=name, label=label, unit=Unit.COUNT, value=number)


def on_date(name: str, label: str, day: date) -> Operand:
    """Return a date as an operand."""
    return Operand(name=name, label=label, unit=Unit.DATE, value=day)


def rounded_step(
    words: str,
    exact_paise: Fraction,
    *,
    rounding: Rounding,
    operands: tuple[Operand, ...],
    rule: Rule,
) -> Step:
    """Return a step whose exact value is rounded: `words = exact, rounded …: result`."""
    result = rounding.rounded(exact_paise)
    text = f"{words} = {money.format_exact_rupees(exact_paise)}"
    if exact_paise != result:
        text = f"{text}, {rounding.words}: {money.format_rupees(result)}"
    return Step(
        text=f"{text}.",
        operands=operands,
        result=result,
        rule=rule,
        exact_paise=exact_paise,
        rounding=rounding,
    )


def reckoned_step(
    words: str, result_paise: int, *, operands: tuple[Operand, ...], rule: Rule
) -> Step:
    """Return a step of whole paise: `words = result`."""
    return Step(
        text=f"{words} = {money.format_rupees(result_paise)}.",
        operands=operands,
        result=result_paise,
        rule=rule,
    )


def sum_step(name: str, terms: tuple[Operand, ...], *, nothing: str, rule: Rule) -> Step:
    """Return a step that adds amounts up; with none of them it says `nothing`."""
    total = sum(term.value for term in terms if isinstance(term.value, int))
    if not terms:
        return Step(text=nothing, operands=(), result=0, rule=rule)
    shown = "; ".join(f"{term.label} {amount_of(term)}" for term in terms)
    return Step(
        text=f"{name}: {shown}. Together {money.format_rupees(total)}.",
        operands=terms,
        result=total,
        rule=rule,
    )


def amount_of(operand: Operand) -> str:
    """Return an amount's operand in words. What is no amount, as it is."""
    if isinstance(operand.value, int):
        return money.format_rupees(operand.value)
    return str(operand.value)
