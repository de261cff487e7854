"""Income that was booked and not received: what is held in suspense while a loan is non-performing.

RBI: interest of a non-performing asset is income when it is received, and what was taken to income
before and not received is reversed, fees and penal charges alike. The claim on the borrower is not
touched by that. So the suspense of a loan is a level, not a flow: what is unpaid of all income that
was booked, as long as the borrower is non-performing, and nothing else. Whatever moves the unpaid
amounts moves the suspense by as much, and an upgrade releases it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loan.domain.lifecycle import LoanStatus
from loan.domain.position import (
    Position,
    billed_claims,
    income_unpaid_paise,
    penal_unpaid_paise,
)
from loan.domain.schedule import InstalmentPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspense:
    """Income held in suspense, in paise, by the kind of income; charges are without their GST.

    `fees_paise` is the processing fee, which is none of the charges here.
    """

    interest_paise: int = 0
    charges_paise: int = 0
    penal_paise: int = 0
    fees_paise: int = 0

    @property
    def total_paise(self) -> int:
        """Return all kinds together."""
        return self.interest_paise + self.charges_paise + self.penal_paise + self.fees_paise


NO_SUSPENSE = Suspense()


def unrealised(position: Position, schedule: Sequence[InstalmentPlan]) -> Suspense:
    """Return the income of a loan that was booked and is unpaid.

    GST is the state's whoever pays it, and what was refunded too much is money, not income.
    """
    if position.status is not LoanStatus.ACTIVE:
        return NO_SUSPENSE
    return Suspense(
        interest_paise=sum(claim.interest_paise for claim in billed_claims(position, schedule)),
        charges_paise=income_unpaid_paise(position, of_fee=False),
        penal_paise=penal_unpaid_paise(position),
        fees_paise=income_unpaid_paise(position, of_fee=True),
    )
