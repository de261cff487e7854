"""The oracle's reckoning of a borrower: every loan of one is looked at at the end of every day.

RBI's norms: a loan with a due of 90 days at a day's end makes the borrower an NPA, with every loan;
so does one that was rearranged because the borrower could not have gone on. It lasts until nothing
that is due on any loan is unpaid. A year as sub-standard is followed by one as doubtful, two more,
and what comes then. A person may mark a borrower as worse, and only a person lifts that. Of who is
an NPA, income is what was received: nothing accrues.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor

from tests.oracle.book import (
    EARNED_CHARGES,
    EARNED_INTEREST,
    EARNED_PENAL,
    NPA_DAYS,
    RECOVERED,
    Book,
)
from tests.oracle.days import ONE_DAY, day_of_month, each_day
from tests.oracle.happenings import take
from tests.oracle.story import Deal, Happening, Marked
from tests.oracle.telling import in_effect

SUB_CLASSES = ("SUBSTANDARD", "DOUBTFUL_1", "DOUBTFUL_2", "DOUBTFUL_3", "LOSS")
#: The years as an NPA after which each class but the first begins; LOSS is never a matter of time.
YEARS = ((1, "DOUBTFUL_1"), (2, "DOUBTFUL_2"), (4, "DOUBTFUL_3"))
SET_ASIDE_BPS = {"STANDARD": 25, "SUBSTANDARD": 1_000}
WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanDay:
    """A loan at a day's end: the income there is of it, what is in suspense, what has run unbilled,
    and what it owes on the books."""

    income: tuple[int, int, int]
    suspended: tuple[int, int, int]
    recovered: int
    accrued: int
    exposure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A borrower at a day's end. `state` is the class as state: SMA is none, it is standard."""

    day: date
    asset_class: str
    state: str
    npa_since: date | None
    marked: str | None
    days_past_due: int
    loans: tuple[LoanDay, ...]
    provision: int


@dataclass
class Borrower:
    """Since when the loans make the borrower an NPA, and as what a person has it marked."""

    npa_since: date | None = None
    marked: str | None = None
    marked_since: date = date.min
    books: list[Book] = field(default_factory=list)

    def mark(self, mark: Marked) -> None:
        """Mark, worsen or ease, or lift. A mark reaches back to when the loans had it an NPA."""
        if self.marked is None:
            self.marked_since = self.npa_since or mark.on
        self.marked = mark.asset_class

    def end(self, day: date) -> Day:
        """End a day: whoever owes nothing that is due is standard again; then see who is not."""
        for book in self.books:
            book.end()
        if self.npa_since is not None and all(_is_clear(book, day) for book in self.books):
            self.npa_since = None
        if self.npa_since is None and any(_is_bad(book, day) for book in self.books):
            self.npa_since = day
        past_due = max((_days_past_due(book, day) for book in self.books), default=-1)
        since = self.npa_since if self.marked is None else self.marked_since
        state = "STANDARD" if since is None else _state(since, day, self.marked)
        loans = tuple(_loan_day(book, day, npa=since is not None) for book in self.books)
        owed = sum(loan.exposure for loan in loans)
        return Day(
            day=day,
            asset_class=state if since is not None else _special_mention(past_due),
            state=state,
            npa_since=since,
            marked=self.marked,
            days_past_due=max(0, past_due),
            loans=loans,
            provision=ceil(Fraction(owed * SET_ASIDE_BPS.get(state, WHOLE_BPS), WHOLE_BPS)),
        )


def day_by_day(
    stories: Sequence[tuple[Deal, Sequence[Happening]]], marks: Sequence[Marked], until: date
) -> Iterator[Day]:
    """Tell what happened on the loans of one borrower, and yield how each day ended."""
    borrower = Borrower()
    begun: list[tuple[Book, list[Happening]]] = []
    waiting = sorted(stories, key=lambda story: story[0].disbursed)
    for day in each_day(min(deal.disbursed for deal, _ in stories), until + ONE_DAY):
        while waiting and waiting[0][0].disbursed <= day:
            deal, happenings = waiting.pop(0)
            begun.append((Book(deal), in_effect(happenings)))
            borrower.books.append(begun[-1][0])
        for book, to_come in begun:
            book.keep_to(day)
            while to_come and to_come[0].on == day:
                take(book, to_come.pop(0))
        for mark in marks:
            if mark.on == day:
                borrower.mark(mark)
        yield borrower.end(day)


def _is_clear(book: Book, day: date) -> bool:
    """Return whether nothing due is unpaid of a loan, nor is it an NPA for a time all the same."""
    if book.closed_on is not None:
        return True
    oldest = book.oldest_unpaid()
    return book.npa_since is None and (oldest is None or oldest > day)


def _is_bad(book: Book, day: date) -> bool:
    if book.closed_on is not None:
        return False
    return book.npa_since is not None or _days_past_due(book, day) >= NPA_DAYS


def _days_past_due(book: Book, day: date) -> int:
    oldest = book.oldest_unpaid()
    return -1 if oldest is None else (day - oldest).days


def _state(since: date, day: date, marked: str | None) -> str:
    told = "SUBSTANDARD"
    for years, later in YEARS:
        if day >= day_of_month(since.year + years, since.month, since.day):
            told = later
    return max(told, marked or told, key=SUB_CLASSES.index)


def _special_mention(past_due: int) -> str:
    for days, name in ((60, "SMA_2"), (30, "SMA_1"), (0, "SMA_0")):
        if past_due >= days:
            return name
    return "STANDARD"


def _loan_day(book: Book, day: date, *, npa: bool) -> LoanDay:
    booked = tuple(-book.accounts[code] for code in (EARNED_INTEREST, EARNED_CHARGES, EARNED_PENAL))
    # Interest that was kept back at the beginning, or has become principal, is received or lent.
    lent = book.plan.upfront + book.capitalised
    received = (
        book.received[EARNED_INTEREST] + lent,
        book.received[EARNED_CHARGES],
        book.received[EARNED_PENAL],
    )
    on_the_books = book.written_off_on is None and book.closed_on is None
    income = received if npa and on_the_books else booked
    principal = book.deal.lent + book.capitalised - sum(line.principal_paid for line in book.lines)
    interest = sum(line.row.interest - line.interest_paid for line in book.lines if line.billed)
    return LoanDay(
        income=(income[0], income[1], income[2]),
        suspended=(booked[0] - income[0], booked[1] - income[1], booked[2] - income[2]),
        recovered=-book.accounts[RECOVERED],
        accrued=0 if npa else _accrued(book, day),
        exposure=0 if book.written_off_on else principal + (0 if npa else interest),
    )


def _accrued(book: Book, day: date) -> int:
    """Return what has run at a day's end and is not billed, each stretch of it rounded down.

    A period's interest is shared out evenly over its days. What a moratorium costs runs from the
    day on which the loan was paid out: to where it becomes principal, or to the first due date.
    """
    coming = [line.row for line in book.lines if line.row.due > day]
    if not coming:
        return 0
    deal, plan = book.deal, book.plan
    later = plan.deferred if deal.silent_interest == "WITH_LAST_INSTALMENT" else 0
    own = coming[0].interest - (later if len(coming) == 1 else 0)
    before = [line.row.due for line in book.lines if line.row.due <= day]
    begins = before[-1] if before else deal.disbursed
    run = _share(later, deal.disbursed, deal.first_due, day)
    if plan.capitalised:
        if day < plan.capitalised_on:
            run += _share(plan.capitalised, deal.disbursed, plan.capitalised_on, day)
        begins = max(begins, plan.capitalised_on)
    return run + _share(max(0, own), begins, coming[0].due, day)


def _share(amount: int, since: date, until: date, day: date) -> int:
    """Return what has run at a day's end of interest that is earned evenly over some days."""
    ended = min(max(0, (day + ONE_DAY - since).days), (until - since).days)
    return floor(Fraction(amount * ended, (until - since).days)) if ended else 0
