"""What a loan was agreed to be: amount, rate, length, dates, roundings. Fixed at disbursement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from bright_credit.common import money
from bright_credit.common.business_day import clamp_day
from bright_credit.common.errors import InvalidInput
from loan.domain.allocation import OLDEST_INSTALMENT_FIRST, Waterfall
from loan.domain.day_counts import DayCount
from loan.domain.frequency import EarlierAnchor, Frequency
from loan.domain.interest import InterestBasis
from loan.domain.penal import PenalSlab

MAX_TENURE_MONTHS = 600
MAX_INSTALMENTS = 2_600  # the weeks of that many months
MAX_ANNUAL_RATE_BPS = 100_000
MAX_PENAL_GRACE_DAYS = 365
MAX_PENAL_RATE_BPS = 3_600
MAX_PENAL_SLABS = 12
MAX_PENAL_SLAB_DAYS = 3_650


class InvalidTerms(InvalidInput):
    """The terms of the loan break a rule, or no schedule can be made of them."""

    code = "invalid_terms"


class InterestMethod(StrEnum):
    """How interest is reckoned over the life of the loan, with rests on the due dates."""

    REDUCING_BALANCE = "REDUCING_BALANCE"  # equal instalments, interest on what is still owed
    FLAT = "FLAT"  # equal instalments, interest on the amount lent throughout
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"  # equal principal, interest on what is still owed
    INTEREST_ONLY = "INTEREST_ONLY"  # interest every period, the principal with the last instalment


class InstalmentRounding(StrEnum):
    """How the part that is equal in every row is rounded: the instalment, or the principal."""

    PAISA = "PAISA"
    RUPEE = "RUPEE"
    RUPEE_UP = "RUPEE_UP"

    def rounded(self, paise: Fraction) -> int:
        """Return an exact number of paise, rounded as this choice says."""
        return _INSTALMENT_ROUNDINGS[self](paise)

    @property
    def short_by_at_most_paise(self) -> Fraction:
        """Return the most that the rounded value may lack of the exact one."""
        return _SHORT_BY[self.value]


class SplitRounding(StrEnum):
    """How the interest component of each row is rounded; the principal is the rest of the row."""

    PAISA = "PAISA"
    RUPEE = "RUPEE"

    def rounded(self, paise: Fraction) -> int:
        """Return an exact number of paise, rounded as this choice says."""
        return _SPLIT_ROUNDINGS[self](paise)

    @property
    def short_by_at_most_paise(self) -> Fraction:
        """Return the most that the rounded value may lack of the exact one, or exceed it by."""
        return _SHORT_BY[self.value]


class BrokenPeriodInterest(StrEnum):
    """What becomes of the interest of the days before the first whole period begins.

    With either of the two that charge it, and with every day count of actual or thirty days,
    interest runs from the disbursement at the earliest (RBI, Fair Practices Code, 29 April 2024),
    so that a first period shorter than the others bears less.
    """

    NONE = (
        "NONE"  # not charged; with equal periods the first one counts as whole, whatever its days
    )
    UPFRONT = "UPFRONT"  # kept back from the disbursement
    WITH_FIRST_INSTALMENT = "WITH_FIRST_INSTALMENT"  # collected on top of the first instalment


class MoratoriumInterest(StrEnum):
    """What becomes of the interest of the periods in which nothing at all is paid.

    It is simple interest on the amount lent, rounded once for the whole moratorium.
    """

    WITH_FIRST_INSTALMENT = "WITH_FIRST_INSTALMENT"  # collected on top of the first instalment
    WITH_LAST_INSTALMENT = "WITH_LAST_INSTALMENT"  # collected on top of the last instalment
    CAPITALISED = "CAPITALISED"  # becomes principal when the moratorium ends


class FeeCollection(StrEnum):
    """How the processing fee, with its GST, comes to the lender. It is due at the disbursement."""

    NETTED = "NETTED"  # deducted from the payout
    PAID = "PAID"  # the payout is whole: the fee is a charge of the loan, which the borrower pays


@dataclass(frozen=True, slots=True, kw_only=True)
class Moratorium:
    """In how many first periods no principal is repaid, in how many of them nothing at all."""

    principal_periods: int = 0
    interest_periods: int = 0
    interest: MoratoriumInterest = MoratoriumInterest.WITH_FIRST_INSTALMENT


NO_MORATORIUM = Moratorium()


_INSTALMENT_ROUNDINGS: Mapping[InstalmentRounding, Callable[[Fraction], int]] = {
    InstalmentRounding.PAISA: money.round_to_paisa,
    InstalmentRounding.RUPEE: money.round_to_rupee,
    InstalmentRounding.RUPEE_UP: money.round_up_to_rupee,
}
_SPLIT_ROUNDINGS: Mapping[SplitRounding, Callable[[Fraction], int]] = {
    SplitRounding.PAISA: money.round_to_paisa,
    SplitRounding.RUPEE: money.round_to_rupee,
}


_SHORT_BY: Mapping[str, Fraction] = {
    "PAISA": Fraction(1, 2),
    "RUPEE": Fraction(money.PAISE_PER_RUPEE, 2),
    "RUPEE_UP": Fraction(0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How a loan is reckoned, from its first day to its last."""

    interest_method: InterestMethod
    instalment_rounding: InstalmentRounding
    split_rounding: SplitRounding
    frequency: Frequency = Frequency.MONTHLY
    day_count: DayCount = DayCount.EQUAL_PERIODS
    anchor_day: int | None = None
    earlier_anchors: tuple[EarlierAnchor, ...] = ()

    @property
    def basis(self) -> InterestBasis:
        """Return what turns a period of the loan into a part of a year."""
        return InterestBasis(
            day_count=self.day_count,
            frequency=self.frequency,
            anchor_day=self.anchor_day,
            earlier_anchors=self.earlier_anchors,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """The terms of one disbursed loan.

    `due_day` is the agreed day of the month (1 to 31) of loans repaid by months. In a month that is
    too short the due date is the month's last day, and the agreed day comes back afterwards. Loans
    repaid by weeks have none. `penal_charge_paise` is a flat sum for each instalment still unpaid
    at the end of `penal_grace_days` after its due date (RBI, 18 August 2023: a charge, never added
    to the rate nor to any base of interest); zero means none. In its place there may be a
    `penal_rate_bps` or `penal_slabs`: see `loan.domain.penal`. `bounce_charge_paise` is levied for
    each payment that bounces, with GST on top of it.
    `foreclosure_charge_bps` is what closing the loan early costs, of the principal not due by then.

    The tenure counts every period from the first whole one on, moratorium included. In the first
    `interest_moratorium_periods` nothing is due, so no instalment stands for them: `first_due_date`
    is the first date on which anything is. In the first `principal_moratorium_periods`, those
    among them, no principal is repaid. An interest-only loan whose interest moratorium leaves one
    period is a bullet: everything is due at its end.

    Raises `InvalidTerms`, naming the field.
    """

    principal_paise: int
    annual_rate_bps: int
    tenure_months: int
    interest_method: InterestMethod
    instalment_rounding: InstalmentRounding
    split_rounding: SplitRounding
    disbursed_on: date
    first_due_date: date
    due_day: int | None
    frequency: Frequency = Frequency.MONTHLY
    day_count: DayCount = DayCount.EQUAL_PERIODS
    broken_period_interest: BrokenPeriodInterest = BrokenPeriodInterest.NONE
    principal_moratorium_periods: int = 0
    interest_moratorium_periods: int = 0
    moratorium_interest: MoratoriumInterest = MoratoriumInterest.WITH_FIRST_INSTALMENT
    penal_grace_days: int = 3
    penal_charge_paise: int = 0
    penal_rate_bps: int = 0
    penal_slabs: tuple[PenalSlab, ...] = ()
    bounce_charge_paise: int = 0
    foreclosure_charge_bps: int = 0
    waterfall: Waterfall = OLDEST_INSTALMENT_FIRST
    npa_waterfall: Waterfall | None = None

    def __post_init__(self) -> None:
        _require_within("principal_paise", self.principal_paise, low=1, high=money.MAX_AMOUNT_PAISE)
        _require_within("annual_rate_bps", self.annual_rate_bps, low=0, high=MAX_ANNUAL_RATE_BPS)
        _require_within("tenure_months", self.tenure_months, low=1, high=MAX_TENURE_MONTHS)
        _require_within("penal_grace_days", self.penal_grace_days, low=0, high=MAX_PENAL_GRACE_DAYS)
        _require_within(
            "penal_charge_paise", self.penal_charge_paise, low=0, high=money.MAX_AMOUNT_PAISE
        )
        _require_within(
            "bounce_charge_paise", self.bounce_charge_paise, low=0, high=money.MAX_AMOUNT_PAISE
        )
        _require_penal(self)
        _require_due_day(self)
        _require_moratorium(self)
        _require_first_due_date(self)

    @property
    def conventions(self) -> Conventions:
        """Return how the loan is reckoned, which no event changes but the anchor day."""
        return Conventions(
            interest_method=self.interest_method,
            instalment_rounding=self.instalment_rounding,
            split_rounding=self.split_rounding,
            frequency=self.frequency,
            day_count=self.day_count,
            anchor_day=self.due_day,
        )

    def waterfall_for(self, *, npa: bool) -> Waterfall:
        """Return the order of allocation, by whether the loan is 90 days past due.

        Then it has the order agreed for that, until its arrears are paid.
        """
        return self.npa_waterfall or self.waterfall if npa else self.waterfall

    @property
    def penal_by_rule(self) -> bool:
        """Return whether penal charges are by rate or by slab: an instalment may draw several."""
        return self.penal_rate_bps > 0 or bool(self.penal_slabs)

    @property
    def instalment_count(self) -> int:
        """Return how many instalments the loan is agreed to have: the rows of its schedule."""
        return self.frequency.periods_in(self.tenure_months) - self.interest_moratorium_periods


def _require_within(field: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidTerms(f"must be from {low} to {high}", field=field)


def _require_penal(terms: LoanTerms) -> None:
    _require_within("penal_rate_bps", terms.penal_rate_bps, low=0, high=MAX_PENAL_RATE_BPS)
    rules = [terms.penal_charge_paise > 0, terms.penal_rate_bps > 0, bool(terms.penal_slabs)]
    if sum(rules) > 1:
        raise InvalidTerms("a loan has one rule of penal charges", field="penal_slabs")
    if len(terms.penal_slabs) > MAX_PENAL_SLABS:
        raise InvalidTerms(f"must be at most {MAX_PENAL_SLABS}", field="penal_slabs")
    last = -1
    for slab in terms.penal_slabs:
        if not last < slab.after_days <= MAX_PENAL_SLAB_DAYS:
            raise InvalidTerms("must be days past due that grow", field="penal_slabs")
        if not 0 < slab.amount_paise <= money.MAX_AMOUNT_PAISE:
            raise InvalidTerms("must be sums of more than zero", field="penal_slabs")
        last = slab.after_days


def _require_due_day(terms: LoanTerms) -> None:
    if not terms.frequency.divides(terms.tenure_months):
        raise InvalidTerms(
            f"must be whole periods of {terms.frequency.months} months", field="tenure_months"
        )
    if not terms.frequency.has_due_day:
        if terms.due_day is not None:
            raise InvalidTerms("a loan repaid by weeks has no day of the month", field="due_day")
    elif terms.due_day is None:
        raise InvalidTerms("a loan repaid by months needs a day of the month", field="due_day")
    else:
        _require_within("due_day", terms.due_day, low=1, high=31)


def _require_moratorium(terms: LoanTerms) -> None:
    _require_within(
        "principal_moratorium_periods",
        terms.principal_moratorium_periods,
        low=0,
        high=terms.frequency.periods_in(terms.tenure_months) - 1,
    )
    if not 0 <= terms.interest_moratorium_periods <= terms.principal_moratorium_periods:
        raise InvalidTerms(
            "must not be negative, nor last longer than the principal moratorium",
            field="interest_moratorium_periods",
        )
    capitalised = terms.moratorium_interest is MoratoriumInterest.CAPITALISED
    if capitalised and not terms.interest_moratorium_periods:
        raise InvalidTerms(
            "there is nothing to capitalise without an interest moratorium",
            field="moratorium_interest",
        )
    if capitalised and terms.interest_method is InterestMethod.FLAT:
        raise InvalidTerms(
            "flat interest is on the amount lent, and is not capitalised",
            field="moratorium_interest",
        )


def _require_first_due_date(terms: LoanTerms) -> None:
    first = terms.first_due_date
    first_period_ends = terms.frequency.shifted(
        first, -terms.interest_moratorium_periods, anchor_day=terms.due_day
    )
    if first_period_ends <= terms.disbursed_on:
        raise InvalidTerms(
            "must be later than the disbursement, by the whole of an interest moratorium",
            field="first_due_date",
        )
    if terms.due_day is not None and first != clamp_day(first.year, first.month, terms.due_day):
        raise InvalidTerms("must fall on the agreed due day", field="first_due_date")
