"""What each happening does to the oracle's book on its day."""

from dataclasses import replace

from tests.oracle.book import (
    ADVANCES,
    BANK,
    CHARGES,
    EARNED_CHARGES,
    EARNED_FEES,
    EARNED_INTEREST,
    EARNED_PENAL,
    EXCESS,
    GST,
    PENAL,
    PRINCIPAL,
    Book,
    Fee,
    Use,
)
from tests.oracle.closing import closing_row, may_be_given_back, replan, running_of
from tests.oracle.early import Running, at_rates, prepaid, waits_for_moratorium
from tests.oracle.plan import Row
from tests.oracle.rearranging import overlaps, rearranged
from tests.oracle.story import (
    Charged,
    GivingBack,
    Happening,
    Paid,
    RateSet,
    Rearranged,
    Refunded,
    Refused,
    Waived,
    WrittenOff,
)
from tests.oracle.writing_off import owe_again, refuse_to_write_off, write_off

#: What is not done to a loan off the books: it bears no charge, and nothing is agreed of it.
ON_THE_BOOKS = Charged | Waived | RateSet | Rearranged


def take(book: Book, happening: Happening, *, new: bool = False) -> None:
    """Let something happen on the day of the book. What is new may raise `Refused`."""
    if new:
        _refuse_impossible(book, happening)
    if book.written_off_on is not None and isinstance(happening, ON_THE_BOOKS):
        return
    if isinstance(happening, Paid):
        _receive(book, happening)
    elif isinstance(happening, Charged):
        _charge(book, happening.key, happening.amount, happening.gst)
        book.excess = book.meet_charges(book.excess, EXCESS)
    elif isinstance(happening, Waived):
        _waive(book, happening)
    elif isinstance(happening, Refunded):
        _refund(book, happening)
    elif isinstance(happening, RateSet):
        _set_rate(book, happening)
    elif isinstance(happening, Rearranged):
        _rearrange(book, happening)
    elif isinstance(happening, WrittenOff):
        write_off(book, happening)
    book.look_around()


def _refuse_impossible(book: Book, happening: Happening) -> None:
    if book.closed_on is not None and isinstance(happening, Paid | Charged | RateSet | Rearranged):
        raise Refused("loan_closed")
    if book.written_off_on is not None and isinstance(happening, ON_THE_BOOKS):
        raise Refused("loan_written_off")
    if isinstance(happening, WrittenOff):
        refuse_to_write_off(book, happening)
    if isinstance(happening, RateSet | Rearranged):
        what = happening.what if isinstance(happening, Rearranged) else "RATE"
        if overlaps(book.agreed, what, happening.since):
            raise Refused("overlapping_change")
    if isinstance(happening, Waived):
        unpaid = sum(fee.unpaid for fee in book.fees if fee.key == happening.charge)
        if not unpaid:
            raise Refused("charge_not_open")
        if happening.amount > unpaid:
            raise Refused("waiver_exceeds_charge")
    if isinstance(happening, Refunded) and happening.amount > book.excess:
        raise Refused("refund_exceeds_excess")


def _charge(book: Book, key: str, amount: int, gst: int) -> None:
    book.fees.append(Fee(key, book.day, amount, gst))
    book.move(CHARGES, EARNED_CHARGES, amount - gst)
    book.move(CHARGES, GST, gst)


def _receive(book: Book, payment: Paid) -> None:
    use = book.uses.setdefault(payment.number, Use())
    left = book.meet_all(payment.amount, BANK, use)
    if left and payment.giving_back:
        left = _give_back(book, payment.giving_back, left, use)
    elif left and payment.aim != "DUES" and not waits_for_moratorium(book.deal, book.day):
        left = _repay_early(book, payment, left, use)
    if payment.aim == "FORECLOSURE" and not book.to_come() and book.written_off_on is None:
        # Excess was beyond everything owed until a change of terms made the loan cost more.
        book.excess = book.meet_all(book.excess, EXCESS)
    use.advance = min(left, sum(line.row.total for line in book.to_come()) - book.advance)
    use.excess = left - use.advance
    book.advance += use.advance
    book.excess += use.excess
    book.move(BANK, ADVANCES, use.advance)
    book.move(BANK, EXCESS, use.excess)


def _repay_early(book: Book, payment: Paid, left: int, use: Use) -> int:
    """Repay what is not due yet, if that is possible; return what is left of the money."""
    now = running_of(book)
    if now is None:
        return left
    if payment.aim == "FORECLOSURE":
        return _foreclose(book, payment, now, left, use)
    if book.agreed.waits(book.day):
        return left
    after = prepaid(
        now,
        book.day,
        money=left,
        advance=book.advance,
        keeps=payment.aim == "REDUCE_TENURE",
    )
    if after is None:
        return left
    rows, book.agreed = after
    replan(book, rows)
    book.bill(book.to_come()[0])
    return book.meet_all(left, BANK, use)


def _foreclose(book: Book, payment: Paid, now: Running, left: int, use: Use) -> int:
    last = closing_row(book, now)
    owed = last.total + payment.closing_charge
    if not book.advance <= owed <= left + book.advance + book.excess:
        return left
    replan(book, [last])
    book.bill(book.to_come()[0])
    if payment.closing_charge:
        key = f"FORECLOSURE-{payment.number}"
        _charge(book, key, payment.closing_charge, payment.closing_gst)
    book.advance = book.meet_all(book.advance, ADVANCES)
    book.excess = book.meet_all(book.excess, EXCESS)
    return book.meet_all(left, BANK, use)


def _give_back(book: Book, back: GivingBack, left: int, use: Use) -> int:
    """Give the loan back, if that can be and the money is enough; return what is left of it."""
    owed = book.deal.lent + back.interest
    held = book.advance + book.excess
    if not may_be_given_back(book) or not held <= owed - back.returned <= left + held:
        return left
    only = Row(
        number=1,
        due=book.day,
        opening=book.deal.lent,
        principal=book.deal.lent,
        interest=back.interest,
    )
    replan(book, [only])
    book.bill(book.lines[0])
    book.lines[0].principal_paid = back.returned
    book.move(EARNED_FEES, PRINCIPAL, back.fee - back.gst)
    book.move(GST, PRINCIPAL, back.gst)
    book.move(EARNED_INTEREST, PRINCIPAL, back.kept_interest)
    book.advance = book.meet_all(book.advance, ADVANCES)
    book.excess = book.meet_all(book.excess, EXCESS)
    return book.meet_all(left, BANK, use)


def _set_rate(book: Book, change: RateSet) -> None:
    """Reckon what is to come at another rate; nothing where that gives no schedule, or one of less
    than is held in advance for it."""
    now = running_of(book)
    if now is None or book.agreed.waits(book.day):
        return
    earlier = tuple((since, bps) for since, bps in book.agreed.rates if since < change.since)
    agreed = replace(book.agreed, rates=(*earlier, (change.since, change.rate_bps)))
    rows = at_rates(now, agreed, keeps=change.keep == "EMI")
    if rows is None or sum(row.total for row in rows) < book.advance:
        return
    book.agreed = agreed.and_settled("RATE", change.since)
    replan(book, rows)


def _rearrange(book: Book, change: Rearranged) -> None:
    """Rearrange what is due from a day on; nothing where that gives no schedule, or one of less
    than is held in advance for it, or while interest that was put off is running."""
    now = running_of(book, since=change.since)
    after = None if now is None or book.agreed.waits(book.day) else rearranged(now, change)
    if after is None:
        return
    rest, agreed = after
    rows = [line.row for line in book.to_come() if line.row.due < change.since] + rest
    if sum(row.total for row in rows) < book.advance:
        return
    book.agreed = agreed
    replan(book, rows)
    if change.in_distress:
        book.restructured_on = book.day


def _waive(book: Book, happening: Waived) -> None:
    for fee in book.fees:
        if fee.key != happening.charge or not fee.unpaid:
            continue
        part = min(happening.amount, fee.unpaid)
        tax = fee.tax_in(part)
        fee.settled += part
        earned, owed = (EARNED_PENAL, PENAL) if fee.penal else (EARNED_CHARGES, CHARGES)
        book.move(earned, owed, part - tax)
        book.move(GST, owed, tax)


def _refund(book: Book, happening: Refunded) -> None:
    held = min(happening.amount, book.excess)
    book.excess -= held
    book.move(EXCESS, BANK, held)
    if happening.amount > held:
        owed = happening.amount - held
        book.fees.append(Fee(f"REFUND-{happening.number}", book.day, owed, refund=True))
        book.move(CHARGES, BANK, owed)
        if book.written_off_on is not None:
            owe_again(book, owed)
