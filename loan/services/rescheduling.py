"""Changing what was agreed, from a date on: the rate, or the instalments to come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from bright_credit.common.errors import InvalidInput, RuleViolated
from loan.domain.comparison import Comparison
from loan.domain.effects import ScheduleReplaced
from loan.domain.events import (
    ChangeOfTerms,
    Holiday,
    HolidayInterest,
    Keeping,
    RateChanged,
    Rescheduled,
)
from loan.domain.servicing import oldest_unpaid_due_date
from loan.domain.terms import InterestMethod
from loan.models import Event, Loan
from loan.selectors.calendar import current_date
from loan.selectors.events import reschedule_key
from loan.selectors.loans import loan_by_public_id
from loan.selectors.telling import Retelling
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    Author,
    Telling,
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


class NotCapitalisable(RuleViolated):
    """Flat interest is on the amount lent: it is never added to the principal."""

    code = "not_capitalisable"


class CapitalisingInDefault(RuleViolated):
    """The loan is overdue, non-performing or to be restructured: interest is collected later."""

    # Its interest is income only when it is received (RBI, Master Circular on Income Recognition
    # and Asset Classification); adding it to the principal would book it before.
    code = "capitalising_in_default"


class NotReschedulable(RuleViolated):
    """No schedule can be made of what is left of the loan with this change."""

    code = "not_reschedulable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOrder:
    """Another yearly rate, in basis points; from today on unless a later date is named.

    `restructures` says that the borrower is in financial difficulty.
    """

    loan_id: str
    annual_rate_bps: int
    keeping: Keeping
    from_date: date | None = None
    restructures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """A loan before and after a change of its terms. The event is None in a preview."""

    loan: Loan
    comparison: Comparison
    event: Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RescheduleOrder:
    """Other instalments; from the first one on that falls due today, or on a later date named.

    `restructures` says that the borrower is in financial difficulty.
    """

    loan_id: str
    change: ChangeOfTerms
    from_date: date | None = None
    restructures: bool = False


def change_rate(order: RateOrder, *, as_of: date, by: Author, preview: bool = False) -> TermsChange:
    """Change the rate of a loan from a date on; the instalments to come follow, the old are kept.

    A preview writes nothing and returns the same comparison. Raises `LoanNotFound`,
    `LoanAlreadyClosed`, `ChangeFromPastDay`, `OverlappingChange`, `NotReschedulable`.
    """

    def agreed(own: _Own) -> RateChanged:
        return RateChanged(
            key=f"RATE-{own.sequence}",
            value_date=own.value_date,
            sequence=own.sequence,
            annual_rate_bps=order.annual_rate_bps,
            from_date=own.from_date,
            keeping=order.keeping,
            restructures=order.restructures,
        )

    wished = _Wished(order.loan_id, order.from_date, field="interest_rate")
    return _change(wished, agreed, as_of=as_of, by=by, preview=preview)


def reschedule(
    order: RescheduleOrder, *, as_of: date, by: Author, preview: bool = False
) -> TermsChange:
    """Change the due day of a loan, skip instalments, or have more or fewer of them.

    The schedule that was in force is kept beside the new one. A preview writes nothing and returns
    the same comparison. Raises `LoanNotFound`, `LoanAlreadyClosed`, `ChangeFromPastDay`,
    `OverlappingChange`, `NotReschedulable`, `InvalidEvent`, and of a holiday whose interest would
    become principal `NotCapitalisable`, `CapitalisingInDefault`.
    """

    def agreed(own: _Own) -> Rescheduled:
        return Rescheduled(
            key=reschedule_key(own.sequence),
            value_date=own.value_date,
            sequence=own.sequence,
            change=order.change,
            from_date=own.from_date,
            restructures=order.restructures,
        )

    wished = _Wished(order.loan_id, order.from_date, field="change")
    return _change(wished, agreed, as_of=as_of, by=by, preview=preview)


@dataclass(frozen=True, slots=True)
class _Wished:
    """What every change of terms says: of which loan, from when; `field` is where it is refused."""

    loan_id: str
    from_date: date | None
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """What an event is given by the loan that it is agreed for."""

    sequence: int
    value_date: date
    from_date: date


def _change(
    wished: _Wished,
    agreed: Callable[[_Own], RateChanged | Rescheduled],
    *,
    as_of: date,
    by: Author,
    preview: bool,
) -> TermsChange:
    with transaction.atomic():
        open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
        loan = (loan_by_public_id if preview else lock_loan_to_replace)(wished.loan_id)
        event = agreed(_own(loan, wished.from_date, open_date))
        told = tell(loan, event, open_date=open_date)
        if isinstance(event, Rescheduled) and _capitalises(event):
            _require_capitalisable(told, event)
        if not any(
            isinstance(effect, ScheduleReplaced) and effect.event_key == event.key
            for effect in told.step.effects
        ):
            raise NotReschedulable(
                "No schedule can be made of what is left of the loan with this change.",
                field=wished.field,
            )
        comparison = comparison_of(told)
        written = None if preview else write(told, by=by, booked_on=open_date)
        return TermsChange(loan=loan, comparison=comparison, event=written)


def _capitalises(event: Rescheduled) -> bool:
    holiday = event.change
    return isinstance(holiday, Holiday) and holiday.interest is HolidayInterest.CAPITALISED


def _require_capitalisable(told: Telling, event: Rescheduled) -> None:
    """Refuse to add interest to the principal of a loan where that is none, or no income yet."""
    loan, state = told.state.loan, told.state
    if state.terms.interest_method is InterestMethod.FLAT:
        raise NotCapitalisable(
            "Flat interest is on the amount lent, and is not added to the principal.",
            field="interest",
        )
    if event.restructures:
        raise CapitalisingInDefault(
            "A restructured loan becomes non-performing: its interest is collected later, and not "
            "added to the principal.",
            field="interest",
        )
    before = told.before if isinstance(told, Retelling) else state.position
    oldest = oldest_unpaid_due_date(before, state.schedule)
    overdue = oldest is not None and oldest < event.value_date
    if overdue or before.npa_since is not None or loan.is_npa:
        raise CapitalisingInDefault(
            "Something is overdue, or the borrower is non-performing: the interest is collected "
            "later, and not added to the principal.",
            field="interest",
        )


def _own(loan: Loan, wished: date | None, open_date: date) -> _Own:
    if wished is not None and wished < open_date:
        raise ChangeFromPastDay(f"Must not be earlier than {open_date}, today.", field="from_date")
    on = standing_date(loan, open_date)
    return _Own(sequence=next_sequence(loan), value_date=on, from_date=max(wished or on, on))
