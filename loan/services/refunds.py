"""Paying back what was paid beyond everything owed, once."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models.fields.json import KT

from bright_credit.common.errors import Conflict
from loan.domain.comparison import Comparison
from loan.domain.servicing import ExcessRefunded
from loan.models import Event, Loan
from loan.selectors.calendar import current_date
from loan.selectors.loans import loan_by_public_id
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    Author,
    Telling,
    comparison_of,
    lock_loan,
    next_sequence,
    standing_date,
    tell,
    write,
)


class RefundReferenceReused(Conflict):
    """The reference already stands for another refund."""

    code = "refund_reference_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """So much went back to the borrower of this loan, under this reference."""

    loan_id: str
    amount_paise: int
    reference_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund as recorded, and what it changed; a repeat changes nothing, a preview is no event.

    `repeated` says that this very refund had been recorded before.
    """

    loan: Loan
    amount_paise: int
    reference_id: str
    comparison: Comparison | None
    event: Event | None
    repeated: bool = False


def refund_excess(order: RefundOrder, *, as_of: date, by: Author) -> Refund:
    """Record that excess was paid back; the same reference again gives the first refund.

    Raises `LoanNotFound`, `RefundExceedsExcess`, and `RefundReferenceReused` when the reference was
    used for a refund that differs.
    """
    try:
        with transaction.atomic():
            open_date = hold_open_date(as_of=as_of)
            loan = lock_loan(order.loan_id)
            earlier = earlier_refund(order)
            if earlier is not None:
                return earlier
            told = _told(loan, order, open_date=open_date)
            comparison = comparison_of(told)
            return Refund(
                loan=loan,
                amount_paise=order.amount_paise,
                reference_id=order.reference_id,
                comparison=comparison,
                event=write(told, by=by, booked_on=open_date),
            )
    except IntegrityError:
        # The same reference was recorded at the same moment on another loan; its row decides.
        earlier = earlier_refund(order)
        if earlier is None:
            raise
        return earlier


def preview_refund(loan_id: str, *, amount_paise: int, as_of: date) -> Refund:
    """Return what paying back would change. Writes nothing; raises like `refund_excess`."""
    open_date = current_date(today=as_of)
    loan = loan_by_public_id(loan_id)
    order = RefundOrder(loan_id=loan_id, amount_paise=amount_paise, reference_id="")
    return Refund(
        loan=loan,
        amount_paise=amount_paise,
        reference_id="",
        comparison=comparison_of(_told(loan, order, open_date=open_date)),
        event=None,
    )


def _told(loan: Loan, order: RefundOrder, *, open_date: date) -> Telling:
    return tell(
        loan,
        ExcessRefunded(
            key=order.reference_id,
            value_date=standing_date(loan, open_date),
            sequence=next_sequence(loan),
            amount_paise=order.amount_paise,
        ),
        open_date=open_date,
    )


def earlier_refund(order: RefundOrder) -> Refund | None:
    """Return the refund that stands under the reference. Raises `RefundReferenceReused`."""
    refunds = Event.objects.alias(reference=KT("payload__reference_id"))
    event = (
        refunds.select_related("loan")
        .filter(kind=Event.Kind.REFUND, reference=order.reference_id)
        .first()
    )
    if event is None:
        return None
    same = (
        event.loan.public_id == order.loan_id
        and event.payload["amount_paise"] == order.amount_paise
    )
    if not same:
        raise RefundReferenceReused(
            "This reference was already used for a different refund.", field="reference_id"
        )
    return Refund(
        loan=event.loan,
        amount_paise=order.amount_paise,
        reference_id=order.reference_id,
        comparison=None,
        event=event,
        repeated=True,
    )
