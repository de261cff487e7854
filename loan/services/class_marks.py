"""Marking a borrower as of a worse class than its loans give, and lifting the mark again.

RBI: a loss asset is one identified as such by the lender, its auditor or its inspector; fraud makes
one at once. A mark is an event of the loan that it is made from, and about all of the borrower's.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import transaction

from bright_credit.common.errors import Conflict, InvalidInput, RuleViolated
from loan.domain.asset_class import AssetClass, state_on, worse_of
from loan.domain.comparison import Comparison
from loan.domain.events import ClassMarked
from loan.models import AssetClassChange, Event, Loan
from loan.selectors.calendar import current_date
from loan.selectors.events import class_mark_key
from loan.selectors.loans import loan_by_public_id
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    Author,
    comparison_of,
    lock_loan,
    next_sequence,
    standing_date,
    tell,
    write,
)

#: What is asked for in place of a class, to have the mark taken away.
LIFTED: Final = "LIFTED"


class ClassNotWorse(RuleViolated):
    """The class is no worse than the one that the borrower is of."""

    code = "class_not_worse"


class NotMarked(Conflict):
    """Nobody has marked the borrower: there is nothing to be lifted."""

    code = "class_not_marked"


class ClassDayInTheFuture(InvalidInput):
    """A class is marked, and a mark lifted, from no day that has not come."""

    code = "class_day_in_the_future"


class ClassDayClosed(InvalidInput):
    """The day is closed: it was classified, and provided for."""

    code = "class_day_closed"


class ClassChangedLater(Conflict):
    """A change of the borrower's class from a later day is recorded already."""

    code = "class_changed_later"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOrder:
    """The class that a loan's borrower is to be marked as; None: its mark is to be lifted.

    `from_date` is the open business date, and named to make sure of it; None: whichever is open.
    """

    loan_id: str
    asset_class: AssetClass | None
    from_date: date | None = None

    @classmethod
    def named(cls, loan_id: str, mark: str, *, from_date: date | None = None) -> "MarkOrder":
        """Return the order that a mark stands for, as it is asked: a class, or `LIFTED`."""
        asset_class = None if mark == LIFTED else AssetClass(mark)
        return cls(loan_id=loan_id, asset_class=asset_class, from_date=from_date)

    @property
    def mark(self) -> str:
        """The mark as it is asked."""
        return LIFTED if self.asset_class is None else self.asset_class.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """A loan before and after its borrower was marked. The event is None in a preview."""

    loan: Loan
    comparison: Comparison | None
    event: Event | None


def mark_class(order: MarkOrder, *, as_of: date, by: Author, preview: bool = False) -> Marking:
    """Mark a borrower as of a class from the open business date on, or lift the mark.

    The income of all its loans follows. A preview writes nothing and returns the same comparison.
    Raises `LoanNotFound`, `ClassNotWorse`, `NotMarked`, `LoanAlreadyClosed`, `ClassDayClosed`,
    `ClassDayInTheFuture`, `ClassChangedLater`.
    """
    with transaction.atomic():
        open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
        _require_open_day(order, open_date)
        loan = (loan_by_public_id if preview else lock_loan)(order.loan_id)
        event = ClassMarked(
            key=class_mark_key(sequence := next_sequence(loan)),
            value_date=standing_date(loan, open_date),
            sequence=sequence,
            asset_class=order.asset_class,
        )
        _require_sensible(loan, event)
        told = tell(loan, event, open_date=open_date)
        comparison = comparison_of(told)
        written = None if preview else write(told, by=by, booked_on=open_date)
        return Marking(loan=loan, comparison=comparison, event=written)


def _require_open_day(order: MarkOrder, open_date: date) -> None:
    if order.from_date is None or order.from_date == open_date:
        return
    if order.from_date > open_date:
        raise ClassDayInTheFuture(
            f"Must not be later than {open_date}, the open business date.", field="from_date"
        )
    raise ClassDayClosed(
        f"{order.from_date} is closed: {open_date} is the open business date.", field="from_date"
    )


def _require_sensible(loan: Loan, event: ClassMarked) -> None:
    """Refuse a mark that says nothing, and one from before what is recorded already."""
    if event.asset_class is None and loan.borrower_marked_class is None:
        raise NotMarked(f"The borrower of {loan.public_id} is not marked.", field="loan_id")
    if event.asset_class is not None:
        stands = state_on(
            loan.borrower_npa_since or loan.npa_since,
            event.value_date,
            day_ended=False,
            marked=loan.marked_class,
        )
        if worse_of(stands, event.asset_class) is stands:
            raise ClassNotWorse(
                f"The borrower is {stands} already: only a worse class is marked.",
                field="mark",
            )
    later = AssetClassChange.objects.filter(
        borrower=loan.borrower_id, effective_on__gt=event.value_date
    )
    if (change := later.order_by("effective_on").last()) is not None:
        raise ClassChangedLater(
            f"A change of the class from {change.effective_on} is recorded already.",
            field="from_date",
        )
