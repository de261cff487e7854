"""Random stories: moves that become happenings as the story goes on.

A move says things like "the payer pays what is due, three days late": what that is in paise and
dates follows from the book at that moment, so that histories are likely ones and shrink well.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from hypothesis import strategies as st

from tests.oracle.book import Book
from tests.oracle.closing import closing_of, giving_back_of
from tests.oracle.story import (
    Charged,
    Happening,
    Paid,
    RateSet,
    Rearranged,
    Refunded,
    TakenBack,
    Waived,
    WrittenOff,
)
from tests.oracle.telling import CLOSING_BPS, CLOSING_GST_BPS, Telling

RUPEE = 100
ACTS = (
    *("PAY",) * 9,
    *("PAY_LATE",) * 3,
    *("BOUNCE",) * 3,
    *("PREPAY",) * 3,
    *("CHARGE",) * 2,
    *("WAIVE",) * 2,
    "REFUND",
    *("SET_RATE",) * 2,
    *("DUE_DAY", "HOLIDAY", "TENOR") * 2,
    "FORECLOSE",
    "CANCEL",
    "TAKE_BACK",
)
#: What may be done in the first days of a loan, before anything is due.
EARLY_ACTS = (*("PAY",) * 3, "CANCEL", "CANCEL", "CHARGE", "PREPAY")
#: What changes terms, and what is worth trying soon after that.
CHANGES = ("HOLIDAY", "HOLIDAY", "DUE_DAY", "TENOR")
AFTER_CHANGES = ("PREPAY", "PREPAY", "FORECLOSE", "SET_RATE", "DUE_DAY", "PAY", "BOUNCE")
#: How a loan leaves the books, and what is worth trying then.
WRITE_OFFS = ("WRITE_OFF", "WRITE_OFF", "SETTLE")
LEADING_TO_WRITE_OFFS = (*("PAY",) * 3, "BOUNCE", "PAY_LATE", "CHARGE", "WAIVE", "PREPAY", "TENOR")
AFTER_WRITE_OFFS = (*("PAY",) * 4, *("BOUNCE",) * 2, "REFUND", "WRITE_OFF", "PAY_LATE", "CHARGE")
AMOUNTS = ("DUE", "INSTALMENT", "PART", "MANY", "ALL", "ONE_LESS", "PAISA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing that somebody does, some days after the one before."""

    act: str
    wait_days: int
    amount: str
    thousandths: int
    pick: int


def moves(most: int) -> st.SearchStrategy[list[Move]]:
    """Draw what is done, in the order in which it is done."""
    waits = st.one_of(st.integers(0, 3), st.integers(0, 45), st.integers(0, 130))
    later = st.lists(moves_of(ACTS, waits), max_size=most - 4)
    sooner = st.lists(moves_of(EARLY_ACTS, st.integers(0, 12)), max_size=2)
    agreed = st.tuples(moves_of(CHANGES, waits), moves_of(AFTER_CHANGES, st.integers(0, 40)))
    pairs: st.SearchStrategy[list[Move]] = st.one_of(st.just([]), agreed.map(list))
    lived: st.SearchStrategy[list[Move]] = st.builds(
        lambda *parts: list(chain(*parts)), sooner, pairs, later
    )
    few = st.lists(moves_of(LEADING_TO_WRITE_OFFS, waits), max_size=4)
    gone = st.tuples(moves_of(WRITE_OFFS, st.integers(0, 200))).map(list)
    then = st.lists(moves_of(AFTER_WRITE_OFFS, waits), max_size=6)
    lost = st.builds(lambda *parts: list(chain(*parts)), pairs, few, gone, then)
    return st.one_of(lived, lived, lost)


def moves_of(acts: tuple[str, ...], waits: st.SearchStrategy[int]) -> st.SearchStrategy[Move]:
    """Draw one of the acts, some days later."""
    return st.builds(
        Move,
        act=st.sampled_from(acts),
        wait_days=waits,
        amount=st.sampled_from(AMOUNTS),
        thousandths=st.integers(1, 1_000),
        pick=st.integers(0, 50),
    )


def happening_of(move: Move, telling: Telling, *, number: int) -> Happening | None:
    """Return what a move comes to, on the day of the book; None where there is nothing to do."""
    book, on = telling.book, telling.book.day
    amount = max(1, _amount(move, book))
    match move.act:
        case "PAY":
            return Paid(number=number, on=on, amount=amount)
        case "SETTLE_DUES":
            return Paid(number=number, on=on, amount=max(1, _due(book)))
        case "PAY_LATE":
            return Paid(number=number, on=_earlier(move, book), amount=amount)
        case "PREPAY":
            aim = ("REDUCE_TENURE", "REDUCE_EMI")[move.pick % 2]
            return Paid(number=number, on=on, amount=amount, aim=aim)
        case "FORECLOSE":
            return foreclosing(move, book, number=number)
        case "CANCEL":
            return _given_back(move, book, number=number)
        case "BOUNCE" | "TAKE_BACK":
            return _taken_back(move, telling, number=number)
        case "CHARGE":
            owed = move.thousandths * RUPEE
            return Charged(
                number=number,
                on=on,
                key=f"CHARGE-{number}",
                amount=owed,
                gst=owed * (move.pick % 30) // 100,
            )
        case "WAIVE":
            keys = [fee.key for fee in book.fees]
            if not keys:
                return None
            fee = book.fees[move.pick % len(keys)]
            part = max(1, fee.amount * move.thousandths // 800)
            return Waived(number=number, on=on, charge=fee.key, amount=part)
        case "REFUND":
            part = book.excess if move.pick % 2 else book.excess * move.thousandths // 800
            return Refunded(number=number, on=on, amount=part) if part else None
        case "WRITE_OFF":
            return WrittenOff(number=number, on=on, kind=("TECHNICAL", "FULL")[move.pick % 3 == 2])
        case "SETTLE":
            owed = closing_of(book, charge_bps=0, gst_bps=0).amount
            return Paid(number=number, on=on, amount=max(1, owed * move.thousandths // 1_000))
        case "DUE_DAY" | "HOLIDAY" | "TENOR":
            return _rearranged(move, book, number=number)
        case _:
            return _rate_set(move, book, number=number)


def foreclosing(move: Move, book: Book, *, number: int) -> Paid | None:
    """Return the payment of what closes the loan, or of a paisa less."""
    closing = closing_of(book, charge_bps=CLOSING_BPS, gst_bps=CLOSING_GST_BPS)
    amount = closing.amount - (1 if move.amount == "ONE_LESS" else 0)
    if amount <= 0:
        return None
    return Paid(
        number=number,
        on=book.day,
        amount=amount,
        aim="FORECLOSURE",
        closing_charge=closing.closing_charge + closing.closing_gst,
        closing_gst=closing.closing_gst,
    )


def is_met_by_advance(book: Book) -> bool:
    """Return whether more is held for dues to come than closing costs: it stays held for them."""
    closing = closing_of(book, charge_bps=CLOSING_BPS, gst_bps=CLOSING_GST_BPS)
    to_come = sum(line.row.principal for line in book.to_come()) + closing.interest_run
    return book.advance > to_come + closing.closing_charge + closing.closing_gst


def _given_back(move: Move, book: Book, *, number: int) -> Paid | None:
    """Return the payment that gives the loan back, while it still can be given back."""
    quoted = None if book.closed_on else giving_back_of(book)
    if quoted is None or quoted[0] <= 1:
        return None
    amount, back = quoted[0] - (move.amount == "ONE_LESS"), quoted[1]
    return Paid(number=number, on=book.day, amount=amount, aim="CANCELLATION", giving_back=back)


def _due(book: Book) -> int:
    due = sum(line.unpaid for line in book.lines if line.billed)
    return due + sum(fee.unpaid for fee in book.fees)


def _amount(move: Move, book: Book) -> int:
    due = _due(book)
    to_come = book.to_come()
    usual = to_come[0].row.total if to_come else max(1, due)
    match move.amount:
        case "DUE":
            return due
        case "INSTALMENT":
            return usual
        case "PART":
            return usual * move.thousandths // 1_000
        case "MANY":
            return usual * (1 + move.thousandths // 100)
        case "PAISA":
            return 1
        case _:
            everything = due + sum(line.row.total for line in to_come) - book.advance
            return everything - (move.amount == "ONE_LESS")


def _earlier(move: Move, book: Book) -> date:
    """Return a day not later than the book's: of the last weeks, or of any time."""
    age = (book.day - book.deal.disbursed).days
    back = min(age, move.pick) if move.pick % 3 else age * move.thousandths // 1_000
    return book.day - timedelta(days=back)


def _taken_back(move: Move, telling: Telling, *, number: int) -> TakenBack | None:
    gone = {one.which for one in telling.known if isinstance(one, TakenBack)}
    left = [
        one
        for one in telling.known
        if not isinstance(one, TakenBack)
        and one.number not in gone
        and (isinstance(one, Paid) or move.act == "TAKE_BACK")
    ]
    if not left:
        return None
    return TakenBack(number=number, on=telling.book.day, which=left[move.pick % len(left)].number)


def _rearranged(move: Move, book: Book, *, number: int) -> Rearranged:
    most = {"DUE_DAY": 31, "HOLIDAY": 5, "TENOR": 30}[move.act]
    return Rearranged(
        number=number,
        on=book.day,
        since=book.day + timedelta(days=max(0, (move.pick - 20) * 2)),
        what=move.act,
        figure=1 + move.thousandths % most,
        interest_with=("FIRST", "LAST")[move.pick % 2],
        keep=("EMI", "TENURE")[move.pick // 2 % 2],
        in_distress=move.amount in ("PART", "ALL"),
    )


def _rate_set(move: Move, book: Book, *, number: int) -> RateSet:
    return RateSet(
        number=number,
        on=book.day,
        rate_bps=move.thousandths * 4,
        since=book.day + timedelta(days=max(0, move.pick - 20)),
        keep=("TENURE", "EMI")[move.pick % 2],
    )
