"""The oracle's reckoning in the middle of a period: interest to a day, and what follows from it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Self

from tests.oracle.days import Rates, interest_by_the_day, moved, period_interest
from tests.oracle.plan import (
    NoPlan,
    Row,
    Task,
    agreed_rates,
    at_instalment,
    counts_as_whole,
    half_up,
    over_count,
    rounded,
)
from tests.oracle.story import Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """Interest of a holiday that the last instalment collects: of which days, and on what."""

    since: date
    until: date
    base: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What holds for the rest of a loan: the deal as it was, and as it stands `now`.

    `settled` are the changes agreed on, each with the last day that it decides about.
    """

    deal: Deal
    now: Deal
    rates: Rates
    flat_base: int
    put_off: tuple[PutOff, ...] = ()
    settled: tuple[tuple[str, date], ...] = ()

    @classmethod
    def at_first(cls, deal: Deal) -> Self:
        return cls(deal=deal, now=deal, rates=agreed_rates(deal), flat_base=deal.lent)

    def and_settled(self, what: str, until: date) -> Self:
        return replace(self, settled=(*self.settled, (what, until)))

    def waits(self, on: date) -> bool:
        """Return whether nothing can be rearranged on a day: interest that was put off still runs,
        of a moratorium or of a holiday."""
        in_holiday = any(on < put_off.until for put_off in self.put_off)
        return in_holiday or waits_for_moratorium(self.deal, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The period under way after what was billed last. `begun` is the last due date, of a new loan
    the day it was paid out; the balance bears interest of the period from `since` on. `deferred` is
    the interest of a moratorium that the last instalment will collect."""

    agreed: Agreed
    deferred: int
    coming: tuple[Row, ...]
    begun: date
    start: date
    since: date

    @property
    def deal(self) -> Deal:
        return self.agreed.now

    @property
    def row(self) -> Row:
        return self.coming[0]

    @property
    def base(self) -> int:
        """What interest is on: the balance, of flat loans what was lent."""
        return self.agreed.flat_base if self.deal.method == "FLAT" else self.row.opening

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
        run = min(self.own, self._of_days(self.base, first, on))
        return run + self.row.apart - self._apart_left(on)

    def put_off_run(self, on: date) -> int:
        """The interest that the last instalment would have collected, as far as it has run."""
        return self.deferred + sum(
            off.amount
            if on >= off.until
            else min(off.amount, self._of_days(off.base, off.since, on))
            for off in self.agreed.put_off
        )

    def per_diem(self, on: date) -> int:
        """The interest of the day that begins."""
        return self._of_days(self.base, on, on + timedelta(days=1))

    def _of_days(self, base: int, since: date, until: date) -> int:
        share = interest_by_the_day(self.deal, self.agreed.rates, since, max(since, until))
        return rounded(base * share, self.deal.split_rounding)

    def _still_to_run(self, on: date) -> int:
        def of_period(since: date) -> Fraction:
            rates, due = self.agreed.rates, self.row.due
            return period_interest(self.deal, rates, self.start, due, since, due)

        to_come = of_period(max(on, self.since))
        if self.deal.method != "FLAT":
            return rounded(self.base * to_come, self.deal.split_rounding)
        whole = of_period(self.since)
        return rounded(self.own * to_come / whole, self.deal.split_rounding) if whole else 0

    def _apart_left(self, on: date) -> int:
        return self.broken_days(on, self.base)

    def broken_days(self, on: date, base: int) -> int:
        """The interest of the broken days still to come, on a base."""
        deal, ended = self.agreed.deal, moved(self.agreed.deal, self.agreed.deal.first_due, -1)
        with_first = deal.broken_interest == "WITH_FIRST_INSTALMENT"
        if on >= ended or deal.silent_periods or not with_first:
            return 0
        return self._of_days(base, on, ended)


def running(
    agreed: Agreed, *, billed: list[Row], coming: list[Row], deferred: int
) -> Running | None:
    """Return the period under way, or None when no instalment follows.

    It begins with the last due date, of a new loan where its first period was agreed to begin, and
    lasts a whole period at least. A holiday whose interest was put off is no part of it.
    """
    if not coming:
        return None
    deal = agreed.deal
    whole = moved(agreed.now, coming[0].due, -1)
    begins = moved(deal, deal.first_due, -1)
    uncounted = not billed and counts_as_whole(deal)
    begun = billed[-1].due if billed else deal.disbursed
    if billed or (begins < whole and not uncounted):
        begins = max(begins, begun)
    for off in agreed.put_off:
        if begins < off.until <= whole:
            begins = off.until
    start = min(begins, whole)
    return Running(
        agreed=agreed,
        deferred=deferred,
        coming=tuple(coming),
        begun=begun,
        start=start,
        since=start if uncounted else max(start, begun),
    )


def waits_for_moratorium(deal: Deal, on: date) -> bool:
    """Return whether a day lies in a moratorium of interest: nothing is repaid early in it."""
    return deal.silent_periods > 0 and on < moved(deal, deal.first_due, -1)


def prepaid(
    now: Running, on: date, *, money: int, advance: int, keeps: bool
) -> tuple[list[Row], Agreed] | None:
    """Return the rows after a part prepayment, its own first, and what is agreed then; None where
    it cannot be one: it covers no more than interest, or less would be left than is held."""
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
    flat_base = half_up(Fraction(now.agreed.flat_base * left, now.row.opening))
    agreed = replace(now.agreed, flat_base=flat_base)
    task = task_of(
        now,
        agreed,
        owed=left,
        since=max(on, now.since),
        first_number=own.number + 1,
        apart=now.broken_days(on, flat_base if now.deal.method == "FLAT" else left),
    )
    rows = replanned(now, task, keeps=keeps, longer=False)
    return None if rows is None else ([own, *rows], agreed)


def at_rates(now: Running, agreed: Agreed, *, keeps: bool) -> list[Row] | None:
    """Return the rows to come at other rates; None where none are possible."""
    then = replace(now, agreed=agreed)
    apart = now.row.apart if now.deal.silent_periods else then.broken_days(now.begun, now.base)
    task = task_of(now, agreed, apart=apart)
    return replanned(now, task, keeps=keeps, longer=True)


def task_of(
    now: Running,
    agreed: Agreed,
    *,
    apart: int,
    owed: int | None = None,
    since: date | None = None,
    first_number: int | None = None,
    dues: tuple[date, ...] = (),
) -> Task:
    """Return what is left to repay: where nothing else is said, what was left before.

    Whatever time lies between `since` and where the first row's whole period begins is its stretch:
    what the longer period costs more than the whole one, each rounded.
    """
    deal, rates = agreed.now, agreed.rates
    dues = dues or tuple(row.due for row in now.coming)
    owed, since = now.row.opening if owed is None else owed, since or now.since
    base, whole = agreed.flat_base if deal.method == "FLAT" else owed, moved(deal, dues[0], -1)

    def of_period(start: date) -> int:
        exact = period_interest(deal, rates, start, dues[0], start, dues[0])
        return rounded(base * exact, deal.split_rounding)

    return Task(
        owed=owed,
        rates=rates,
        start=whole,
        dues=dues,
        since=max(since, whole),
        first_number=first_number or now.row.number,
        idle=_idle(now),
        apart=apart,
        stretch=max(0, of_period(since) - of_period(whole)) if since < whole else 0,
        late=now.deferred + sum(off.amount for off in agreed.put_off),
        flat_base=agreed.flat_base,
    )


def replanned(now: Running, task: Task, *, keeps: bool, longer: bool) -> list[Row] | None:
    """Keep the instalment where it can be (and, unless it may take longer, no more rows follow than
    before), else the number of rows."""
    usual = now.coming[1] if len(now.coming) > 2 else now.row
    kept = usual.principal if now.deal.method == "EQUAL_PRINCIPAL" else usual.total
    deal = now.deal
    try:
        rows = at_instalment(deal, task, kept) if keeps else ()
    except NoPlan:
        rows = ()
    if rows and (longer or len(rows) <= len(now.coming)):
        return list(rows)
    try:
        return list(over_count(deal, task, len(now.coming)))
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
