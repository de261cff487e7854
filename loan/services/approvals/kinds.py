"""What takes two people: each kind of request, with the service that its approval runs.

A new kind is one more `ApprovalKind` in `KINDS`. Its payload is JSON and holds all that the service
needs beside the loan; names that end in `_paise` and `_bps` are shown as rupees and per cent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from loan.domain.comparison import Comparison
from loan.domain.events import Keeping, WriteOffKind
from loan.models import Event, Loan
from loan.selectors.events import change_of_payload, change_payload
from loan.services.charges import unpaid_of_charge, waive_charge
from loan.services.class_marks import MarkOrder, mark_class
from loan.services.happening import Author
from loan.services.payments import PaymentOrder
from loan.services.refunds import RefundOrder, earlier_refund, preview_refund, refund_excess
from loan.services.rescheduling import RateOrder, RescheduleOrder, change_rate, reschedule
from loan.services.writing_off import (
    earlier_settlement,
    preview_settlement,
    settle,
    write_off,
)


class Change(Protocol):
    """What every service that changes a loan returns; without event when nothing was written."""

    @property
    def loan(self) -> Loan:
        """The loan."""

    @property
    def comparison(self) -> Comparison | None:
        """The loan before and after it."""

    @property
    def event(self) -> Event | None:
        """What was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something that takes two people, wanted of a loan."""

    kind: str
    loan_id: str
    payload: Mapping[str, Any]


Perform = Callable[[Wanted, date, Author], Change]
Preview = Callable[[Wanted, date], Change]


def _nothing_yet(_wanted: Wanted) -> Change | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalKind:
    """A kind of request: how it is called, looked at without writing, and done.

    `gain` names the payload's amount, if there is one: up to the lender's limit it takes no second
    person. `done_before` returns what stands already under the same reference.
    """

    label: str
    preview: Preview
    perform: Perform
    gain: str | None = None
    done_before: Callable[[Wanted], Change | None] = _nothing_yet


WAIVER: Final = "WAIVER"
REFUND: Final = "REFUND"
RATE_CHANGE: Final = "RATE_CHANGE"
RESTRUCTURING: Final = "RESTRUCTURING"
WRITE_OFF: Final = "WRITE_OFF"
SETTLEMENT: Final = "SETTLEMENT"
CLASS_MARK: Final = "CLASS_MARK"


def waiver(loan_id: str, charge: str, *, amount_paise: int | None, as_of: date) -> Wanted:
    """Return the wish to waive an amount of a charge; None: what is unpaid of it now.

    Raises `LoanNotFound`, `ChargeNotFound`, `ChargeNotOpen`.
    """
    if amount_paise is None:
        amount_paise = unpaid_of_charge(loan_id, charge, as_of=as_of)
    payload = {"charge": charge, "amount_paise": amount_paise}
    return Wanted(kind=WAIVER, loan_id=loan_id, payload=payload)


def refund(order: RefundOrder) -> Wanted:
    """Return the wish to pay excess back."""
    payload = {"amount_paise": order.amount_paise, "reference_id": order.reference_id}
    return Wanted(kind=REFUND, loan_id=order.loan_id, payload=payload)


def rate_change(order: RateOrder) -> Wanted:
    """Return the wish to change a rate."""
    payload = {
        "annual_rate_bps": order.annual_rate_bps,
        "keep": order.keeping.value,
        "from_date": order.from_date and order.from_date.isoformat(),
        "restructuring": True if order.restructures else None,
    }
    return Wanted(kind=RATE_CHANGE, loan_id=order.loan_id, payload=payload)


def restructuring(order: RescheduleOrder) -> Wanted:
    """Return the wish to change the instalments of a borrower in financial difficulty."""
    payload = change_payload(order.change) | {
        "from_date": order.from_date and order.from_date.isoformat()
    }
    return Wanted(kind=RESTRUCTURING, loan_id=order.loan_id, payload=payload)


def write_off_of(loan_id: str, kind: WriteOffKind) -> Wanted:
    """Return the wish to take a loan off the books."""
    return Wanted(kind=WRITE_OFF, loan_id=loan_id, payload={"kind": kind.value})


def settlement(order: PaymentOrder) -> Wanted:
    """Return the wish to settle a loan against a part of what is owed."""
    payload = {
        "amount_paise": order.amount_paise,
        "payment_method": order.payment_method,
        "reference_id": order.reference_id,
    }
    return Wanted(kind=SETTLEMENT, loan_id=order.loan_id, payload=payload)


def class_mark(order: MarkOrder) -> Wanted:
    """Return the wish to mark a loan's borrower as of a class, or to have the mark lifted."""
    payload = {
        "mark": order.mark,
        "from_date": order.from_date and order.from_date.isoformat(),
    }
    return Wanted(kind=CLASS_MARK, loan_id=order.loan_id, payload=payload)


def _waive(wanted: Wanted, as_of: date, by: Author, *, preview: bool = False) -> Change:
    payload = wanted.payload
    return waive_charge(
        wanted.loan_id,
        payload["charge"],
        amount_paise=payload["amount_paise"],
        as_of=as_of,
        by=by,
        preview=preview,
    )


def _refund_order(wanted: Wanted) -> RefundOrder:
    return RefundOrder(loan_id=wanted.loan_id, **wanted.payload)


def _change_rate(wanted: Wanted, as_of: date, by: Author, *, preview: bool = False) -> Change:
    order = RateOrder(
        loan_id=wanted.loan_id,
        annual_rate_bps=wanted.payload["annual_rate_bps"],
        keeping=Keeping(wanted.payload["keep"]),
        from_date=_from_date(wanted),
        restructures=bool(wanted.payload.get("restructuring")),
    )
    return change_rate(order, as_of=as_of, by=by, preview=preview)


def _restructure(wanted: Wanted, as_of: date, by: Author, *, preview: bool = False) -> Change:
    order = RescheduleOrder(
        loan_id=wanted.loan_id,
        change=change_of_payload(wanted.payload),
        from_date=_from_date(wanted),
        restructures=True,
    )
    return reschedule(order, as_of=as_of, by=by, preview=preview)


def _from_date(wanted: Wanted) -> date | None:
    """Return the day named, from which terms change; None: the day of the approval."""
    named: str | None = wanted.payload["from_date"]
    return None if named is None else date.fromisoformat(named)


def _write_off(wanted: Wanted, as_of: date, by: Author, *, preview: bool = False) -> Change:
    kind = WriteOffKind(wanted.payload["kind"])
    return write_off(wanted.loan_id, kind, as_of=as_of, by=by, preview=preview)


def _mark(wanted: Wanted, as_of: date, by: Author, *, preview: bool = False) -> Change:
    order = MarkOrder.named(wanted.loan_id, wanted.payload["mark"], from_date=_from_date(wanted))
    return mark_class(order, as_of=as_of, by=by, preview=preview)


def _settlement_order(wanted: Wanted) -> PaymentOrder:
    return PaymentOrder(loan_id=wanted.loan_id, **wanted.payload)


KINDS: Final[Mapping[str, ApprovalKind]] = {
    WAIVER: ApprovalKind(
        label="Waiver of a charge",
        gain="amount_paise",
        preview=lambda wanted, as_of: _waive(wanted, as_of, Author(), preview=True),
        perform=_waive,
    ),
    REFUND: ApprovalKind(
        label="Refund of excess",
        gain="amount_paise",
        preview=lambda wanted, as_of: preview_refund(
            wanted.loan_id, amount_paise=wanted.payload["amount_paise"], as_of=as_of
        ),
        perform=lambda wanted, as_of, by: refund_excess(_refund_order(wanted), as_of=as_of, by=by),
        done_before=lambda wanted: earlier_refund(_refund_order(wanted)),
    ),
    RATE_CHANGE: ApprovalKind(
        label="Change of the rate",
        preview=lambda wanted, as_of: _change_rate(wanted, as_of, Author(), preview=True),
        perform=_change_rate,
    ),
    RESTRUCTURING: ApprovalKind(
        label="Restructuring",
        preview=lambda wanted, as_of: _restructure(wanted, as_of, Author(), preview=True),
        perform=_restructure,
    ),
    WRITE_OFF: ApprovalKind(
        label="Write-off",
        preview=lambda wanted, as_of: _write_off(wanted, as_of, Author(), preview=True),
        perform=_write_off,
    ),
    SETTLEMENT: ApprovalKind(
        label="Settlement",
        preview=lambda wanted, as_of: preview_settlement(_settlement_order(wanted), as_of=as_of),
        perform=lambda wanted, as_of, by: settle(_settlement_order(wanted), as_of=as_of, by=by),
        done_before=lambda wanted: earlier_settlement(_settlement_order(wanted)),
    ),
    CLASS_MARK: ApprovalKind(
        label="Class by a person",
        preview=lambda wanted, as_of: _mark(wanted, as_of, Author(), preview=True),
        perform=_mark,
    ),
}
