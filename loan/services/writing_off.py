"""Taking loans off the books, and settling them against a part of what is owed."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from bright_credit.common.errors import RuleViolated
from loan.domain.comparison import Comparison
from loan.domain.events import PaymentReceived, WriteOffKind, WrittenOff
from loan.models import Event, Loan, Payment
from loan.selectors.calendar import current_date
from loan.selectors.events import write_off_key
from loan.selectors.loans import loan_by_public_id
from loan.selectors.telling import retell
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
from loan.services.payments import PaymentOrder, ReferenceReused, earlier_receipt, write_payment


class NotNonPerforming(RuleViolated):
    """Only a loan whose borrower is non-performing is written off or settled."""

    code = "loan_not_npa"


class NothingToSettle(RuleViolated):
    """The amount pays everything that is owed: post it as a payment, or foreclose."""

    code = "nothing_to_settle"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """A loan before and after it was written off or settled. The event is None in a preview.

    `repeated` says that this very settlement had been made before; it changes nothing.
    """

    loan: Loan
    comparison: Comparison | None
    event: Event | None
    payment: Payment | None = None
    repeated: bool = False


def write_off(
    loan_id: str, kind: WriteOffKind, *, as_of: date, by: Author, preview: bool = False
) -> WriteOff:
    """Take a loan off the books, as of now; with `FULL` its claim is given up, too.

    A preview writes nothing and returns the same comparison. Raises `LoanNotFound`,
    `NotNonPerforming`, `LoanAlreadyClosed`, `AlreadyWrittenOff`, `WriteOffInMoratorium`,
    `NothingToWriteOff`.
    """
    with transaction.atomic():
        open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
        loan = (loan_by_public_id if preview else lock_loan_to_replace)(loan_id)
        _require_npa(loan)
        told = tell(
            loan,
            _event(loan, kind, sequence=next_sequence(loan), open_date=open_date),
            open_date=open_date,
        )
        comparison = comparison_of(told)
        written = None if preview else write(told, by=by, booked_on=open_date)
        return WriteOff(loan=loan, comparison=comparison, event=written)


def settle(order: PaymentOrder, *, as_of: date, by: Author) -> WriteOff:
    """Take the agreed part of what is owed, and give up the rest: a compromise settlement.

    The same reference again gives the first settlement, without its change. Raises `LoanNotFound`,
    `NotNonPerforming`, `LoanClosedRefusesPayment`, `WriteOffInMoratorium`, `ReferenceReused`,
    `NothingToSettle`.
    """
    try:
        with transaction.atomic():
            open_date = hold_open_date(as_of=as_of)
            loan = lock_loan_to_replace(order.loan_id)
            return earlier_settlement(order) or _settled(loan, order, open_date=open_date, by=by)
    except IntegrityError:
        # The same reference was posted at the same moment on another loan; its row decides.
        earlier = earlier_settlement(order)
        if earlier is None:
            raise
        return earlier


def preview_settlement(order: PaymentOrder, *, as_of: date) -> WriteOff:
    """Return what a settlement would change. Writes nothing; raises like `settle`."""
    open_date = current_date(today=as_of)
    with transaction.atomic():
        loan = loan_by_public_id(order.loan_id)
        earlier = earlier_receipt(order)
        if earlier is not None:
            raise ReferenceReused(
                "This reference was already used for a payment.",
                field="reference_id",
                extra={"payment_id": earlier.payment.pk},
            )
        _, _, comparison = _agreed(loan, order, open_date=open_date)
        return WriteOff(loan=loan, comparison=comparison, event=None)


def earlier_settlement(order: PaymentOrder) -> WriteOff | None:
    """Return the settlement that was made by this very payment.

    Raises `ReferenceReused` when the reference stands for another payment, or for one that settled
    nothing.
    """
    receipt = earlier_receipt(order)
    if receipt is None:
        return None
    payment = receipt.payment
    event = Event.objects.filter(
        loan=payment.loan, kind=Event.Kind.WRITE_OFF, payload__settled_by=order.reference_id
    ).first()
    if event is None:
        raise ReferenceReused(
            "This reference was already used for a payment that settled nothing.",
            field="reference_id",
        )
    return WriteOff(loan=payment.loan, comparison=None, event=event, payment=payment, repeated=True)


def _settled(loan: Loan, order: PaymentOrder, *, open_date: date, by: Author) -> WriteOff:
    received, given_up, comparison = _agreed(loan, order, open_date=open_date)
    paid = tell(loan, received, open_date=open_date)
    payment = write_payment(paid, order, by=by, booked_on=open_date)
    told = tell(loan, given_up, open_date=open_date)
    event = write(told, by=by, booked_on=open_date)
    return WriteOff(loan=loan, comparison=comparison, event=event, payment=payment)


def _agreed(
    loan: Loan, order: PaymentOrder, *, open_date: date
) -> tuple[PaymentReceived, WrittenOff, Comparison]:
    """Return the payment and the write-off that a settlement is, and what both change."""
    _require_npa(loan)
    on, sequence = standing_date(loan, open_date), next_sequence(loan)
    received = PaymentReceived(
        key=order.reference_id, value_date=on, sequence=sequence, amount_paise=order.amount_paise
    )
    given_up = _event(
        loan,
        WriteOffKind.SETTLEMENT,
        sequence=sequence + 1,
        open_date=open_date,
        settled_by=order.reference_id,
    )
    told = retell(loan, received, on=on, with_it=(given_up,))
    if told.step.position.given_up_paise == 0:
        raise NothingToSettle(
            "This pays everything that is owed; nothing is left to be given up.", field="amount"
        )
    return received, given_up, comparison_of(told)


def _event(
    loan: Loan,
    kind: WriteOffKind,
    *,
    sequence: int,
    open_date: date,
    settled_by: str | None = None,
) -> WrittenOff:
    return WrittenOff(
        key=write_off_key(sequence),
        value_date=standing_date(loan, open_date),
        sequence=sequence,
        kind=kind,
        settled_by=settled_by,
    )


def _require_npa(loan: Loan) -> None:
    if loan.status == Loan.Status.ACTIVE and loan.borrower_npa_since is None:
        raise NotNonPerforming(
            f"{loan.public_id} is standard: only non-performing loans are written off.",
            field="loan_id",
        )
