"""What closes a loan on a day, or gives it back: the oracle's reckoning of both."""

from datetime import date
from fractions import Fraction

from tests.oracle.book import Book, Line
from tests.oracle.days import interest_by_the_day
from tests.oracle.early import Running, running
from tests.oracle.plan import Row, half_up
from tests.oracle.story import Closing, GivingBack


def closing_of(book: Book, *, charge_bps: int, gst_bps: int) -> Closing:
    """Return what closes the loan on the day of the book."""
    now = running_of(book)
    billed = [line for line in book.lines if line.billed]
    interest_due = sum(line.row.interest - line.interest_paid for line in billed)
    to_come = now.row.opening if now else 0
    principal = to_come + sum(line.row.principal - line.principal_paid for line in billed)
    run = closing_interest(book, now) if now else 0
    charge = half_up(Fraction(to_come * charge_bps, 10_000))
    gst = half_up(Fraction(charge * gst_bps, 10_000))
    charges = sum(fee.unpaid for fee in book.fees)
    held = book.advance + book.excess
    owed = principal + interest_due + run + charges + charge + gst
    return Closing(
        principal=principal,
        interest_due=interest_due,
        interest_run=run,
        per_diem=now.per_diem(book.day) if now else 0,
        charges=charges,
        closing_charge=charge,
        closing_gst=gst,
        held=held,
        amount=max(0, owed - held),
        left_over=max(0, held - owed),
    )


def giving_back_of(book: Book) -> tuple[int, GivingBack] | None:
    """Return what gives the loan back on the day of the book, and why; None when it is too late.

    It is the amount lent and the interest of the days: 365ths of a year where periods are equal.
    Once something has fallen due, or interest has become principal, it is too late.
    """
    if not may_be_given_back(book):
        return None
    deal = book.deal
    days = interest_by_the_day(deal, book.agreed.rates, deal.disbursed, book.day)
    back = GivingBack(
        interest=half_up(deal.lent * days),
        fee=deal.fee if deal.fee_returned else 0,
        gst=deal.fee_gst if deal.fee_returned else 0,
        kept_interest=book.plan.upfront,
    )
    owed = deal.lent + back.interest + sum(fee.unpaid for fee in book.fees)
    return max(0, owed - back.returned - book.advance - book.excess), back


def may_be_given_back(book: Book) -> bool:
    return not book.capitalised and not any(line.billed for line in book.lines)


def running_of(book: Book, *, since: date = date.min) -> Running | None:
    """Return the period under way, or that in which what is due from a day on begins."""
    return running(
        book.agreed,
        billed=[line.row for line in book.lines if line.billed or line.row.due < since],
        coming=[line.row for line in book.to_come() if line.row.due >= since],
        deferred=_deferred(book),
    )


def closing_interest(book: Book, now: Running) -> int:
    return now.run_by_the_day(book.day) + now.put_off_run(book.day)


def _deferred(book: Book) -> int:
    later = book.deal.silent_interest == "WITH_LAST_INSTALMENT"
    return book.plan.deferred if later else 0


def replan(book: Book, rows: list[Row]) -> None:
    book.lines = [line for line in book.lines if line.billed] + [Line(row) for row in rows]


def closing_row(book: Book, now: Running) -> Row:
    """Return the one row that closes the loan on the day, in the place of all to come."""
    return Row(
        number=now.row.number,
        due=book.day,
        opening=now.row.opening,
        principal=now.row.opening,
        interest=closing_interest(book, now),
    )
