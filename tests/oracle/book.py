"""The oracle's book of one loan, kept day by day: every row is looked at on every day.

A day begins with what the calendar brings (penal charges, interest that becomes principal, the
instalment due and what is held for it), then comes what happened on it, and at its end the loan is
classified. What happens on a day is in `tests.oracle.happenings`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.oracle.days import ONE_DAY, day_of_month
from tests.oracle.early import Agreed
from tests.oracle.penal import penal_charges
from tests.oracle.plan import Row, beginning, half_up
from tests.oracle.story import Deal, LeftTheBooks

NPA_DAYS = 90
BANK, PRINCIPAL, INTEREST, CHARGES, PENAL = "1000", "1100", "1200", "1300", "1310"
ADVANCES, EXCESS, GST = "2100", "2110", "2300"
EARNED_INTEREST, EARNED_FEES, EARNED_CHARGES, EARNED_PENAL = "4000", "4100", "4200", "4300"
CLAIMS, CONTRA, RECOVERED, LOST = "1900", "2900", "4400", "5000"


@dataclass
class Line:
    """An instalment in the book: its row, and what is paid of it."""

    row: Row
    billed: bool = False
    interest_paid: int = 0
    principal_paid: int = 0

    @property
    def unpaid(self) -> int:
        return self.row.total - self.interest_paid - self.principal_paid


@dataclass
class Fee:
    """A charge in the book: what it asks, and what is paid or waived of it. A `refund` is one that
    was paid out and turned out not to have been held: money, and no income."""

    key: str
    on: date
    amount: int
    gst: int = 0
    penal: bool = False
    settled: int = 0
    refund: bool = False

    @property
    def unpaid(self) -> int:
        return self.amount - self.settled

    def tax_in(self, part: int) -> int:
        """Return the tax in what comes next of it, so that all parts have all of it."""
        return self._tax_to(self.settled + part) - self._tax_to(self.settled)

    def _tax_to(self, paise: int) -> int:
        return half_up(Fraction(self.gst * paise, self.amount))


@dataclass
class Use:
    """What a payment met."""

    interest: int = 0
    principal: int = 0
    charges: int = 0
    penal: int = 0
    advance: int = 0
    excess: int = 0


@dataclass
class Book:
    """The book as far as it is kept: `day` has begun, and ended when `ended`."""

    deal: Deal
    lines: list[Line] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)
    advance: int = 0
    excess: int = 0
    capitalised: int = 0
    npa_since: date | None = None
    closed_on: date | None = None
    charges_paid: int = 0
    penal_paid: int = 0
    uses: dict[int, Use] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)
    restructured_on: date | None = None
    written_off_on: date | None = None
    written_off: LeftTheBooks = field(default_factory=LeftTheBooks)
    given_up: int = 0
    received: Counter[str] = field(default_factory=Counter)
    day: date = date.min
    ended: bool = False

    def __post_init__(self) -> None:
        self.plan = beginning(self.deal)
        self.lines = [Line(row) for row in self.plan.rows]
        self.agreed = Agreed.at_first(self.deal)
        self.day = self.deal.disbursed
        self.move(PRINCIPAL, BANK, self.deal.lent - self.plan.upfront - self.deal.fee)
        self.move(PRINCIPAL, EARNED_FEES, self.deal.fee - self.deal.fee_gst)
        self.move(PRINCIPAL, GST, self.deal.fee_gst)
        self.move(PRINCIPAL, EARNED_INTEREST, self.plan.upfront)
        self._begin()

    def keep_to(self, day: date) -> None:
        """Keep the book until a day has begun."""
        while self.day < day:
            self.end()
            self.day, self.ended = self.day + ONE_DAY, False
            self._begin()

    def end(self) -> None:
        """End the day: whoever has a due that is 90 days old becomes an NPA, and so does a loan
        that was rearranged on the day because the borrower could not have gone on."""
        if not self.ended:
            oldest = self.oldest_unpaid()
            old = oldest is not None and (self.day - oldest).days >= NPA_DAYS
            distressed = self.restructured_on == self.day and self.closed_on is None
            on_the_books = self.written_off_on is None
            if (old or distressed) and on_the_books and self.npa_since is None:
                self.npa_since = self.day
        self.ended = True

    def look_around(self) -> None:
        """Note whether the arrears are cleared, and whether anything is owed at all. Of a loan that
        was restructured, clearing them is not enough before a year has gone by. Where the claim was
        given up, nothing is asked any more."""
        if self.given_up:
            return
        if self._has_performed() and not any(line.unpaid for line in self.lines if line.billed):
            self.npa_since = None
        if any(line.unpaid for line in self.lines) or any(fee.unpaid for fee in self.fees):
            self.closed_on = None
        elif self.closed_on is None:
            self.closed_on = self.day

    def _has_performed(self) -> bool:
        since = self.restructured_on
        return since is None or self.day >= day_of_month(since.year + 1, since.month, since.day)

    def oldest_unpaid(self) -> date | None:
        """Return the due date of the oldest instalment not fully paid, due or not."""
        return (
            None
            if self.given_up
            else next((line.row.due for line in self.lines if line.unpaid), None)
        )

    def to_come(self) -> list[Line]:
        """Return the instalments that are not billed yet."""
        return [line for line in self.lines if not line.billed]

    def bill(self, line: Line) -> None:
        """Bill an instalment: its interest is earned."""
        line.billed = True
        self.move(INTEREST, EARNED_INTEREST, line.row.interest)

    def move(self, debit: str, credit: str, amount: int) -> None:
        """Post an amount in the ledger."""
        self.accounts[debit] += amount
        self.accounts[credit] -= amount

    def meet_all(self, money: int, source: str, use: Use | None = None) -> int:
        """Meet what is due and charges, in the agreed order; return what is left."""
        if self.given_up:
            return money
        if self.order == "CHARGES_FIRST":
            return self._meet_dues(self.meet_charges(money, source, use), source, use)
        return self.meet_charges(self._meet_dues(money, source, use), source, use)

    @property
    def order(self) -> str:
        """The order in which money meets what is owed: another one, perhaps, of an NPA."""
        return (self.npa_since and self.deal.npa_order) or self.deal.order

    def meet_charges(self, money: int, source: str, use: Use | None = None) -> int:
        """Meet charges, the oldest first and penal ones last; return what is left."""
        for fee in sorted(self.fees, key=lambda fee: fee.penal):
            part = min(money, fee.unpaid)
            income = 0 if fee.refund else part - fee.tax_in(part)
            fee.settled += part
            money -= part
            if fee.penal:
                self._receive(source, PENAL, part, EARNED_PENAL, income)
                self.penal_paid += part
            else:
                self._receive(source, CHARGES, part, EARNED_CHARGES, income)
                self.charges_paid += part
            if use and fee.penal:
                use.penal += part
            elif use:
                use.charges += part
        return money

    def _receive(self, source: str, owed: str, part: int, income: str, earned: int = 0) -> None:
        """Book what money meets: of a loan that is off the books it is a recovery."""
        if self.written_off_on is not None and source == BANK:
            self.move(BANK, RECOVERED, part)
            self.move(CONTRA, CLAIMS, part)
        else:
            self.move(source, owed, part)
            self.received[income] += earned

    def _meet_dues(self, money: int, source: str, use: Use | None = None) -> int:
        principal_first = self.order == "PRINCIPAL_FIRST"
        for line in self.lines:
            if not line.billed:
                continue
            interest = line.row.interest - line.interest_paid
            principal = line.row.principal - line.principal_paid
            if principal_first:
                principal = min(money, principal)
                interest = min(money - principal, interest)
            else:
                interest = min(money, interest)
                principal = min(money - interest, principal)
            line.interest_paid += interest
            line.principal_paid += principal
            money -= interest + principal
            self._receive(source, INTEREST, interest, EARNED_INTEREST, interest)
            self._receive(source, PRINCIPAL, principal, PRINCIPAL)
            if use:
                use.interest += interest
                use.principal += principal
        return money

    def _begin(self) -> None:
        if self.written_off_on is not None:
            return
        for line in self.lines:
            for place, amount in penal_charges(self.deal, line.row.due, self.day, line.unpaid):
                key = f"PENAL-{line.row.number}" + (f"-{place}" if place > 1 else "")
                self.fees.append(Fee(key, self.day, amount, penal=True))
                self.move(PENAL, EARNED_PENAL, amount)
        if self.plan.capitalised and self.day == self.plan.capitalised_on and not self.closed_on:
            self.capitalised = self.plan.capitalised
            self.move(PRINCIPAL, EARNED_INTEREST, self.capitalised)
        for line in self.lines:
            if line.row.due == self.day and not line.billed:
                self.bill(line)
                self.advance = self._meet_dues(self.advance, ADVANCES)
                self.look_around()
