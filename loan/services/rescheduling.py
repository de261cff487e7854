"""Changing what was agreed: another rate from a date on."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from bright_credit.common.errors import Conflict, InvalidInput, RuleViolated
from loan.domain.comparison import Comparison
from loan.domain.effects import ScheduleReplaced
from loan.domain.events import Keeping, RateChanged
from loan.models import Event, Loan
from loan.selectors.calendar import current_date
from loan.selectors.events import events_of
from loan.selectors.loans import loan_by_public_id
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    Author,
    comparison_of,
    lock_loan_to_replace,
    next_sequence,
    standing_date,
    tell,
    write,
)


class ChangeFromPastDay(InvalidInput):
    """Terms change from today on, or from a later day: never for time that has passed."""

    code = "change_from_past_day"


class OverlappingChange(Conflict):
    """Another change was agreed that begins on this day or later."""

    code = "overlapping_change"


class NotReschedulable(RuleViolated):
    """No schedule can be made of what is left of the loan with this change."""

    code = "not_reschedulable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOrder:
    """Another yearly rate, in basis points; from today on unless a later date is named."""

    loan_id: str
    annual_rate_bps: int
    keeping: Keeping
    from_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """A loan before and after a change of its terms. The event is None in a preview."""

    loan: Loan
    comparison: Comparison
    event: Event | None


def change_rate(order: RateOrder, *, as_of: date, by: Author, preview: bool = False) -> TermsChange:
    """Change the rate of a loan from a date on; the instalments to come follow, the old are kept.

    A preview writes nothing and returns the same comparison. Raises `LoanNotFound`,
    `LoanAlreadyClosed`, `ChangeFromPastDay`, `OverlappingChange`, `NotReschedulable`.
    """
    with transaction.atomic():
        open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
        loan = (loan_by_public_id if preview else lock_loan_to_replace)(order.loan_id)
        event = _event(loan, order, open_date)
        told = tell(loan, event, open_date=open_date)
        if not any(
            isinstance(effect, ScheduleReplaced) and effect.event_key == event.key
            for effect in told.step.effects
        ):
            raise NotReschedulable(
                "No schedule can be made of what is left of the loan with this change.",
                field="interest_rate",
            )
        comparison = comparison_of(told)
        written = None if preview else write(told, by=by, booked_on=open_date)
        return TermsChange(loan=loan, comparison=comparison, event=written)


def _event(loan: Loan, order: RateOrder, open_date: date) -> RateChanged:
    if order.from_date is not None and order.from_date < open_date:
        raise ChangeFromPastDay(f"Must not be earlier than {open_date}, today.", field="from_date")
    on = standing_date(loan, open_date)
    from_date = max(order.from_date or on, on)
    latest = max(
        (told.from_date for told in events_of(loan) if isinstance(told, RateChanged)), default=None
    )
    if latest is not None and latest >= from_date:
        raise OverlappingChange(
            f"A change of the rate from {latest} is agreed already.", field="from_date"
        )
    sequence = next_sequence(loan)
    return RateChanged(
        key=f"RATE-{sequence}",
        value_date=on,
        sequence=sequence,
        annual_rate_bps=order.annual_rate_bps,
        from_date=from_date,
        keeping=order.keeping,
    )
