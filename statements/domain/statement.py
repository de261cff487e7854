"""A loan's statement as of a day: what was asked, what was paid, what is left. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from loan.domain.asset_class import AssetClass, state_on
from loan.domain.delinquency import Bucket, bucket, days_past_due
from loan.domain.lifecycle import LoanStatus
from loan.domain.position import (
    Position,
    due_unpaid,
    oldest_unpaid_due_date,
    overdue_unpaid,
    principal_outstanding_paise,
)
from loan.domain.schedule import InstalmentPlan, upfront_interest_of
from loan.domain.terms import LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The loan's figures on the day. Amounts in paise; `outstanding_paise` is of the principal.

    What was capitalised is principal, and `holiday_interest_paise` becomes it when a holiday ends;
    what was kept back upfront is in no instalment.
    """

    principal_paise: int
    principal_paid_paise: int
    interest_paid_paise: int
    outstanding_paise: int
    capitalised_paise: int
    holiday_interest_paise: int
    upfront_interest_paise: int
    charges_paid_paise: int
    penal_paid_paise: int
    advance_paise: int
    excess_paise: int
    due_paise: int
    overdue_paise: int
    days_past_due: int
    bucket: Bucket
    asset_class: AssetClass
    npa_since: date | None
    status: str


def summary(
    terms: LoanTerms,
    schedule: Sequence[InstalmentPlan],
    position: Position,
    *,
    as_of: date,
    day_ended: bool,
    borrower_npa_since: date | None = None,
    marked: AssetClass | None = None,
) -> Summary:
    """Return the figures of a position. What fell due on a day that has ended is overdue.

    `borrower_npa_since` is since when the borrower was non-performing, by all loans; a loan that is
    90 days past due itself makes its borrower so. `marked` is what a person had it marked as.
    """
    closed = position.status is LoanStatus.CLOSED
    npa_since = None if closed else borrower_npa_since or position.npa_since
    oldest = oldest_unpaid_due_date(position, schedule)
    due = due_unpaid(position, schedule, as_of)
    return Summary(
        principal_paise=terms.principal_paise,
        principal_paid_paise=position.principal_paid_paise,
        interest_paid_paise=position.interest_paid_paise,
        outstanding_paise=principal_outstanding_paise(terms, position),
        capitalised_paise=position.capitalised_paise,
        holiday_interest_paise=position.holiday_interest_paise,
        upfront_interest_paise=upfront_interest_of(terms),
        charges_paid_paise=position.charges_paid_paise,
        penal_paid_paise=position.penal_paid_paise,
        advance_paise=position.advance_paise,
        excess_paise=position.excess_paise,
        due_paise=due,
        overdue_paise=due if day_ended else overdue_unpaid(position, schedule, as_of),
        days_past_due=days_past_due(oldest, as_of),
        bucket=bucket(oldest, as_of, day_ended=day_ended, npa_since=npa_since),
        asset_class=state_on(npa_since, as_of, day_ended=day_ended, marked=marked),
        npa_since=npa_since,
        status=position.status.value,
    )
