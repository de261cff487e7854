"""What gives a loan back in its cooling-off period."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from bright_credit.common.errors import RuleViolated
from loan.domain.cancellation import (
    CancellationQuote,
    KeptBack,
    cancellation_quote,
    may_be_cancelled,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.servicing import LoanClosedRefusesPayment, replay
from loan.models import Loan, LoanProduct
from loan.selectors.events import events_of
from loan.selectors.loans import first_schedule_of, terms_of


class CoolingOffOver(RuleViolated):
    """The days to give the loan back are over, or something of it fell due or became principal."""

    code = "cooling_off_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedCancellation:
    """A quote with its loan. It is valid through the day that it is for."""

    loan: Loan
    quote: CancellationQuote


def cooling_off_days(priced: Loan | LoanProduct) -> int:
    """Return how many days from its disbursement a loan may be given back in."""
    return settings.COOLING_OFF_DAYS if priced.cooling_off_days is None else priced.cooling_off_days


def cooling_off_ends(loan: Loan) -> date:
    """Return the last day on which a loan may be given back."""
    return loan.disbursed_on + timedelta(days=cooling_off_days(loan))


def kept_back_of(loan: Loan) -> KeptBack:
    """Return what the disbursement cost, and is returned to who gives the loan back."""
    returns_fee = loan.cooling_off_returns_fee
    return KeptBack(
        fee_paise=loan.processing_fee_paise + loan.fee_gst_paise if returns_fee else 0,
        gst_paise=loan.fee_gst_paise if returns_fee else 0,
        interest_paise=loan.upfront_interest_paise,
    )


def quoted_cancellation(loan: Loan, *, on: date) -> QuotedCancellation:
    """Return what gives a loan back on a day, if nothing else happens. Two statements of SQL.

    Raises `CoolingOffOver`, `LoanClosedRefusesPayment`.
    """
    last_day = cooling_off_ends(loan)
    terms = terms_of(loan)
    told = replay(terms, events_of(loan), on, schedule=first_schedule_of(loan), day_ended=False)
    if told.position.status is LoanStatus.CLOSED:
        raise LoanClosedRefusesPayment("The loan is closed: nothing is owed on it.")
    if on > last_day or not may_be_cancelled(told.position):
        raise CoolingOffOver(
            f"The loan could be given back until {last_day}, while nothing had fallen due.",
            field="on",
        )
    return QuotedCancellation(
        loan=loan,
        quote=cancellation_quote(
            terms,
            told.in_force,
            told.position,
            kept_back=kept_back_of(loan).less_waived(told.effects),
            last_day=last_day,
        ),
    )
