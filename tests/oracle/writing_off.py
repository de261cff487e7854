"""The oracle's write-off: a loan leaves the books, and its claim is kept or given up.

The whole loan is called in: what is not due yet is due on the day, with the interest to it. Money
that is held meets what it can, and where it meets everything nothing is left to be written off.
Principal is a loss; income that was booked and not received is taken off that income. What was
owed stands beside the books as a claim, and what is paid of it later is a recovery.
"""

from dataclasses import replace

from tests.oracle.book import (
    ADVANCES,
    CHARGES,
    CLAIMS,
    CONTRA,
    EARNED_CHARGES,
    EARNED_INTEREST,
    EARNED_PENAL,
    EXCESS,
    INTEREST,
    LOST,
    PENAL,
    PRINCIPAL,
    Book,
)
from tests.oracle.closing import closing_of, closing_row, replan, running_of
from tests.oracle.early import waits_for_moratorium
from tests.oracle.story import LeftTheBooks, Refused, WrittenOff


def refuse_to_write_off(book: Book, happening: WrittenOff) -> None:
    """Refuse what is new and cannot be. Raises `Refused`."""
    if book.closed_on is not None:
        raise Refused("loan_closed")
    if book.written_off_on is not None:
        if happening.kind == "TECHNICAL":
            raise Refused("loan_written_off")
        return
    if book.to_come() and waits_for_moratorium(book.deal, book.day):
        raise Refused("write_off_in_moratorium")
    if _is_held(book):
        raise Refused("nothing_to_write_off")


def write_off(book: Book, happening: WrittenOff) -> None:
    """Write the loan off, and give the claim up where that is said. Nothing happens to one that was
    repaid before, nor where what was agreed in a settlement was never paid."""
    unsettled = happening.settled_by is not None and happening.settled_by not in book.uses
    if book.closed_on is not None or unsettled:
        return
    if book.written_off_on is None:
        if _is_held(book):
            return
        _call_in(book)
        _leave_the_books(book)
    if happening.kind != "TECHNICAL":
        book.given_up = _owed(book)
        book.move(CONTRA, CLAIMS, book.given_up)
        book.closed_on = book.day


def owe_again(book: Book, amount: int) -> None:
    """Write off at once what a loan off the books owes anew: the claim grows by as much."""
    book.written_off = replace(book.written_off, other=book.written_off.other + amount)
    book.move(LOST, CHARGES, amount)
    book.move(CLAIMS, CONTRA, amount)


def _is_held(book: Book) -> bool:
    """Return whether as much is held as the loan owes when it is called in."""
    return closing_of(book, charge_bps=0, gst_bps=0).amount == 0


def _call_in(book: Book) -> None:
    now = running_of(book)
    if now is not None:
        replan(book, [closing_row(book, now)])
        book.bill(book.to_come()[0])
    book.advance = book.meet_all(book.advance, ADVANCES)
    book.excess = book.meet_all(book.excess, EXCESS)


def _leave_the_books(book: Book) -> None:
    income = sum(
        fee.unpaid - fee.tax_in(fee.unpaid) for fee in book.fees if not fee.penal and not fee.refund
    )
    gone = LeftTheBooks(
        principal=sum(line.row.principal - line.principal_paid for line in book.lines),
        interest=sum(line.row.interest - line.interest_paid for line in book.lines),
        charges=income,
        other=sum(fee.unpaid for fee in book.fees if not fee.penal) - income,
        penal=sum(fee.unpaid for fee in book.fees if fee.penal),
    )
    book.move(LOST, PRINCIPAL, gone.principal)
    book.move(EARNED_INTEREST, INTEREST, gone.interest)
    book.move(EARNED_CHARGES, CHARGES, gone.charges)
    book.move(LOST, CHARGES, gone.other)
    book.move(EARNED_PENAL, PENAL, gone.penal)
    book.move(CLAIMS, CONTRA, _owed(book))
    book.written_off, book.written_off_on = gone, book.day


def _owed(book: Book) -> int:
    return sum(line.unpaid for line in book.lines) + sum(fee.unpaid for fee in book.fees)
