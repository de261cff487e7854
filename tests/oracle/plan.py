"""The oracle's schedules: what is to be paid on which date, from any point of a loan's life."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor

from tests.oracle.days import PERIODS_A_YEAR, Rates, interest_by_the_day, moved, period_interest
from tests.oracle.story import Deal

LONGEST = 2_600
A_RUPEE = 100


class NoPlan(Exception):
    """No schedule can be made of this: rounding leaves a row empty or negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An instalment as planned. `apart` is interest of broken days or of a moratorium in it, which
    the first instalment collects; `late` that which the last one does."""

    number: int
    due: date
    opening: int
    principal: int
    interest: int
    apart: int = 0
    late: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is left to repay. Rows end on the `dues` and then by the frequency; the first period
    begins at `start`, and the principal bears interest from `since` on. The first row collects what
    is `apart` and, for the time by which its period is longer than a whole one, the `stretch`."""

    owed: int
    rates: Rates
    start: date
    dues: tuple[date, ...]
    since: date
    first_number: int = 1
    idle: int = 0
    apart: int = 0
    stretch: int = 0
    late: int = 0
    flat_base: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A new loan's schedule, and the interest that stands beside it."""

    rows: tuple[Row, ...]
    upfront: int
    deferred: int
    capitalised: int
    capitalised_on: date


def half_up(amount: Fraction) -> int:
    """Return the nearest paisa, halves up."""
    return floor(amount + Fraction(1, 2))


def rounded(amount: Fraction, how: str) -> int:
    """Return an amount rounded to a paisa, to a rupee, or up to a rupee."""
    if how == "PAISA":
        return half_up(amount)
    if how == "RUPEE":
        return half_up(amount / A_RUPEE) * A_RUPEE
    return ceil(amount / A_RUPEE) * A_RUPEE


def agreed_rates(deal: Deal) -> Rates:
    """Return the one rate that the loan begins with."""
    return ((date.min, deal.rate_bps),)


def counts_as_whole(deal: Deal) -> bool:
    """Return whether the first period is a whole one whatever its days: agreed with equal periods
    where broken days are not charged for."""
    return deal.day_count == "EQUAL_PERIODS" and deal.broken_interest == "NONE"


@lru_cache(maxsize=100)
def beginning(deal: Deal) -> Beginning:
    """Return the schedule of a new loan. Raises `NoPlan`."""
    rates = agreed_rates(deal)
    edges = [moved(deal, deal.first_due, -back) for back in range(deal.silent_periods + 1, -1, -1)]
    broken = 0
    if deal.broken_interest != "NONE" and edges[0] > deal.disbursed:
        share = interest_by_the_day(deal, rates, deal.disbursed, edges[0])
        broken = rounded(deal.lent * share, deal.split_rounding)
    silent = sum(
        (
            period_interest(deal, rates, start, end, _first_day(deal, start), end)
            for start, end in pairwise(edges[:-1])
        ),
        Fraction(0),
    )
    deferred = rounded(deal.lent * silent, deal.split_rounding)
    where = deal.silent_interest
    upfront = broken if deal.broken_interest == "UPFRONT" else 0
    if upfront >= deal.lent:
        raise NoPlan("nothing is left to pay out")
    capitalised = deferred if where == "CAPITALISED" else 0
    task = Task(
        owed=deal.lent + capitalised,
        rates=rates,
        start=edges[-2],
        dues=(deal.first_due,),
        since=_first_day(deal, edges[-2]),
        idle=deal.idle_periods - deal.silent_periods,
        apart=broken - upfront + (deferred if where == "WITH_FIRST_INSTALMENT" else 0),
        late=deferred if where == "WITH_LAST_INSTALMENT" else 0,
        flat_base=deal.lent + capitalised,
    )
    count = deal.tenure_months * PERIODS_A_YEAR[deal.frequency] // 12 - deal.silent_periods
    return Beginning(
        rows=over_count(deal, task, count),
        upfront=upfront,
        deferred=deferred,
        capitalised=capitalised,
        capitalised_on=edges[-2],
    )


def _first_day(deal: Deal, start: date) -> date:
    return start if counts_as_whole(deal) else max(start, deal.disbursed)


def over_count(deal: Deal, task: Task, count: int) -> tuple[Row, ...]:
    """Return so many rows, the instalment solved. Raises `NoPlan`."""
    if not 1 <= count <= LONGEST or task.idle >= count:
        raise NoPlan("no instalment is left to repay in")
    dues = [_due(deal, task, place) for place in range(count)]
    shares = [_share(deal, task, dues, place) for place in range(count)]
    idle = count - 1 if deal.method == "INTEREST_ONLY" else task.idle
    if deal.method == "FLAT":
        return _laid(task, dues, _flat(deal, task, shares, idle, instalment=None))
    if deal.method == "REDUCING_BALANCE":
        # What the instalments are worth on the day from which they repay is what is owed.
        worth, growth = Fraction(0), Fraction(1)
        for share in shares[idle:]:
            growth *= 1 + share
            worth += 1 / growth
        equal = rounded(task.owed / worth, deal.instalment_rounding)
    else:
        equal = rounded(Fraction(task.owed, count - idle), deal.instalment_rounding)
    parts, owed = [], task.owed
    for place, share in enumerate(shares):
        interest = rounded(owed * share, deal.split_rounding)
        principal = equal - interest if deal.method == "REDUCING_BALANCE" else equal
        if place < idle:
            principal = 0
        if place == count - 1:
            principal = owed
        parts.append((principal, interest))
        owed -= principal
    return _laid(task, dues, parts)


def at_instalment(deal: Deal, task: Task, instalment: int) -> tuple[Row, ...]:
    """Return as many rows as an instalment needs (of equal principal: its principal).

    What is left at the end and is no more than the roundings of all rows of the loan may have left,
    nor than half a row, is no row of its own. Raises `NoPlan`.
    """
    if deal.method == "INTEREST_ONLY" or task.idle:
        raise NoPlan("such instalments repay nothing")
    a_row = _leeway(deal.instalment_rounding) + _leeway(deal.split_rounding)
    growth = 1 + Fraction(
        max(bps for _, bps in task.rates), 10_000 * PERIODS_A_YEAR[deal.frequency]
    )
    leeway = Fraction(0)
    for _ in range(task.first_number - 1):
        leeway = leeway * growth + a_row
    dues, parts, owed, shares = list[date](), list[tuple[int, int]](), task.owed, list[Fraction]()
    while owed:
        if len(dues) == LONGEST:
            raise NoPlan("it would take too long")
        dues.append(_due(deal, task, len(dues)))
        share = _share(deal, task, dues, len(dues) - 1)
        shares.append(share)
        base = task.flat_base if deal.method == "FLAT" else owed
        interest = rounded(base * share, deal.split_rounding)
        principal = instalment if deal.method == "EQUAL_PRINCIPAL" else instalment - interest
        if principal <= 0:
            raise NoPlan("it does not cover the interest")
        leeway = leeway * (1 + share) + a_row
        if owed <= principal + min(leeway, Fraction(principal, 2)):
            principal = owed
        parts.append((principal, interest))
        owed -= principal
    if deal.method == "FLAT":
        parts = _flat(deal, task, shares, 0, instalment=instalment)
    return _laid(task, dues, parts)


def _due(deal: Deal, task: Task, place: int) -> date:
    if place < len(task.dues):
        return task.dues[place]
    return moved(deal, task.dues[-1], place - len(task.dues) + 1)


def _leeway(rounding: str) -> Fraction:
    return {"PAISA": Fraction(1, 2), "RUPEE": Fraction(50), "RUPEE_UP": Fraction(0)}[rounding]


def _share(deal: Deal, task: Task, dues: list[date], place: int) -> Fraction:
    """Return the interest of a period on one paisa."""
    start = dues[place - 1] if place else task.start
    since = start if place else task.since
    return period_interest(deal, task.rates, start, dues[place], since, dues[place])


def _flat(
    deal: Deal, task: Task, shares: list[Fraction], idle: int, *, instalment: int | None
) -> list[tuple[int, int]]:
    """Spread the interest of the whole time on the amount lent evenly over the rows."""
    count, total = len(shares), task.flat_base * sum(shares)
    if instalment is None:
        exact = Fraction(task.owed, count - idle) + Fraction(total, count)
        instalment = rounded(exact, deal.instalment_rounding)
    interest = rounded(Fraction(total, count), deal.split_rounding)
    parts = [(0 if place < idle else instalment - interest, interest) for place in range(count - 1)]
    principal = task.owed - sum(part for part, _ in parts)
    return [*parts, (principal, half_up(Fraction(total)) - interest * (count - 1))]


def _laid(task: Task, dues: list[date], parts: list[tuple[int, int]]) -> tuple[Row, ...]:
    rows, owed, last = list[Row](), task.owed, len(dues) - 1
    for place, (due, (principal, interest)) in enumerate(zip(dues, parts, strict=True)):
        apart = task.apart if place == 0 else 0
        late = task.late if place == last else 0
        row = Row(
            number=task.first_number + place,
            due=due,
            opening=owed,
            principal=principal,
            interest=interest + apart + late + (task.stretch if place == 0 else 0),
            apart=apart,
            late=late,
        )
        if owed <= 0 or principal < 0 or row.interest < 0 or row.total == 0:
            raise NoPlan(f"row {row.number} is not possible")
        rows.append(row)
        owed -= principal
    return tuple(rows)
