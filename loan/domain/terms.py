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

MAX_TENURE_MONTHS = 600
MAX_ANNUAL_RATE_BPS = 100_000
MAX_PENAL_GRACE_DAYS = 365


class InvalidTerms(InvalidInput):
    """The terms of the loan break a rule, or no schedule can be made of them."""

    code = "invalid_terms"


class InterestMethod(StrEnum):
    """How interest is reckoned over the life of the loan, always with monthly rests."""

    REDUCING_BALANCE = "REDUCING_BALANCE"  # equal instalments, interest on what is still owed
    FLAT = "FLAT"  # equal instalments, interest on the amount lent throughout
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"  # equal principal, interest on what is still owed
    INTEREST_ONLY = "INTEREST_ONLY"  # interest every month, the principal with the last instalment


class InstalmentRounding(StrEnum):
    """How the part that is equal in every row is rounded: the instalment, or the principal."""

    PAISA = "PAISA"
    RUPEE = "RUPEE"
    RUPEE_UP = "RUPEE_UP"

    def rounded(self, paise: Fraction) -> int:
        """Return an exact number of paise, rounded as this choice says."""
        return _INSTALMENT_ROUNDINGS[self](paise)


class SplitRounding(StrEnum):
    """How the interest component of each row is rounded; the principal is the rest of the row."""

    PAISA = "PAISA"
    RUPEE = "RUPEE"

    def rounded(self, paise: Fraction) -> int:
        """Return an exact number of paise, rounded as this choice says."""
        return _SPLIT_ROUNDINGS[self](paise)


_INSTALMENT_ROUNDINGS: Mapping[InstalmentRounding, Callable[[Fraction], int]] = {
    InstalmentRounding.PAISA: money.round_to_paisa,
    InstalmentRounding.RUPEE: money.round_to_rupee,
    InstalmentRounding.RUPEE_UP: money.round_up_to_rupee,
}
_SPLIT_ROUNDINGS: Mapping[SplitRounding, Callable[[Fraction], int]] = {
    SplitRounding.PAISA: money.round_to_paisa,
    SplitRounding.RUPEE: money.round_to_rupee,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """The terms of one disbursed loan.

    `due_day` is the agreed day of the month (1 to 31). In a month that is too short the due date is
    the month's last day, and the agreed day comes back afterwards. `penal_charge_paise` is a flat
    sum for each instalment still unpaid at the end of `penal_grace_days` after its due date (RBI,
    18 August 2023: a charge, never added to the rate nor to any base of interest); zero means none.

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
    due_day: int
    penal_grace_days: int = 3
    penal_charge_paise: int = 0
    waterfall: Waterfall = OLDEST_INSTALMENT_FIRST

    def __post_init__(self) -> None:
        _require_within("principal_paise", self.principal_paise, low=1, high=money.MAX_AMOUNT_PAISE)
        _require_within("annual_rate_bps", self.annual_rate_bps, low=0, high=MAX_ANNUAL_RATE_BPS)
        _require_within("tenure_months", self.tenure_months, low=1, high=MAX_TENURE_MONTHS)
        _require_within("due_day", self.due_day, low=1, high=31)
        _require_within("penal_grace_days", self.penal_grace_days, low=0, high=MAX_PENAL_GRACE_DAYS)
        _require_within(
            "penal_charge_paise", self.penal_charge_paise, low=0, high=money.MAX_AMOUNT_PAISE
        )
        first = self.first_due_date
        if first <= self.disbursed_on:
            raise InvalidTerms("must be later than the disbursement", field="first_due_date")
        if first != clamp_day(first.year, first.month, self.due_day):
            raise InvalidTerms("must fall on the agreed due day", field="first_due_date")


def _require_within(field: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        raise InvalidTerms(f"must be from {low} to {high}", field=field)
