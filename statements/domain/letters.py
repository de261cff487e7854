"""The sanction letter and the certificates of a loan, as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from loan.domain.delinquency import BUCKET_EDGES, Bucket
from loan.domain.early_repayment import ForeclosureQuote
from loan.domain.effects import Allocated, AllocationSource, Effect, InterestCapitalised
from loan.domain.schedule import upfront_interest_of
from loan.domain.terms import LoanTerms
from statements.domain.credit import ContingentCharge, Credit, Milestone, contingent_charges
from statements.domain.financial_year import FinancialYear
from statements.domain.parties import Addressee, Lender

_CLASS_NAMES = {
    Bucket.SMA_0: "SMA-0 (overdue)",
    Bucket.SMA_1: "SMA-1",
    Bucket.SMA_2: "SMA-2",
    Bucket.NPA: "NPA (non-performing asset)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """What the documents of a loan that is paid out begin with."""

    number: str
    loan_id: str
    issued_on: date
    lender: Lender
    addressee: Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class SanctionLetter:
    """That a loan was granted, and on which terms. A loan may be here without an application."""

    heads: Heads
    application_id: str | None
    purpose: str | None
    sanctioned_on: date
    credit: Credit

    @property
    def contingent_charges(self) -> tuple[ContingentCharge, ...]:
        """What may have to be paid if something happens."""
        return contingent_charges(self.credit.terms)

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """What becomes of the loan if its first instalment stays unpaid, with the dates.

        RBI/2021-22/125 of 12 November 2021 asks for such an example by dates.
        """
        due = self.credit.first.due_date
        return tuple(
            Milestone(name=_CLASS_NAMES[bucket], since=due + timedelta(days=days))
            for days, bucket in reversed(BUCKET_EDGES)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment:
    """What was paid of principal and interest on one day, in paise."""

    paid_on: date
    principal_paise: int
    interest_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestCertificate:
    """What was paid in a financial year. `until` is its last day counted; all amounts in paise.

    Money held in advance counts from the due date that it meets; interest kept back from the
    disbursement is paid on its day. While the year has not ended the
    certificate is provisional.
    """

    heads: Heads
    financial_year: FinancialYear
    until: date
    amount_lent_paise: int
    annual_rate_bps: int
    opening_principal_paise: int
    disbursed_in_year_paise: int
    capitalised_in_year_paise: int
    repayments: tuple[Repayment, ...]

    @property
    def is_provisional(self) -> bool:
        """Whether the year has not ended."""
        return self.until < self.financial_year.last_day

    @property
    def principal_paid_paise(self) -> int:
        """The principal paid in the year."""
        return sum(repayment.principal_paise for repayment in self.repayments)

    @property
    def interest_paid_paise(self) -> int:
        """The interest paid in the year."""
        return sum(repayment.interest_paise for repayment in self.repayments)

    @property
    def closing_principal_paise(self) -> int:
        """The principal still owed at the end."""
        added_paise = self.disbursed_in_year_paise + self.capitalised_in_year_paise
        return self.opening_principal_paise + added_paise - self.principal_paid_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeclosureLetter:
    """What closes a loan on a day, for the borrower to pay it or to show it to another lender."""

    heads: Heads
    product: str
    disbursed_on: date
    amount_lent_paise: int
    quote: ForeclosureQuote


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDuesCertificate:
    """That a loan is repaid and nothing is owed on it. Amounts in paise."""

    heads: Heads
    disbursed_on: date
    closed_on: date
    amount_lent_paise: int
    principal_paid_paise: int
    interest_paid_paise: int
    charges_paid_paise: int
    refundable_paise: int


def kept_back(terms: LoanTerms) -> tuple[Repayment, ...]:
    """Return the interest that was paid by being kept back from the disbursement, if any was."""
    paise = upfront_interest_of(terms)
    if paise == 0:
        return ()
    return (Repayment(paid_on=terms.disbursed_on, principal_paise=0, interest_paise=paise),)


def repayments(effects: Iterable[Effect], *, first: date, last: date) -> tuple[Repayment, ...]:
    """Return what met principal and interest from one day to another, a row for each day.

    Interest that is returned was paid before, and is paid no more.
    """
    days: dict[date, tuple[int, int]] = {}
    for effect in effects:
        if isinstance(effect, Allocated) and first <= effect.value_date <= last:
            principal, interest = days.get(effect.value_date, (0, 0))
            returned = effect.source is AllocationSource.INTEREST_BACK
            days[effect.value_date] = (
                principal + effect.principal_paise,
                interest + effect.interest_paise - (effect.principal_paise if returned else 0),
            )
    return tuple(
        Repayment(paid_on=day, principal_paise=principal, interest_paise=interest)
        for day, (principal, interest) in sorted(days.items())
        if principal or interest
    )


def capitalised_between(effects: Iterable[Effect], *, first: date, last: date) -> int:
    """Return the interest that became principal from one day to another, in paise."""
    return sum(
        effect.amount_paise
        for effect in effects
        if isinstance(effect, InterestCapitalised) and first <= effect.on <= last
    )


def principal_owed_before(terms: LoanTerms, effects: Sequence[Effect], day: date) -> int:
    """Return the principal owed when a day began, in paise; nothing of a loan not yet lent."""
    if day <= terms.disbursed_on:
        return 0
    owed_paise = terms.principal_paise
    for effect in effects:
        match effect:
            case Allocated(value_date=on, principal_paise=paise) if on < day:
                owed_paise -= paise
            case InterestCapitalised(on=on, amount_paise=paise) if on < day:
                owed_paise += paise
    return owed_paise
