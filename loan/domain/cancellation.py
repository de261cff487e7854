"""Giving a loan back in its cooling-off period: the principal and the interest of the days.

RBI (Digital Lending) Directions, 8 May 2025: within a period of at least one day, the borrower may
leave the loan by paying the principal and the proportionate cost, without penalty; a one-time
processing fee may be kept where the Key Facts Statement says so. Here the cost is the interest of
the days the borrower had the money, at the loan's rate; the fee is kept or returned, by product,
whether it was deducted from the payout or is paid apart (what is unpaid of one that is kept is
still owed, and one that is returned meets principal, as far as it was not waived);
interest that was kept back at the disbursement is returned, because that of the days is paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from bright_credit.common.money import round_to_paisa
from loan.domain.amortization import InstalmentPlan
from loan.domain.day_counts import DayCount
from loan.domain.effects import Allocated, Effect
from loan.domain.events import Cancelling
from loan.domain.in_force import InForce
from loan.domain.interest import InterestBasis, Period, interest_of
from loan.domain.position import Position, charges_unpaid_paise, penal_unpaid_paise
from loan.domain.terms import LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """What a disbursement cost and is returned when the loan is given back, in paise.

    The fee has its GST in it; it was kept back from the payout, or is a charge of the loan.
    """

    fee_paise: int = 0
    gst_paise: int = 0
    interest_paise: int = 0

    def less_waived(self, effects: Iterable[Effect]) -> Self:
        """Return the same less what was waived of the fee: the borrower never has to pay that."""
        waived = [one for one in effects if isinstance(one, Allocated) and one.waives_fee]
        if self.fee_paise == 0 or not waived:
            return self
        return replace(
            self,
            fee_paise=self.fee_paise - sum(one.charge_paise for one in waived),
            gst_paise=self.gst_paise - sum(one.gst_paise for one in waived),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationQuote:
    """What gives a loan back on a day, paid exactly. In paise. `last_day` ends the period."""

    on: date
    last_day: date
    principal_paise: int
    charges_paise: int
    advance_paise: int
    excess_paise: int
    cancelling: Cancelling

    @property
    def returned_paise(self) -> int:
        """Return what the disbursement cost and is returned: it is taken off."""
        return self.cancelling.returned_fee_paise + self.cancelling.returned_interest_paise

    @property
    def held_paise(self) -> int:
        """Return the money held already."""
        return self.advance_paise + self.excess_paise

    @property
    def amount_paise(self) -> int:
        """Return what has to be paid on the day."""
        owed_paise = self.principal_paise + self.cancelling.interest_paise + self.charges_paise
        return max(0, owed_paise - self.returned_paise - self.held_paise)


def cancellation_quote(
    terms: LoanTerms,
    in_force: InForce,
    position: Position,
    *,
    kept_back: KeptBack,
    last_day: date,
) -> CancellationQuote:
    """Return what gives a loan back on the day it stands at, nothing of it being billed."""
    return CancellationQuote(
        on=position.as_of,
        last_day=last_day,
        principal_paise=terms.principal_paise,
        charges_paise=charges_unpaid_paise(position) + penal_unpaid_paise(position),
        advance_paise=position.advance_paise,
        excess_paise=position.excess_paise,
        cancelling=Cancelling(
            interest_paise=_interest_paise(terms, in_force, position.as_of),
            returned_fee_paise=kept_back.fee_paise,
            returned_gst_paise=kept_back.gst_paise,
            returned_interest_paise=kept_back.interest_paise,
        ),
    )


def may_be_cancelled(position: Position) -> bool:
    """Return whether the loan is still as it was paid out: nothing billed, nothing capitalised."""
    return position.billed_through == 0 and position.capitalised_paise == 0


def cancelling_instalment(terms: LoanTerms, cancelling: Cancelling, *, on: date) -> InstalmentPlan:
    """Return the one instalment that gives the loan back, in the place of all."""
    return InstalmentPlan(
        number=1,
        due_date=on,
        opening_principal_paise=terms.principal_paise,
        principal_paise=terms.principal_paise,
        interest_paise=cancelling.interest_paise,
    )


def _interest_paise(terms: LoanTerms, in_force: InForce, on: date) -> int:
    """Return the interest of the days since disbursement: actual/365 where periods are equal."""
    equal = terms.day_count is DayCount.EQUAL_PERIODS
    return round_to_paisa(
        interest_of(
            terms.principal_paise,
            rates=in_force.rates,
            period=Period(start=terms.disbursed_on, end=on),
            basis=InterestBasis(day_count=DayCount.ACTUAL_365 if equal else terms.day_count),
        )
    )
