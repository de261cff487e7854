"""Taking money from a borrower, once."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from bright_credit.common.business_day import day_after
from bright_credit.common.errors import Conflict
from loan.domain.receipts import payment_split
from loan.domain.servicing import PaymentReceived, apply
from loan.models import Loan, Payment
from loan.selectors.loans import loan_by_public_id, loan_key, state_of
from loan.services.business_day import hold_open_date
from loan.services.recording import record_step


class ReferenceReused(Conflict):
    """The payment reference already stands for another payment."""

    code = "reference_reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment as posted; `repeated` when this very payment had been posted before."""

    payment: Payment
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """What a payer says: so much, for this loan, by this method, under this reference."""

    loan_id: str
    amount_paise: int
    payment_method: str
    reference_id: str


def post_payment(order: PaymentOrder, *, as_of: date) -> Receipt:
    """Post a payment and allocate it; the same reference again gives the first receipt.

    Raises `LoanNotFound`, `LoanClosedRefusesPayment`, and `ReferenceReused` when the reference was
    used for a payment that differs in loan, amount or method.
    """
    try:
        with transaction.atomic():
            open_date = hold_open_date(as_of=as_of)
            loan = lock_loan(order.loan_id)
            # Under the lock: whoever held it before may have posted this very payment.
            return _earlier(order) or Receipt(
                payment=take_payment(loan, order, value_date=_value_date(loan, open_date)),
                repeated=False,
            )
    except IntegrityError:
        # The same reference was posted at the same moment on another loan; its row decides.
        earlier = _earlier(order)
        if earlier is None:
            raise
        return earlier


def lock_loan(loan_id: str) -> Loan:
    """Return the loan with its row locked until the transaction ends. Raises `LoanNotFound`.

    The lock leaves the row's key readable, so that dues billed meanwhile may refer to the loan.
    """
    locked = Loan.objects.select_for_update(no_key=True).filter(pk=loan_key(loan_id))
    return loan_by_public_id(loan_id, queryset=locked)


def take_payment(loan: Loan, order: PaymentOrder, *, value_date: date) -> Payment:
    """Allocate a payment to a locked loan and write it; inside a transaction."""
    state = state_of(loan)
    event = PaymentReceived(
        key=order.reference_id,
        value_date=value_date,
        sequence=0,
        amount_paise=order.amount_paise,
    )
    step = apply(state.terms, state.schedule, state.position, event)
    split = payment_split(step.effects)
    payment = Payment.objects.create(
        loan=loan,
        amount_paise=order.amount_paise,
        payment_method=order.payment_method,
        reference_id=order.reference_id,
        value_date=value_date,
        interest_paise=split.interest_paise,
        principal_paise=split.principal_paise,
        charges_paise=split.charges_paise,
        penal_paise=split.penal_paise,
        advance_paise=split.advance_paise,
        excess_paise=split.excess_paise,
        principal_outstanding_after_paise=loan.principal_paise - step.position.principal_paid_paise,
        loan_status_after=step.position.status.value,
    )
    record_step(state, step, payment=payment)
    return payment


def _value_date(loan: Loan, open_date: date) -> date:
    """Return the date a payment counts from: the open one, or later if the loan is already there.

    It is there when a payment of the next day overtook this one at midnight, when the clock has
    stepped back, or when the day's end has made the loan non-performing and the day closes next.
    """
    marked = loan.npa_since
    return max(open_date, loan.position_date, *(() if marked is None else (day_after(marked),)))


def _earlier(order: PaymentOrder) -> Receipt | None:
    payment = Payment.objects.select_related("loan").filter(reference_id=order.reference_id).first()
    if payment is None:
        return None
    same = (
        payment.loan.public_id == order.loan_id
        and payment.amount_paise == order.amount_paise
        and payment.payment_method == order.payment_method
    )
    if not same:
        raise ReferenceReused(
            "This reference was already used for a different payment.", field="reference_id"
        )
    return Receipt(payment=payment, repeated=True)
