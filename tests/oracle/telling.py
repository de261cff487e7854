"""The oracle's answer: where a loan stands when its story is told from the beginning."""

from collections.abc import Iterable, Sequence
from datetime import date

from tests.oracle.book import Book
from tests.oracle.closing import closing_of, giving_back_of
from tests.oracle.happenings import take
from tests.oracle.story import (
    Deal,
    Happening,
    Instalment,
    OpenCharge,
    Standing,
    TakenBack,
)

CLOSING_BPS, CLOSING_GST_BPS = 300, 1_800


class Telling:
    """A story told as it becomes known: in order it goes on, else it begins again."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self.known: list[Happening] = []
        self.book = Book(deal)

    def hear(self, happening: Happening) -> None:
        """Take a new happening. Raises `Refused`, and then nothing has happened."""
        latest = max((told.on for told in self.known), default=self.deal.disbursed)
        in_order = latest <= happening.on and self.book.day <= happening.on
        if in_order and not isinstance(happening, TakenBack):
            self.book.keep_to(happening.on)
            take(self.book, happening, new=True)
        else:
            until = max(self.book.day, happening.on)
            self.book = told(self.deal, [*self.known, happening], until, new=happening)
        self.known.append(happening)

    def wait_until(self, day: date) -> None:
        """Let time pass."""
        self.book.keep_to(day)


def told(
    deal: Deal, happenings: Iterable[Happening], until: date, *, new: Happening | None = None
) -> Book:
    """Return the book when a day has begun and all that is to happen on it has happened."""
    book = Book(deal)
    for happening in in_effect(list(happenings)):
        if happening.on > until:
            break
        book.keep_to(happening.on)
        take(book, happening, new=happening is new)
    book.keep_to(until)
    return book


def in_effect(happenings: Sequence[Happening]) -> list[Happening]:
    """Return what counts, in its order: not what was taken back, and no taking back."""
    gone = {one.which for one in happenings if isinstance(one, TakenBack)}
    counting = [
        one for one in happenings if not isinstance(one, TakenBack) and one.number not in gone
    ]
    return sorted(counting, key=lambda one: (one.on, one.number))


def standing_of(book: Book, *, quoted: bool) -> Standing:
    """Return what a book says."""
    oldest = book.oldest_unpaid()
    age = (book.day - oldest).days if oldest else -1
    return Standing(
        on=book.day,
        instalments=tuple(
            Instalment(
                number=line.row.number,
                due=line.row.due,
                opening=line.row.opening,
                interest=line.row.interest,
                principal=line.row.principal,
                interest_paid=line.interest_paid,
                principal_paid=line.principal_paid,
            )
            for line in book.lines
        ),
        charges=tuple(
            OpenCharge(
                key=fee.key, levied_on=fee.on, amount=fee.amount, gst=fee.gst, settled=fee.settled
            )
            for fee in book.fees
            if fee.unpaid
        ),
        lent_outstanding=book.deal.lent
        + book.capitalised
        - sum(line.principal_paid for line in book.lines),
        capitalised=book.capitalised,
        advance=book.advance,
        excess=book.excess,
        charges_paid=book.charges_paid,
        penal_paid=book.penal_paid,
        npa_since=book.npa_since,
        restructured_on=book.restructured_on,
        closed_on=book.closed_on,
        status=_status(book),
        written_off_on=book.written_off_on,
        written_off=book.written_off,
        given_up=book.given_up,
        days_past_due=max(0, age),
        bucket=_bucket(book, age if book.ended else age - 1),
        uses=tuple(
            (
                number,
                (use.interest, use.principal, use.charges, use.penal, use.advance, use.excess),
            )
            for number, use in sorted(book.uses.items())
        ),
        accounts=tuple(sorted((code, sum_) for code, sum_ in book.accounts.items() if sum_)),
        closing=closing_of(book, charge_bps=CLOSING_BPS, gst_bps=CLOSING_GST_BPS)
        if quoted and not book.given_up
        else None,
        giving_back=None if book.closed_on else giving_back_of(book),
    )


def _status(book: Book) -> str:
    if book.closed_on is not None:
        return "CLOSED"
    return "ACTIVE" if book.written_off_on is None else "WRITTEN_OFF"


def _bucket(book: Book, age_at_day_end: int) -> str:
    """RBI, 12 November 2021: a due of 31 March unpaid at that day's end is SMA-0 on it, SMA-1 on
    30 April, SMA-2 on 30 May, NPA on 29 June; and an NPA stays one until its arrears are paid."""
    if book.npa_since is not None or age_at_day_end >= 90:
        return "NPA"
    for days, name in ((60, "SMA_2"), (30, "SMA_1"), (0, "SMA_0")):
        if age_at_day_end >= days:
            return name
    return "CURRENT"
