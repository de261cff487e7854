"""What closes a loan on a day."""

from dataclasses import dataclass
from datetime import date, timedelta

from bright_credit.common.errors import InvalidInput, RuleViolated
from loan.domain.early_repayment import ClosingRates, ForeclosureQuote, foreclosure_quote
from loan.domain.lifecycle import LoanStatus
from loan.domain.running_period import is_in_moratorium
from loan.domain.servicing import LoanClosedRefusesPayment, LoanEvent, replay
from loan.models import Loan
from loan.selectors.events import events_of
from loan.selectors.loans import first_schedule_of, terms_of

#: How many days ahead a quote is given: until about the next due date nothing else happens.
QUOTE_DAYS = 31


class QuoteForPastDay(InvalidInput):
    """A quote says what closes the loan from now on, not what would have closed it."""

    code = "quote_for_past_day"


class NotInMoratorium(RuleViolated):
    """While the interest of a moratorium runs, the loan is not repaid early."""

    code = "not_in_moratorium"


class QuoteTooFarAhead(InvalidInput):
    """The day lies further ahead than quotes are given for."""

    code = "quote_too_far_ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote with its loan. It is valid through the day that it is for, and no longer."""

    loan: Loan
    quote: ForeclosureQuote

    @property
    def valid_until(self) -> date:
        """Return the last day on which the amount closes the loan."""
        return self.quote.on


def require_quotable(on: date, *, open_date: date) -> None:
    """Raise `QuoteForPastDay` or `QuoteTooFarAhead` for a day that no quote is given for."""
    if on < open_date:
        raise QuoteForPastDay(f"Must not be earlier than {open_date}, today.", field="on")
    last = open_date + timedelta(days=QUOTE_DAYS)
    if on > last:
        raise QuoteTooFarAhead(
            f"Must not be later than {last}: quotes are given {QUOTE_DAYS} days ahead.", field="on"
        )


def quoted(loan: Loan, *, on: date, events: list[LoanEvent] | None = None) -> Quoted:
    """Return what closes a loan on a day, if nothing else happens to it. Three statements of SQL.

    The day is not before the one that the loan stands at. Raises
    `LoanClosedRefusesPayment`, `NotInMoratorium`.
    """
    terms = terms_of(loan)
    if is_in_moratorium(terms, on):
        raise NotInMoratorium("The loan is in its moratorium on that day.", field="on")
    told = replay(
        terms,
        events_of(loan) if events is None else events,
        on,
        schedule=first_schedule_of(loan),
        day_ended=False,
    )
    if told.position.status is LoanStatus.CLOSED:
        raise LoanClosedRefusesPayment("The loan is closed: nothing is owed on it.")
    rates = ClosingRates(charge_bps=terms.foreclosure_charge_bps, gst_bps=loan.product.fee_gst_bps)
    return Quoted(
        loan=loan,
        quote=foreclosure_quote(terms, told.in_force, told.schedule, told.position, rates=rates),
    )
