"""What is agreed for the rest of a loan: its terms, as far as events have changed them."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from loan.domain.interest import RateChange, Rates
from loan.domain.terms import Conventions, LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rates over time, the agreed day of the month, and what flat interest is reckoned on.

    Only a fold from the disbursement on knows them: a position does not keep them.
    """

    rates: Rates
    anchor_day: int | None
    flat_base_paise: int

    @classmethod
    def agreed(cls, terms: LoanTerms) -> Self:
        """Return what the terms say, before any event."""
        return cls(
            rates=Rates(annual_rate_bps=terms.annual_rate_bps),
            anchor_day=terms.due_day,
            flat_base_paise=terms.principal_paise,
        )

    def with_rate(self, annual_rate_bps: int, *, from_date: date) -> Self:
        """Return the same with another rate from a date on, in the place of any later change."""
        earlier = (change for change in self.rates.changes if change.from_date < from_date)
        change = RateChange(from_date=from_date, annual_rate_bps=annual_rate_bps)
        return replace(self, rates=replace(self.rates, changes=(*earlier, change)))

    def conventions(self, terms: LoanTerms) -> Conventions:
        """Return how the rest of the loan is reckoned."""
        return replace(terms.conventions, anchor_day=self.anchor_day)
