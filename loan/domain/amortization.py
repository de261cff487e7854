"""The rest of a schedule from any point of a loan's life, to the paisa.

Every schedule is made here: a new loan's (`loan.domain.schedule`), and what follows a part
prepayment, a change of rate or a new due day. Say what is left (`Remaining`) and how it is reckoned
(`Conventions`), and either fix the number of instalments and have the instalment solved, or keep
the instalment and have the number solved:

    over_count(remaining, conventions, count=18)              # reduce the instalment
    at_instalment(remaining, conventions, instalment_paise=…) # reduce the tenure

The exact value of each row is a rational number; its interest is rounded once, by the conventions'
own choice, and the next row starts from the rounded one. The last row absorbs what rounding left
over, so the principal column sums to what was owed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import chain, islice

from bright_credit.common.money import BPS_PER_WHOLE, round_to_paisa
from loan.domain.interest import Period, Rates, interest_factor
from loan.domain.terms import MAX_INSTALMENTS, Conventions, InterestMethod, InvalidTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPlan:
    """One row of the schedule: the instalment's number from 1, its date and what it is made of."""

    number: int
    due_date: date
    opening_principal_paise: int
    principal_paise: int
    interest_paise: int

    @property
    def total_paise(self) -> int:
        """Return what is due on the date."""
        return self.principal_paise + self.interest_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What is left to repay, and from when.

    `period_start` is the last due date (of a new loan, where its first period begins) and
    `next_due_date` ends the first period. The dates after it are the `later_due_dates`, where some
    are agreed already, and follow one another by the frequency after the last. The principal bears
    interest from `interest_from` on, by default from `period_start`: after a part prepayment it is
    the prepayment's date, with the interest up to it collected apart or carried in
    `first_extra_interest_paise`, which the first row collects beside its own; likewise
    `last_extra_interest_paise` and the last. `first_number` is the number of the first row.

    The first `interest_only_rows` rows bear no principal. `flat_base_paise` is what flat interest
    is reckoned on, by default the principal; in mid-life it is the amount lent, and after a part
    prepayment it shrinks as the principal does.
    """

    principal_paise: int
    rates: Rates
    period_start: date
    next_due_date: date
    later_due_dates: tuple[date, ...] = ()
    first_number: int = 1
    interest_from: date | None = None
    interest_only_rows: int = 0
    first_extra_interest_paise: int = 0
    last_extra_interest_paise: int = 0
    flat_base_paise: int | None = None

    def __post_init__(self) -> None:
        if self.principal_paise <= 0:
            raise InvalidTerms("must be more than zero", field="principal_paise")
        if self.next_due_date <= self.period_start:
            raise InvalidTerms("must be later than the last due date", field="next_due_date")
        since = self.interest_from
        if since is not None and not self.period_start <= since <= self.next_due_date:
            raise InvalidTerms("must lie within the first period", field="interest_from")
        for field, value in (
            ("first_extra_interest_paise", self.first_extra_interest_paise),
            ("last_extra_interest_paise", self.last_extra_interest_paise),
            ("interest_only_rows", self.interest_only_rows),
            ("flat_base_paise", self.flat_base_paise or 0),
        ):
            if value < 0:
                raise InvalidTerms("must not be negative", field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amortization:
    """The rest of a schedule. `instalment_paise` is the regular one: rows may differ by extras.

    It is the equal instalment where there is one, the first and largest for equal principal, and
    the interest of a period for interest-only loans.
    """

    rows: tuple[InstalmentPlan, ...]
    instalment_paise: int


def over_count(remaining: Remaining, conventions: Conventions, *, count: int) -> Amortization:
    """Return the schedule of so many rows, its instalment solved.

    The principal sums to what was owed, no component is negative, no row is empty. Raises
    `InvalidTerms` when the rounding leaves no such schedule (a loan of a few rupees), when rows
    without principal leave none to repay in, or the first period's interest exceeds the instalment.
    """
    if not 1 <= count <= MAX_INSTALMENTS:
        raise InvalidTerms(f"must be from 1 to {MAX_INSTALMENTS}", field="count")
    if remaining.interest_only_rows >= count:
        raise InvalidTerms("must leave an instalment to repay in", field="interest_only_rows")
    periods = tuple(islice(_periods(remaining, conventions), count))
    rows = _rows(remaining, periods, _splits_over(remaining, conventions, periods))
    regular = rows[min(remaining.interest_only_rows, count - 1)]
    extra = remaining.first_extra_interest_paise if regular is rows[0] else 0
    extra += remaining.last_extra_interest_paise if regular is rows[-1] else 0
    return Amortization(rows=rows, instalment_paise=regular.total_paise - extra)


def at_instalment(
    remaining: Remaining, conventions: Conventions, *, instalment_paise: int
) -> Amortization:
    """Return the schedule that keeps an instalment, the number of rows solved.

    For equal principal it is the principal of a row that is kept. A last sliver no larger than the
    rounding of all rows, those before the first one as well, could have left joins the row before
    it, so that keeping the instalment of an unchanged loan gives the rest of that very loan.

    Raises `InvalidTerms` when the instalment does not cover the interest, when more than
    `MAX_INSTALMENTS` rows would be needed, or for interest-only loans, whose instalments repay
    nothing.
    """
    if conventions.interest_method is InterestMethod.INTEREST_ONLY:
        raise InvalidTerms(
            "an interest-only loan keeps its number of instalments", field="interest_method"
        )
    if remaining.interest_only_rows:
        raise InvalidTerms("a kept instalment repays from the first", field="interest_only_rows")
    splits = tuple(_splits_at(remaining, conventions, instalment_paise))
    periods = tuple(islice(_periods(remaining, conventions), len(splits)))
    if conventions.interest_method is InterestMethod.FLAT:
        factors = [_factor(remaining, conventions, period) for period in periods]
        splits = tuple(_flat(remaining, conventions, factors, instalment_paise=instalment_paise))
    return Amortization(rows=_rows(remaining, periods, splits), instalment_paise=instalment_paise)


def exact_instalment(principal_paise: int, factors: Sequence[Fraction]) -> Fraction:
    """Return the equal instalment that repays a principal over periods, in paise, unrounded.

    `factors` are the interest of each period on a balance of one. Where all are the same `i`, this
    is `P·i·(1+i)ⁿ / ((1+i)ⁿ − 1)`, and `P/n` where they are zero. Kept in whole numbers
    throughout: the balance after the last period is linear in the instalment.
    """
    grown, scale, paid = 1, 1, 0
    for factor in factors:
        growth, unit = (1 + factor).as_integer_ratio()
        grown *= growth
        paid = paid * growth + scale * unit
        scale *= unit
    return Fraction(principal_paise * grown, paid)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    principal_paise: int
    interest_paise: int


def _periods(remaining: Remaining, conventions: Conventions) -> Iterator[Period]:
    agreed = (remaining.next_due_date, *remaining.later_due_dates)
    following = conventions.frequency.due_dates(agreed[-1], anchor_day=conventions.anchor_day)
    start = remaining.period_start
    for due_date in chain(agreed, islice(following, 1, None)):
        yield Period(start=start, end=due_date)
        start = due_date


def _factor(remaining: Remaining, conventions: Conventions, period: Period) -> Fraction:
    """Return the interest of a period on a balance of one; the first may begin late."""
    first = period.start == remaining.period_start
    return interest_factor(
        remaining.rates,
        period=period,
        basis=conventions.basis,
        since=remaining.interest_from if first else None,
    )


def _splits_over(
    remaining: Remaining, conventions: Conventions, periods: Sequence[Period]
) -> Iterator[_Split]:
    factors = [_factor(remaining, conventions, period) for period in periods]
    match conventions.interest_method:
        case InterestMethod.REDUCING_BALANCE:
            return _reducing_balance(remaining, conventions, factors)
        case InterestMethod.FLAT:
            return _flat(remaining, conventions, factors)
        case InterestMethod.EQUAL_PRINCIPAL:
            return _equal_principal(remaining, conventions, factors)
        case InterestMethod.INTEREST_ONLY:
            idle = replace(remaining, interest_only_rows=len(factors) - 1)
            return _equal_principal(idle, conventions, factors)


def _reducing_balance(
    remaining: Remaining, conventions: Conventions, factors: Sequence[Fraction]
) -> Iterator[_Split]:
    owed_paise, idle = remaining.principal_paise, remaining.interest_only_rows
    instalment_paise = conventions.instalment_rounding.rounded(
        exact_instalment(owed_paise, factors[idle:])
    )
    for place, factor in enumerate(factors):
        interest_paise = conventions.split_rounding.rounded(owed_paise * factor)
        if place == len(factors) - 1:
            principal_paise = owed_paise
        else:
            principal_paise = 0 if place < idle else instalment_paise - interest_paise
        yield _Split(principal_paise=principal_paise, interest_paise=interest_paise)
        owed_paise -= principal_paise


def _flat(
    remaining: Remaining,
    conventions: Conventions,
    factors: Sequence[Fraction],
    *,
    instalment_paise: int | None = None,
) -> Iterator[_Split]:
    """Spread the interest of the whole time evenly; the last row brings it to the exact total."""
    count, idle = len(factors), remaining.interest_only_rows
    total = _flat_base_paise(remaining) * sum(factors, Fraction(0))
    if instalment_paise is None:
        instalment_paise = conventions.instalment_rounding.rounded(
            Fraction(remaining.principal_paise, count - idle) + total / count
        )
    interest_paise = conventions.split_rounding.rounded(total / count)
    usual_paise = instalment_paise - interest_paise
    for place in range(count - 1):
        yield _Split(
            principal_paise=0 if place < idle else usual_paise, interest_paise=interest_paise
        )
    yield _Split(
        principal_paise=remaining.principal_paise - usual_paise * (count - 1 - idle),
        interest_paise=round_to_paisa(total) - interest_paise * (count - 1),
    )


def _equal_principal(
    remaining: Remaining, conventions: Conventions, factors: Sequence[Fraction]
) -> Iterator[_Split]:
    owed_paise, idle = remaining.principal_paise, remaining.interest_only_rows
    usual_paise = conventions.instalment_rounding.rounded(Fraction(owed_paise, len(factors) - idle))
    for place, factor in enumerate(factors):
        principal_paise = 0 if place < idle else usual_paise
        if place == len(factors) - 1:
            principal_paise = owed_paise
        yield _Split(
            principal_paise=principal_paise,
            interest_paise=conventions.split_rounding.rounded(owed_paise * factor),
        )
        owed_paise -= principal_paise


def _splits_at(
    remaining: Remaining, conventions: Conventions, instalment_paise: int
) -> Iterator[_Split]:
    owed_paise, sliver = remaining.principal_paise, _rounding_left_before(remaining, conventions)
    for _, period in zip(range(MAX_INSTALMENTS), _periods(remaining, conventions), strict=False):
        factor = _factor(remaining, conventions, period)
        interest_paise = _interest_at(remaining, conventions, owed_paise, factor)
        principal_paise = instalment_paise
        if conventions.interest_method is not InterestMethod.EQUAL_PRINCIPAL:
            principal_paise -= interest_paise
        if principal_paise <= 0:
            raise InvalidTerms(
                "the instalment does not cover the interest of a period", field="instalment_paise"
            )
        sliver = sliver * (1 + factor) + _rounding_left_at_most(conventions)
        if owed_paise <= principal_paise + min(sliver, Fraction(principal_paise, 2)):
            yield _Split(principal_paise=owed_paise, interest_paise=interest_paise)
            return
        yield _Split(principal_paise=principal_paise, interest_paise=interest_paise)
        owed_paise -= principal_paise
    raise InvalidTerms(
        f"the instalment does not repay the loan within {MAX_INSTALMENTS} instalments",
        field="instalment_paise",
    )


def _interest_at(
    remaining: Remaining, conventions: Conventions, owed_paise: int, factor: Fraction
) -> int:
    flat = conventions.interest_method is InterestMethod.FLAT
    base_paise = _flat_base_paise(remaining) if flat else owed_paise
    return conventions.split_rounding.rounded(base_paise * factor)


def _flat_base_paise(remaining: Remaining) -> int:
    base_paise = remaining.flat_base_paise
    return remaining.principal_paise if base_paise is None else base_paise


def _rounding_left_at_most(conventions: Conventions) -> Fraction:
    """Return what the two roundings of one row may leave of the principal for later rows."""
    return (
        conventions.instalment_rounding.short_by_at_most_paise
        + conventions.split_rounding.short_by_at_most_paise
    )


def _rounding_left_before(remaining: Remaining, conventions: Conventions) -> Fraction:
    """Return what the roundings of the rows before the first one may have left, grown as a debt."""
    highest = Fraction(remaining.rates.highest_bps, BPS_PER_WHOLE)
    growth = 1 + highest / conventions.frequency.periods_per_year
    left = Fraction(0)
    for _ in range(remaining.first_number - 1):
        left = left * growth + _rounding_left_at_most(conventions)
    return left


def _rows(
    remaining: Remaining, periods: Sequence[Period], splits: Iterator[_Split] | Sequence[_Split]
) -> tuple[InstalmentPlan, ...]:
    rows: list[InstalmentPlan] = []
    owed_paise, last = remaining.principal_paise, len(periods) - 1
    for place, (period, split) in enumerate(zip(periods, splits, strict=True)):
        extra_paise = remaining.first_extra_interest_paise if place == 0 else 0
        extra_paise += remaining.last_extra_interest_paise if place == last else 0
        row = InstalmentPlan(
            number=remaining.first_number + place,
            due_date=period.end,
            opening_principal_paise=owed_paise,
            principal_paise=split.principal_paise,
            interest_paise=split.interest_paise + extra_paise,
        )
        _require_possible(row)
        owed_paise -= split.principal_paise
        rows.append(row)
    return tuple(rows)


def _require_possible(row: InstalmentPlan) -> None:
    """Refuse a row that finds the loan already repaid, or that rounding made negative or empty."""
    if row.opening_principal_paise <= 0:
        raise InvalidTerms(
            f"the rounded instalments repay the loan before instalment {row.number}; "
            "a larger amount, a shorter tenure or a finer rounding is needed",
            field="tenure_months",
        )
    if row.interest_paise < 0 or row.principal_paise < 0 or row.total_paise == 0:
        raise InvalidTerms(
            f"this amount, tenure and rounding leave instalment {row.number} without a possible "
            "split of principal and interest; a larger amount or a finer rounding is needed",
            field="principal_paise",
        )
