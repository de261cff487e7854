"""Taking money from a borrower, once, and taking a payment back that came to nothing."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import CharField

from bright_credit.common.errors import Conflict, NotFound
from bright_credit.common.metrics import PAYMENTS_POSTED
from bright_credit.common.postgresql.messages import ReadyQuery, Slot, Statement, send
from loan.domain.comparison import Comparison
from loan.domain.events import Towards
from loan.domain.position import principal_outstanding_paise
from loan.domain.receipts import PaymentLine, payment_lines, payment_splits
from loan.domain.servicing import EventReversed, PaymentReceived
from loan.models import Event, Loan, Payment
from loan.selectors.calendar import current_date
from loan.selectors.loans import loan_for, reading_state, state_in
from loan.services.business_day import hold_open_date
from loan.services.charges import bounce_charges
from loan.services.happening import (
    SYSTEM,
    Author,
    Telling,
    comparison_of,
    counting_events,
    lock_day_and_loan,
    lock_loan_to_retell,
    next_sequence,
    sequence_after,
    standing_date,
    tell,
    value_date_for,
    write,
)
from users.domain import callers
from users.domain.callers import Caller
from users.looks import notice
from users.selectors import borrowers_within


class ReferenceReused(Conflict):
    """The payment reference already stands for another payment."""

    code = "reference_reused"


class PaymentNotFound(NotFound):
    """There is no payment with this id."""

    code = "payment_not_found"


class PaymentAlreadyReversed(Conflict):
    """The payment has been reversed before; money is taken back once."""

    code = "payment_already_reversed"


_POSTED: ReadyQuery[Payment] = ReadyQuery(
    Payment.objects.filter(reference_id=Slot("reference", CharField())).values_list("pk")
)
_NEXT_KEY = Statement("SELECT nextval(pg_get_serial_sequence('loan_payment', 'id'))", ready=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment as posted; `repeated` when this very payment had been posted before.

    `lines` is what its parts met, when that need not be read.
    """

    payment: Payment
    repeated: bool
    lines: tuple[PaymentLine, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What a payer says: so much, for this loan, by this method, under this reference.

    `value_date` is the day the money came, when that is earlier than now; `towards` is what it is
    for, beyond what is due.
    """

    loan_id: str
    amount_paise: int
    payment_method: str
    reference_id: str
    value_date: date | None = None
    towards: Towards = Towards.DUES


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChange:
    """What a payment, or taking one back, changes of its loan. The event is None in a preview."""

    loan: Loan
    comparison: Comparison
    event: Event | None
    payment: Payment | None


def post_payment(
    order: PaymentOrder, *, as_of: date, by: Author = SYSTEM, caller: Caller = callers.SYSTEM
) -> Receipt:
    """Post a payment and allocate it; the same reference again gives the first receipt.

    Raises `LoanNotFound`, `LoanClosedRefusesPayment`, `BeforeDisbursement`, `FutureValueDate`, and
    `ReferenceReused` when the reference was used for a payment that differs.
    """
    try:
        with transaction.atomic():
            # One dated now is the next step, and replaces no schedule.
            post = _post_now if order.value_date is None else _post_late
            return post(order, as_of=as_of, by=by, caller=caller)
    except IntegrityError:
        # The same reference was posted at the same moment on another loan; its row decides.
        earlier = earlier_receipt(order)
        if earlier is None:
            raise
        return earlier


def _post_now(order: PaymentOrder, *, as_of: date, by: Author, caller: Caller) -> Receipt:
    """Post a payment of this moment, in three messages to the database: lock, read, write."""
    open_date, loan = lock_day_and_loan(order.loan_id, as_of=as_of, caller=caller)
    # Under the lock: whoever held it before may have posted this very payment.
    posted, events, keys, *stands = send(
        _POSTED.asking(reference=order.reference_id),
        counting_events(loan),
        _NEXT_KEY,
        *reading_state(loan),
    )
    if posted and (earlier := earlier_receipt(order)) is not None:
        return earlier
    received = _received(order, standing_date(loan, open_date), sequence=sequence_after(events))
    told = tell(loan, received, open_date=open_date, state=state_in(stands, loan))
    ((key,),) = keys
    payment = write_payment(told, order, by=by, booked_on=open_date, key=key)
    lines = payment_lines(told.step.effects, order.reference_id)
    return Receipt(payment=payment, repeated=False, lines=lines)


def _post_late(order: PaymentOrder, *, as_of: date, by: Author, caller: Caller) -> Receipt:
    """Post a payment that counts from its own date."""
    open_date = hold_open_date(as_of=as_of)
    loan = lock_loan_to_retell(order.loan_id, caller=caller)
    if (earlier := earlier_receipt(order)) is not None:
        return earlier
    value_date = value_date_for(loan, wished=order.value_date, open_date=open_date)
    payment = take_payment(loan, order, value_date=value_date, open_date=open_date, by=by)
    return Receipt(payment=payment, repeated=False)


def preview_payment(
    order: PaymentOrder, *, as_of: date, caller: Caller = callers.SYSTEM
) -> PaymentChange:
    """Return what posting a payment would change. Writes nothing; raises like `post_payment`."""
    open_date = current_date(today=as_of)
    with transaction.atomic():
        loan = loan_for(caller, order.loan_id)
        if (earlier := earlier_receipt(order)) is not None:
            raise ReferenceReused(
                "This reference was already used for a payment.",
                field="reference_id",
                extra={"payment_id": earlier.payment.pk},
            )
        value_date = value_date_for(loan, wished=order.value_date, open_date=open_date)
        received = _received(order, value_date, sequence=next_sequence(loan))
        told = tell(loan, received, open_date=open_date)
        return PaymentChange(loan=loan, comparison=comparison_of(told), event=None, payment=None)


def take_payment(
    loan: Loan,
    order: PaymentOrder,
    *,
    value_date: date,
    open_date: date | None = None,
    by: Author = SYSTEM,
) -> Payment:
    """Allocate a payment to a locked loan and write it; inside a transaction.

    `open_date` is the business date it is booked on; a loan that is taken over has its payments
    booked when they were made.
    """
    booked_on = value_date if open_date is None else open_date
    received = _received(order, value_date, sequence=next_sequence(loan))
    told = tell(loan, received, open_date=booked_on)
    return write_payment(told, order, by=by, booked_on=booked_on)


def reverse_payment(
    payment_id: int,
    *,
    as_of: date,
    by: Author,
    bounced: bool = False,
    preview: bool = False,
    caller: Caller = callers.SYSTEM,
) -> PaymentChange:
    """Take a payment back: the loan is as if it had never come, and the record says that it did.

    For one that `bounced`, the bounce charge of the loan's terms is levied with its GST. A preview
    writes nothing and returns the same comparison. Raises `PaymentNotFound`,
    `PaymentAlreadyReversed`.
    """
    with transaction.atomic():
        open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
        within = borrowers_within(caller, path="loan__borrower__")
        payment = Payment.objects.select_related("loan").filter(within, pk=payment_id).first()
        if payment is None:
            raise PaymentNotFound("There is no payment with this id.", field="payment_id")
        notice(caller, payment.loan.borrower_id, record=payment.loan.public_id)
        loan = payment.loan if preview else lock_loan_to_retell(payment.loan.public_id)
        taken = Event.objects.get(payment=payment)
        if Event.objects.filter(reverses=taken).exists():
            raise PaymentAlreadyReversed(
                "The payment has been reversed before.", field="payment_id"
            )
        reversal = EventReversed(
            key=f"REVERSAL-{(sequence := next_sequence(loan))}",
            value_date=standing_date(loan, open_date),
            sequence=sequence,
            reverses=taken.sequence,
        )
        told = tell(
            loan,
            reversal,
            open_date=open_date,
            with_it=bounce_charges(loan, reversal) if bounced else (),
        )
        comparison = comparison_of(told)
        event = None
        if not preview:
            event = write(told, by=by, booked_on=open_date, reverses=taken)
        return PaymentChange(loan=loan, comparison=comparison, event=event, payment=payment)


def _received(order: PaymentOrder, value_date: date, *, sequence: int) -> PaymentReceived:
    return PaymentReceived(
        key=order.reference_id,
        value_date=value_date,
        sequence=sequence,
        amount_paise=order.amount_paise,
        towards=order.towards,
    )


def write_payment(
    told: Telling, order: PaymentOrder, *, by: Author, booked_on: date, key: int | None = None
) -> Payment:
    """Write a payment with all that it changes; its loan is locked.

    `key` is a number that no payment has, if one was asked for already.
    """
    loan, position = told.state.loan, told.step.position
    split = payment_splits(told.step.effects)[order.reference_id]
    payment = Payment(
        pk=_next_key() if key is None else key,
        loan=loan,
        amount_paise=order.amount_paise,
        payment_method=order.payment_method,
        reference_id=order.reference_id,
        value_date=told.event.value_date,
        interest_paise=split.interest_paise,
        principal_paise=split.principal_paise,
        charges_paise=split.charges_paise,
        penal_paise=split.penal_paise,
        advance_paise=split.advance_paise,
        excess_paise=split.excess_paise,
        principal_outstanding_after_paise=principal_outstanding_paise(told.state.terms, position),
        loan_status_after=position.status.value,
    )
    write(told, by=by, booked_on=booked_on, payment=payment)
    transaction.on_commit(PAYMENTS_POSTED.labels(order.payment_method).inc)
    return payment


def _next_key() -> int:
    (((key,),),) = send(_NEXT_KEY)
    return int(key)


def earlier_receipt(order: PaymentOrder) -> Receipt | None:
    """Return the receipt of this very payment, if it was posted. Raises `ReferenceReused`."""
    payment = (
        Payment.objects.select_related("loan", "event")
        .filter(reference_id=order.reference_id)
        .first()
    )
    if payment is None:
        return None
    same = (
        payment.loan.public_id == order.loan_id
        and payment.amount_paise == order.amount_paise
        and payment.payment_method == order.payment_method
        and order.value_date in (None, payment.value_date)
        and order.towards == payment.event.payload.get("towards", Towards.DUES)
    )
    if not same:
        raise ReferenceReused(
            "This reference was already used for a different payment.", field="reference_id"
        )
    return Receipt(payment=payment, repeated=True)
