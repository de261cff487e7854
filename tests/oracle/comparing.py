"""One story told to both, and every difference between what they say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from loan.domain.terms import InvalidTerms
from tests.oracle import core, core_events
from tests.oracle.book import RECOVERED
from tests.oracle.moves import Move, foreclosing, happening_of, is_met_by_advance
from tests.oracle.plan import NoPlan
from tests.oracle.story import Charged, Deal, Happening, Paid, Refused, TakenBack, WrittenOff
from tests.oracle.telling import Telling, in_effect, standing_of, told
from tests.oracle.words import in_words


class Disagreement(AssertionError):
    """The oracle and the core do not say the same."""


@dataclass
class Seen:
    """What the stories held, counted: a search that never tries a thing says nothing about it."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, *things: str) -> None:
        self.counts.update(things)


def compare(deal: Deal, moves: Sequence[Move], *, then_days: int, ended: bool, seen: Seen) -> None:
    """Tell both the same story and compare. Raises `Disagreement`, with the story in words."""
    seen.note("loans")
    try:
        oracle: Telling | None = Telling(deal)
    except NoPlan:
        oracle = None
    try:
        other = core.CoreTelling(deal)
    except InvalidTerms as refusal:
        if oracle is None:
            seen.note("no schedule possible")
            return
        raise Disagreement(f"{in_words(deal, [])}\nonly the core refuses: {refusal}") from refusal
    if oracle is None:
        raise Disagreement(f"{in_words(deal, [])}\nonly the oracle finds no schedule possible")
    seen.note(deal.method, deal.frequency, deal.day_count, f"broken days {deal.broken_interest}")
    seen.note(_penal_rule(deal))
    if deal.silent_periods:
        seen.note(f"moratorium {deal.silent_interest}")
    for move in moves:
        oracle.wait_until(oracle.book.day + timedelta(days=move.wait_days))
        other.wait_until(oracle.book.day)
        hear(move, oracle, other, seen)
    oracle.wait_until(oracle.book.day + timedelta(days=then_days))
    other.wait_until(oracle.book.day)
    _compare_end(oracle, other, ended=ended, seen=seen)
    _compare_past(oracle, other, then_days)
    if not ended:
        _compare_closing(oracle, other, seen)


def _penal_rule(deal: Deal) -> str:
    if deal.penal:
        return "penal charges flat"
    if deal.penal_bps:
        return "penal charges by rate"
    return "penal charges by slab" if deal.penal_slabs else "no penal charges"


def hear(move: Move, oracle: Telling, other: core.CoreTelling, seen: Seen) -> None:
    """Let both hear of a move, and compare whether they take it. Raises `Disagreement`."""
    happening = happening_of(move, oracle, number=2 * len(oracle.known) + 1)
    if happening is None:
        return
    if _told_to_both(happening, oracle, other, seen):
        seen.note(move.act)
        if move.act == "SETTLE":
            given_up = WrittenOff(
                number=happening.number + 1,
                on=happening.on,
                kind="SETTLEMENT",
                settled_by=happening.number,
            )
            _told_to_both(given_up, oracle, other, seen)
        if move.act == "BOUNCE":
            charge = Charged(
                number=happening.number + 1,
                on=happening.on,
                key=f"BOUNCE-{happening.number + 1}",
                amount=590_00,
                gst=90_00,
                for_bounce=True,
            )
            _told_to_both(charge, oracle, other, seen)


def _told_to_both(
    happening: Happening, oracle: Telling, other: core.CoreTelling, seen: Seen
) -> bool:
    answers = []
    for listener in (oracle, other):
        try:
            listener.hear(happening)
            answers.append("taken")
        except Refused as refusal:
            answers.append(refusal.rule)
    if answers[0] != answers[1]:
        story = in_words(oracle.deal, [*oracle.known, happening])
        raise Disagreement(f"{story}\nthe oracle: {answers[0]}; the core: {answers[1]}")
    if answers[0] != "taken":
        seen.note(f"refused: {answers[0]}")
        return False
    if isinstance(happening, Paid) and happening.on < oracle.book.day:
        seen.note("payment of an earlier day")
    if isinstance(happening, TakenBack):
        seen.note("history told again")
    return True


def _compare_end(oracle: Telling, other: core.CoreTelling, *, ended: bool, seen: Seen) -> None:
    day = oracle.book.day
    if ended:
        other.end_day()
    step = other.replayed(day, ended=ended)
    if step.position != other.position or tuple(step.schedule) != tuple(other.schedule):
        raise Disagreement(
            f"{in_words(oracle.deal, oracle.known)}\non {day} the core's steps led elsewhere than"
            f" its own replay:\n{other.position}\n{step.position}"
        )
    _compare_on(oracle, other, day, ended=ended)
    book = oracle.book
    seen.note(*(name for name, is_so in _traits(oracle).items() if is_so))
    seen.note(*(f"agreed and done: {what}" for what, _ in book.agreed.settled))
    if book.agreed.put_off:
        seen.note("agreed and done: HOLIDAY, put off to the end")
    if len(book.lines) != len(book.plan.rows):
        seen.note("schedule of another length")


def _traits(oracle: Telling) -> dict[str, bool]:
    book = oracle.book
    return {
        "ends restructured": book.restructured_on is not None,
        "ends as NPA": book.npa_since is not None,
        "ends closed": book.closed_on is not None,
        "ends written off": book.written_off_on is not None,
        "ends with its claim given up": book.given_up > 0,
        "ends recovered": book.accounts[RECOVERED] < 0,
        "ends recovered whole": book.accounts[RECOVERED] < 0
        and book.closed_on is not None
        and not book.given_up,
        "ends with an advance": book.advance > 0,
        "ends with excess": book.excess > 0,
        "had a penal charge": any(fee.penal for fee in book.fees),
        "had several penal charges for an instalment": any(
            fee.penal and fee.key.count("-") == 2 for fee in book.fees
        ),
        "capitalised": book.capitalised > 0,
        "ends given back": book.closed_on is not None
        and any(isinstance(one, Paid) and one.giving_back for one in in_effect(oracle.known)),
    }


def _compare_past(oracle: Telling, other: core.CoreTelling, pick: int) -> None:
    """Compare on an earlier day as well, as statements ask."""
    age = (oracle.book.day - oracle.deal.disbursed).days
    day = oracle.deal.disbursed + timedelta(days=pick * 37 % (age + 1))
    _compare_on(oracle, other, day, ended=pick % 2 == 0)


def _compare_on(oracle: Telling, other: core.CoreTelling, day: date, *, ended: bool) -> None:
    book = told(oracle.deal, oracle.known, day)
    if ended:
        book.end()
    quoted = core.may_be_quoted(other.terms, day)
    ours = standing_of(book, quoted=quoted)
    theirs = core.standing_of(
        oracle.deal, other.terms, other.replayed(day, ended=ended), ended=ended, quoted=quoted
    )
    if ours != theirs:
        found = "\n".join(core.differences(ours, theirs))
        story = in_words(oracle.deal, oracle.known)
        raise Disagreement(f"{story}\non {day}, {'ended' if ended else 'begun'}:\n{found}")


def _compare_closing(oracle: Telling, other: core.CoreTelling, seen: Seen) -> None:
    """What closes the loan on the day does, for both, and a paisa less does not."""
    day, number = oracle.book.day, 2 * len(oracle.known) + 1
    if oracle.book.closed_on is not None or not core.may_be_quoted(other.terms, day):
        return
    if is_met_by_advance(oracle.book):
        seen.note("more held than closing costs")
        return
    for amount in ("ONE_LESS", "ALL"):
        move = Move(act="FORECLOSE", wait_days=0, amount=amount, thousandths=1, pick=0)
        last = foreclosing(move, oracle.book, number=number)
        if last is None:
            return
        again, too = Telling(oracle.deal), core.CoreTelling(oracle.deal)
        again.known, too.events = list(oracle.known), list(other.events)
        again.book = told(oracle.deal, [*oracle.known, last], day)
        again.known.append(last)
        too.events.append(core_events.event_of(last))
        _compare_on(again, too, day, ended=False)
        closed = again.book.closed_on == day
        if closed != (amount == "ALL"):
            story = in_words(oracle.deal, again.known)
            raise Disagreement(f"{story}\nclosing with {amount}: closed is {closed}")
        seen.note("closed to the paisa" if closed else "left open by a paisa")
