"""A loan as its documents disclose it, offered or paid out: what it is, and what it costs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from bright_credit.common.business_day import days_between
from bright_credit.common.money import format_rupees, percent
from loan.domain.apr import Repayment, rate_of_return_bps
from loan.domain.penal import RATE_PERIOD_DAYS
from loan.domain.schedule import (
    MONTHS_PER_YEAR,
    InstalmentPlan,
    capitalisation_of,
    upfront_interest_of,
)
from loan.domain.terms import FeeCollection, InterestMethod, LoanTerms


class Payee(StrEnum):
    """Who receives a fee, by RBI's columns: the regulated entity (A), or another through it (B)."""

    LENDER = "LENDER"
    THIRD_PARTY = "THIRD_PARTY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee due once, when the loan is paid out. Amounts in paise, the tax beside the fee.

    It is deducted from the payout, or the borrower pays it apart.
    """

    name: str
    payee: Payee
    amount_paise: int
    gst_paise: int = 0
    collection: FeeCollection = FeeCollection.NETTED

    @property
    def total_paise(self) -> int:
        """The fee with its tax."""
        return self.amount_paise + self.gst_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The loan: its terms and schedule, its fees, its APR in basis points. Amounts in paise."""

    product: str
    terms: LoanTerms
    schedule: tuple[InstalmentPlan, ...]
    fees: tuple[Fee, ...]
    apr_bps: int

    @property
    def amount_paise(self) -> int:
        """The amount sanctioned."""
        return self.terms.principal_paise

    @property
    def fees_paise(self) -> int:
        """All fees with their tax."""
        return sum(fee.total_paise for fee in self.fees)

    @property
    def fees_deducted_paise(self) -> int:
        """The fees with their tax that are deducted from the payout."""
        return self.fees_paise - self.fees_paid_apart_paise

    @property
    def fees_paid_apart_paise(self) -> int:
        """The fees with their tax that the borrower pays apart, due on the day of disbursement."""
        return sum(fee.total_paise for fee in self.fees if fee.collection is FeeCollection.PAID)

    @property
    def interest_kept_back_paise(self) -> int:
        """The interest of a broken period that is kept back from the disbursement."""
        return upfront_interest_of(self.terms)

    @property
    def interest_capitalised_paise(self) -> int:
        """The interest of a moratorium that becomes principal."""
        coming = capitalisation_of(self.terms)
        return 0 if coming is None else coming.amount_paise

    @property
    def net_disbursed_paise(self) -> int:
        """What reaches the borrower."""
        return self.amount_paise - self.fees_deducted_paise - self.interest_kept_back_paise

    @property
    def total_interest_paise(self) -> int:
        """All interest: of the instalments, kept back, and become principal in a moratorium."""
        paid_back = sum(row.total_paise for row in self.schedule)
        return paid_back - self.amount_paise + self.interest_kept_back_paise

    @property
    def total_payable_paise(self) -> int:
        """What the borrower pays for the loan in all: the amount lent and its interest."""
        return self.amount_paise + self.total_interest_paise

    @property
    def first(self) -> InstalmentPlan:
        """The first instalment."""
        return self.schedule[0]

    @property
    def last(self) -> InstalmentPlan:
        """The last instalment."""
        return self.schedule[-1]

    @property
    def days_to_first_due_date(self) -> int:
        """The days from the disbursement to the first due date."""
        return days_between(self.terms.disbursed_on, self.first.due_date)

    @property
    def reducing_rate_bps(self) -> int:
        """The yearly rate on what is still owed that these instalments come to, without fees.

        For interest at a flat rate it is what RBI asks to be disclosed; otherwise the loan's own.
        """
        if self.terms.interest_method is not InterestMethod.FLAT:
            return self.terms.annual_rate_bps
        silent = self.terms.interest_moratorium_periods
        per_year = self.terms.frequency.periods_per_year
        return rate_of_return_bps(
            self.amount_paise,
            [
                Repayment(
                    months=Fraction((row.number + silent) * MONTHS_PER_YEAR, per_year),
                    amount_paise=row.total_paise,
                )
                for row in self.schedule
            ],
        )

    def fees_to(self, payee: Payee) -> int:
        """Return the fees of one payee with their tax, in paise."""
        return sum(fee.total_paise for fee in self.fees if fee.payee is payee)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContingentCharge:
    """A charge that only comes if something happens; no charge of the kind without an amount."""

    name: str
    amount_paise: int | None
    text: str


def contingent_charges(terms: LoanTerms) -> tuple[ContingentCharge, ...]:
    """Return every charge that the terms allow later, and the others as nil.

    What is not disclosed cannot be levied later without the borrower's consent (RBI, 15 April
    2024), so a kind of charge that products come to have belongs into this list.
    """
    penal = ContingentCharge(
        name="Penal charges for delayed payment",
        amount_paise=terms.penal_charge_paise or None,
        text=_penal_words(terms),
    )
    bounce_paise = terms.bounce_charge_paise
    bounce = ContingentCharge(
        name="Charge for a payment that bounces",
        amount_paise=bounce_paise or None,
        text="for each payment that the bank returns; GST comes on top" if bounce_paise else "Nil",
    )
    closing_bps = terms.foreclosure_charge_bps
    foreclosure = ContingentCharge(
        name="Foreclosure charges",
        amount_paise=None,
        text=f"{percent(closing_bps)} % of the principal not due by then, and GST on it; nothing "
        "for a part prepayment"
        if closing_bps
        else "Nil",
    )
    nil = (
        "Other penal charges",
        "Charges for switching between floating and fixed rate",
        "Any other charges",
    )
    other, *rest = (ContingentCharge(name=name, amount_paise=None, text="Nil") for name in nil)
    return (penal, bounce, other, foreclosure, *rest)


def _penal_words(terms: LoanTerms) -> str:
    grace = f"{terms.penal_grace_days} days after its due date"
    always = "never added to the rate of interest, never capitalised, no GST"
    if terms.penal_rate_bps:
        return (
            f"{percent(terms.penal_rate_bps)} % a year on what is unpaid of an instalment {grace}, "
            f"for the days it was, and every {RATE_PERIOD_DAYS} days after that; {always}"
        )
    if terms.penal_slabs:
        slabs = ", ".join(
            f"{format_rupees(slab.amount_paise)} when {slab.after_days} days past due"
            for slab in terms.penal_slabs
        )
        return f"for each instalment still unpaid: {slabs}; {always}"
    if terms.penal_charge_paise:
        return f"once for each instalment still unpaid {grace}; {always}"
    return "Nil"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A class that an unpaid instalment leads to, and the day-end from which it does."""

    name: str
    since: date
