"""The oracle's reckoning in the middle of a period: interest to a day, and what follows from it."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.days import Rates, interest_by_the_day, moved, period_interest
from tests.oracle.plan import (
    NoPlan,
    Row,
    Task,
    at_instalment,
    counts_as_whole,
    half_up,
    over_count,
    rounded,
)
from tests.oracle.story import Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The period under way after what was billed last. `begun` is the last due date, of a new loan
    the day it was paid out; the balance bears interest of the period from `since` on."""

    deal: Deal
    rates: Rates
    flat_base: int
    coming: tuple[Row, ...]
    begun: date
    start: date
    since: date

    @property
    def row(self) -> Row:
        return self.coming[0]

    @property
    def base(self) -> int:
        """What interest is on: the balance, of flat loans what was lent."""
        return self.flat_base if self.deal.method == "FLAT" else self.row.opening

    @property
    def own(self) -> int:
        """The instalment's own interest: not that of broken days, nor of a moratorium."""
        return self.row.interest - self.row.apart - self.row.late

    def run_by_share(self, on: date) -> int:
        """The interest to a day, as its share of the period's."""
        return max(0, self.own - self._still_to_run(on)) + self.row.apart - self._apart_left(on)

    def run_by_the_day(self, on: date) -> int:
        """The interest to a day, each day by itself, and never more than the period's."""
        first = max(self.since, self.begun)
        exact = self.base * interest_by_the_day(self.deal, self.rates, first, max(on, first))
        run = min(self.own, rounded(exact, self.deal.split_rounding))
        return run + self.row.apart - self._apart_left(on)

    def per_diem(self, on: date) -> int:
        """The interest of the day that begins."""
        share = interest_by_the_day(self.deal, self.rates, on, on + timedelta(days=1))
        return rounded(self.base * share, self.deal.split_rounding)

    def _still_to_run(self, on: date) -> int:
        def of_period(since: date) -> Fraction:
            return period_interest(
                self.deal, self.rates, self.start, self.row.due, since, self.row.due
            )

        to_come = of_period(max(on, self.since))
        if self.deal.method != "FLAT":
            return rounded(self.base * to_come, self.deal.split_rounding)
        whole = of_period(self.since)
        return rounded(self.own * to_come / whole, self.deal.split_rounding) if whole else 0

    def _apart_left(self, on: date) -> int:
        return self.broken_days(on, self.base)

    def broken_days(self, on: date, base: int) -> int:
        """The interest of the broken days still to come, on a base."""
        with_first = self.deal.broken_interest == "WITH_FIRST_INSTALMENT"
        if on >= self.since or self.deal.silent_periods or not with_first:
            return 0
        exact = base * interest_by_the_day(self.deal, self.rates, on, self.since)
        return rounded(exact, self.deal.split_rounding)


def running(
    deal: Deal, rates: Rates, flat_base: int, *, billed: list[Row], coming: list[Row]
) -> Running | None:
    """Return the period under way, or None when no instalment follows."""
    if not coming:
        return None
    begun = billed[-1].due if billed else deal.disbursed
    whole = moved(deal, coming[0].due, -1)
    start = min(max(begun, moved(deal, deal.first_due, -1)), whole) if billed else whole
    since = start if not billed and counts_as_whole(deal) else max(start, begun)
    return Running(
        deal=deal,
        rates=rates,
        flat_base=flat_base,
        coming=tuple(coming),
        begun=begun,
        start=start,
        since=since,
    )


def waits_for_moratorium(deal: Deal, on: date) -> bool:
    """Return whether a day lies in a moratorium of interest: nothing is repaid early in it."""
    return deal.silent_periods > 0 and on < moved(deal, deal.first_due, -1)


def prepaid(
    now: Running, on: date, *, money: int, advance: int, keeps: bool, deferred: int
) -> tuple[list[Row], int] | None:
    """Return the rows after a part prepayment, its own first, and the flat base; None where it
    cannot be one: it covers no more than interest, or less would be left than is held."""
    interest = now.run_by_share(on)
    left = now.row.opening - (money - interest)
    if money <= interest or left <= 0 or left < advance:
        return None
    own = Row(
        number=now.row.number,
        due=on,
        opening=now.row.opening,
        principal=money - interest,
        interest=interest,
    )
    flat_base = half_up(Fraction(now.flat_base * left, now.row.opening))
    base = flat_base if now.deal.method == "FLAT" else left
    task = Task(
        owed=left,
        rates=now.rates,
        start=now.start,
        first_due=now.row.due,
        since=max(on, now.since),
        first_number=own.number + 1,
        idle=_idle(now),
        apart=now.broken_days(on, base),
        late=deferred,
        flat_base=flat_base,
    )
    rows = _replanned(now, task, keeps=keeps, longer=False)
    return None if rows is None else ([own, *rows], flat_base)


def at_rates(now: Running, rates: Rates, *, keeps: bool, deferred: int) -> list[Row] | None:
    """Return the rows to come at other rates; None where none are possible."""
    then = Running(
        deal=now.deal,
        rates=rates,
        flat_base=now.flat_base,
        coming=now.coming,
        begun=now.begun,
        start=now.start,
        since=now.since,
    )
    apart = now.row.apart if now.deal.silent_periods else then.broken_days(now.begun, now.base)
    task = Task(
        owed=now.row.opening,
        rates=rates,
        start=now.start,
        first_due=now.row.due,
        since=now.since,
        first_number=now.row.number,
        idle=_idle(now),
        apart=apart,
        late=deferred,
        flat_base=now.flat_base,
    )
    return _replanned(now, task, keeps=keeps, longer=True)


def _replanned(now: Running, task: Task, *, keeps: bool, longer: bool) -> list[Row] | None:
    """Keep the instalment where it can be (and, unless it may take longer, no more rows follow than
    before), else the number of rows."""
    usual = now.coming[1] if len(now.coming) > 2 else now.row
    kept = usual.principal if now.deal.method == "EQUAL_PRINCIPAL" else usual.total
    try:
        rows = at_instalment(now.deal, task, kept) if keeps else ()
    except NoPlan:
        rows = ()
    if rows and (longer or len(rows) <= len(now.coming)):
        return list(rows)
    try:
        return list(over_count(now.deal, task, len(now.coming)))
    except NoPlan:
        return None


def _idle(now: Running) -> int:
    """Count the rows without principal that are left of a principal moratorium."""
    if now.deal.method == "INTEREST_ONLY":
        return 0
    idle = 0
    while idle < len(now.coming) - 1 and now.coming[idle].principal == 0:
        idle += 1
    return idle
