"""What each happening does to the oracle's book on its day."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

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
    Line,
    Use,
)
from tests.oracle.days import interest_by_the_day
from tests.oracle.early import Running, at_rates, prepaid, running, waits_for_moratorium
from tests.oracle.plan import Row, half_up
from tests.oracle.rearranging import overlaps, rearranged
from tests.oracle.story import (
    Charged,
    Closing,
    GivingBack,
    Happening,
    Paid,
    RateSet,
    Rearranged,
    Refunded,
    Refused,
    Waived,
)


def take(book: Book, happening: Happening, *, new: bool = False) -> None:
    """Let something happen on the day of the book. What is new may raise `Refused`."""
    if new:
        _refuse_impossible(book, happening)
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
    book.look_around()


def closing_of(book: Book, *, charge_bps: int, gst_bps: int) -> Closing:
    """Return what closes the loan on the day of the book."""
    now = _running(book)
    billed = [line for line in book.lines if line.billed]
    interest_due = sum(line.row.interest - line.interest_paid for line in billed)
    to_come = now.row.opening if now else 0
    principal = to_come + sum(line.row.principal - line.principal_paid for line in billed)
    run = _closing_interest(book, now) if now else 0
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
    if not _may_be_given_back(book):
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


def _may_be_given_back(book: Book) -> bool:
    return not book.capitalised and not any(line.billed for line in book.lines)


def _running(book: Book, *, since: date = date.min) -> Running | None:
    """Return the period under way, or that in which what is due from a day on begins."""
    return running(
        book.agreed,
        billed=[line.row for line in book.lines if line.billed or line.row.due < since],
        coming=[line.row for line in book.to_come() if line.row.due >= since],
        deferred=_deferred(book),
    )


def _closing_interest(book: Book, now: Running) -> int:
    return now.run_by_the_day(book.day) + now.put_off_run(book.day)


def _deferred(book: Book) -> int:
    later = book.deal.silent_interest == "WITH_LAST_INSTALMENT"
    return book.plan.deferred if later else 0


def _refuse_impossible(book: Book, happening: Happening) -> None:
    if book.closed_on is not None and isinstance(happening, Paid | Charged | RateSet | Rearranged):
        raise Refused("loan_closed")
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
    use.advance = min(left, sum(line.row.total for line in book.to_come()) - book.advance)
    use.excess = left - use.advance
    book.advance += use.advance
    book.excess += use.excess
    book.move(BANK, ADVANCES, use.advance)
    book.move(BANK, EXCESS, use.excess)


def _repay_early(book: Book, payment: Paid, left: int, use: Use) -> int:
    """Repay what is not due yet, if that is possible; return what is left of the money."""
    now = _running(book)
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
    _replan(book, rows)
    book.bill(book.to_come()[0])
    return book.meet_all(left, BANK, use)


def _foreclose(book: Book, payment: Paid, now: Running, left: int, use: Use) -> int:
    last = Row(
        number=now.row.number,
        due=book.day,
        opening=now.row.opening,
        principal=now.row.opening,
        interest=_closing_interest(book, now),
    )
    owed = last.total + payment.closing_charge
    if not book.advance <= owed <= left + book.advance + book.excess:
        return left
    _replan(book, [last])
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
    if not _may_be_given_back(book) or not held <= owed - back.returned <= left + held:
        return left
    only = Row(
        number=1,
        due=book.day,
        opening=book.deal.lent,
        principal=book.deal.lent,
        interest=back.interest,
    )
    _replan(book, [only])
    book.bill(book.lines[0])
    book.lines[0].principal_paid = back.returned
    book.move(EARNED_FEES, PRINCIPAL, back.fee - back.gst)
    book.move(GST, PRINCIPAL, back.gst)
    book.move(EARNED_INTEREST, PRINCIPAL, back.kept_interest)
    book.advance = book.meet_all(book.advance, ADVANCES)
    book.excess = book.meet_all(book.excess, EXCESS)
    return book.meet_all(left, BANK, use)


def _replan(book: Book, rows: list[Row]) -> None:
    book.lines = [line for line in book.lines if line.billed] + [Line(row) for row in rows]


def _set_rate(book: Book, change: RateSet) -> None:
    """Reckon what is to come at another rate; nothing where that gives no schedule, or one of less
    than is held in advance for it."""
    now = _running(book)
    if now is None or book.agreed.waits(book.day):
        return
    earlier = tuple((since, bps) for since, bps in book.agreed.rates if since < change.since)
    agreed = replace(book.agreed, rates=(*earlier, (change.since, change.rate_bps)))
    rows = at_rates(now, agreed, keeps=change.keep == "EMI")
    if rows is None or sum(row.total for row in rows) < book.advance:
        return
    book.agreed = agreed.and_settled("RATE", change.since)
    _replan(book, rows)


def _rearrange(book: Book, change: Rearranged) -> None:
    """Rearrange what is due from a day on; nothing where that gives no schedule, or one of less
    than is held in advance for it, or while interest that was put off is running."""
    now = _running(book, since=change.since)
    after = None if now is None or book.agreed.waits(book.day) else rearranged(now, change)
    if after is None:
        return
    rest, agreed = after
    rows = [line.row for line in book.to_come() if line.row.due < change.since] + rest
    if sum(row.total for row in rows) < book.advance:
        return
    book.agreed = agreed
    _replan(book, rows)
    if change.in_distress:
        book.restructured_on = book.day


def _waive(book: Book, happening: Waived) -> None:
    for fee in book.fees:
        if fee.key != happening.charge or not fee.unpaid:
            continue
        part = min(happening.amount, fee.unpaid)
        tax = _tax(fee, fee.settled + part) - _tax(fee, fee.settled)
        fee.settled += part
        earned, owed = (EARNED_PENAL, PENAL) if fee.penal else (EARNED_CHARGES, CHARGES)
        book.move(earned, owed, part - tax)
        book.move(GST, owed, tax)


def _tax(fee: Fee, paise: int) -> int:
    """Return the tax in the first so many paise of a charge."""
    return half_up(Fraction(fee.gst * paise, fee.amount))


def _refund(book: Book, happening: Refunded) -> None:
    held = min(happening.amount, book.excess)
    book.excess -= held
    book.move(EXCESS, BANK, held)
    if happening.amount > held:
        owed = happening.amount - held
        book.fees.append(Fee(f"REFUND-{happening.number}", book.day, owed))
        book.move(CHARGES, BANK, owed)
