"""The story of one borrower told to both, and how every day of it ended compared."""

from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise

from loan.domain.terms import InvalidTerms
from tests.oracle.borrower import Day, day_by_day
from tests.oracle.borrower_stories import BorrowerStory, Step, marked_class
from tests.oracle.comparing import Disagreement, Seen, hear
from tests.oracle.core import CoreTelling
from tests.oracle.core_borrower import CoreBorrower
from tests.oracle.plan import NoPlan
from tests.oracle.story import Deal, Marked
from tests.oracle.telling import Telling
from tests.oracle.words import in_words, mark_in_words


class Told:
    """The loans of a borrower, told to both, and the marks made."""

    def __init__(self, deals: tuple[Deal, ...], seen: Seen) -> None:
        self.loans: list[tuple[Telling, CoreTelling]] = []
        self.marks: list[Marked] = []
        self.seen = seen
        for deal in deals:
            try:
                self.loans.append((Telling(deal), CoreTelling(deal)))
            except (NoPlan, InvalidTerms):
                seen.note("no schedule possible")
        self.loans.sort(key=lambda loan: loan[0].deal.disbursed)
        if self.loans:
            self.day = self.loans[0][0].deal.disbursed

    def hear(self, step: Step) -> None:
        """Let a step be done, on the day of the loan or later."""
        self.day += timedelta(days=step.move.wait_days)
        if step.move.act in ("MARK", "LIFT"):
            as_class = marked_class(step.move) if step.move.act == "MARK" else None
            self.marks.append(Marked(on=self.day, asset_class=as_class))
            self.seen.note(f"borrower: {step.move.act}")
            return
        oracle, core = self.loans[step.loan % len(self.loans)]
        self.day = max(self.day, oracle.deal.disbursed)
        oracle.wait_until(self.day)
        core.wait_until(self.day)
        hear(step.move, oracle, core, self.seen)

    def in_words(self) -> str:
        """Return the whole story."""
        loans = [in_words(oracle.deal, oracle.known) for oracle, _ in self.loans]
        return "\n".join([*loans, *map(mark_in_words, self.marks)])


def compare_borrower(story: BorrowerStory, seen: Seen) -> None:
    """Tell both and compare every day's end. Raises `Disagreement`, with the story in words."""
    told = Told(story.deals, seen)
    if not told.loans:
        return
    seen.note("borrowers", f"borrower with {len(told.loans)} loans")
    for step in story.steps:
        told.hear(step)
    latest = max(told.day, told.loans[-1][0].deal.disbursed)
    until = latest + timedelta(days=story.then_days)
    core = CoreBorrower([(oracle.deal, other) for oracle, other in told.loans], told.marks, until)
    ours = list(day_by_day([(one.deal, one.known) for one, _ in told.loans], told.marks, until))
    for our_day, their_day in zip(ours, core.day_by_day(), strict=True):
        if our_day != their_day:
            found = "\n".join(_differences(our_day, their_day))
            raise Disagreement(f"{told.in_words()}\nat the end of {our_day.day}:\n{found}")
    _compare_steps(told, core)
    _compare_as_known(told, core, ours, story.then_days)
    _note(ours, seen)


def _compare_steps(told: Told, core: CoreBorrower) -> None:
    """The core taken day by day has come to where the whole history told at once comes to."""
    for loan, end in zip(core.loans, core.ends, strict=True):
        if loan.position != end.position or tuple(loan.schedule) != tuple(end.schedule):
            raise Disagreement(f"{told.in_words()}\nthe core's days lead elsewhere than its replay")


def _compare_as_known(told: Told, core: CoreBorrower, ours: list[Day], pick: int) -> None:
    """On an earlier day the core has the same history as far as that."""
    day = ours[pick * 37 % len(ours)]
    changes = core.changes(day.day)
    state = changes[-1].state if changes else ("STANDARD", None, None)
    if state != (day.state, day.npa_since, day.marked):
        raise Disagreement(
            f"{told.in_words()}\nas known at the end of {day.day} the core says {state}, the oracle"
            f" {(day.state, day.npa_since, day.marked)}"
        )


def _differences(ours: Day, theirs: Day) -> list[str]:
    return [
        f"{field.name}: the oracle says {getattr(ours, field.name)}, the core"
        f" {getattr(theirs, field.name)}"
        for field in fields(Day)
        if getattr(ours, field.name) != getattr(theirs, field.name)
    ]


def _note(days: list[Day], seen: Seen) -> None:
    seen.counts["days of borrowers compared"] += len(days)
    seen.note(*(f"borrower was {name}" for name in {day.asset_class for day in days}))
    turns = [(was.npa_since, now.npa_since) for was, now in pairwise(days)]
    if any(was is None and now is not None for was, now in turns):
        seen.note("borrower became an NPA")
    if any(was is not None and now is None for was, now in turns):
        seen.note("borrower was upgraded")
    if any(sum(loan.suspended) for day in days for loan in day.loans):
        seen.note("borrower with income in suspense")
    if any(day.marked for day in days):
        seen.note("borrower was marked")
    since: set[date | None] = {day.npa_since for day in days} - {None}
    if len(since) > 1:
        seen.note("borrower an NPA more than once")
