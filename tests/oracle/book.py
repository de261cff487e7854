"""The oracle's book of one loan, kept day by day: every row is looked at on every day.

A day begins with what the calendar brings (penal charges, interest that becomes principal, the
instalment due and what is held for it), then comes what happened on it, and at its end the loan is
classified. What happens on a day is in `tests.oracle.happenings`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.days import ONE_DAY, day_of_month
from tests.oracle.early import Agreed
from tests.oracle.penal import penal_charges
from tests.oracle.plan import Row, beginning
from tests.oracle.story import Deal

NPA_DAYS = 90
BANK, PRINCIPAL, INTEREST, CHARGES, PENAL = "1000", "1100", "1200", "1300", "1310"
ADVANCES, EXCESS, GST = "2100", "2110", "2300"
EARNED_INTEREST, EARNED_FEES, EARNED_CHARGES, EARNED_PENAL = "4000", "4100", "4200", "4300"


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
    """A charge in the book: what it asks, and what is paid or waived of it."""

    key: str
    on: date
    amount: int
    gst: int = 0
    penal: bool = False
    settled: int = 0

    @property
    def unpaid(self) -> int:
        return self.amount - self.settled


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
            if (old or distressed) and self.npa_since is None:
                self.npa_since = self.day
        self.ended = True

    def look_around(self) -> None:
        """Note whether the arrears are cleared, and whether anything is owed at all. Of a loan that
        was restructured, clearing them is not enough before a year has gone by."""
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
        return next((line.row.due for line in self.lines if line.unpaid), None)

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
        if self.deal.charges_first:
            return self._meet_dues(self.meet_charges(money, source, use), source, use)
        return self.meet_charges(self._meet_dues(money, source, use), source, use)

    def meet_charges(self, money: int, source: str, use: Use | None = None) -> int:
        """Meet charges, the oldest first and penal ones last; return what is left."""
        for fee in [*self._open(penal=False), *self._open(penal=True)]:
            part = min(money, fee.unpaid)
            fee.settled += part
            money -= part
            self.move(source, PENAL if fee.penal else CHARGES, part)
            if fee.penal:
                self.penal_paid += part
            else:
                self.charges_paid += part
            if use and fee.penal:
                use.penal += part
            elif use:
                use.charges += part
        return money

    def _meet_dues(self, money: int, source: str, use: Use | None = None) -> int:
        for line in self.lines:
            if not line.billed:
                continue
            interest = min(money, line.row.interest - line.interest_paid)
            principal = min(money - interest, line.row.principal - line.principal_paid)
            line.interest_paid += interest
            line.principal_paid += principal
            money -= interest + principal
            self.move(source, INTEREST, interest)
            self.move(source, PRINCIPAL, principal)
            if use:
                use.interest += interest
                use.principal += principal
        return money

    def _open(self, *, penal: bool) -> list[Fee]:
        return [fee for fee in self.fees if fee.unpaid and fee.penal is penal]

    def _begin(self) -> None:
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
