"""Taking over a loan that was disbursed earlier, with its history.

A lender who changes systems brings loans that are running. Their past is told by the very steps
that live payments take: each payment on its own value date, and before it whatever the calendar had
brought by then. So the books come to hold what they would hold had the loan been here all along.

The loan and its whole history are one transaction. Payments cannot be added to the past of a loan
afterwards: the billing run bills later dues without touching the loan's row, and only a replay from
the start could make room for an earlier payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db import connection, transaction

from bright_credit.common.errors import InvalidInput
from loan.models import Loan, LoanApplication, Payment
from loan.services.billing.steps import bring_to_end
from loan.services.business_day import brought_through, hold_open_date
from loan.services.impairment import classify_after_calendar
from loan.services.offering import Offer
from loan.services.origination import write_loan
from loan.services.payments import PaymentOrder, ReferenceReused, take_payment
from users.models import Borrower

# Only forwards: another session may have drawn a higher key in the meantime.
_NUMBER_AFTER = """
SELECT setval('loan_loan_id_seq', %(key)s) FROM loan_loan_id_seq WHERE last_value < %(key)s
"""


class HistoryOutOfOrder(InvalidInput):
    """The payments of a loan that is taken over are not in the order of their value dates."""

    code = "history_out_of_order"


class HistoryNotPast(InvalidInput):
    """A loan that is taken over was disbursed or paid after the open business date."""

    code = "history_not_past"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPayment:
    """A payment that a loan brings along: when it counted, how much, by which way."""

    value_date: date
    amount_paise: int
    payment_method: str
    reference_id: str


@transaction.atomic
def take_over_loan(
    offer: Offer,
    *,
    borrower: Borrower,
    payments: Sequence[PastPayment] = (),
    as_of: date,
    application: LoanApplication | None = None,
    key: int | None = None,
) -> Loan:
    """Write a loan that was disbursed on the offer's date, and everything that happened since.

    It comes to stand where the closed days leave it; `as_of` is today's date. `key` keeps the
    number the loan already has. Raises `HistoryNotPast`, `HistoryOutOfOrder`, `ReferenceReused`,
    and `BeforeDisbursement` or `LoanClosedRefusesPayment` for a payment that the loan cannot take.
    """
    open_date = hold_open_date(as_of=as_of)
    _require_past(offer, payments, open_date=open_date)
    _require_in_order(payments)
    _require_new_references(payments)
    loan = write_loan(offer, borrower=borrower, application=application, key=key)
    if key is not None:
        _pass_key(key)
    for payment in payments:
        _post(loan, payment)
    bring_to_end(loan, brought_through(as_of=as_of))
    classify_after_calendar(loan, open_date=open_date)
    return loan


def _require_past(offer: Offer, payments: Sequence[PastPayment], *, open_date: date) -> None:
    if offer.terms.disbursed_on > open_date:
        raise HistoryNotPast(
            f"The loan was disbursed after the open business date, {open_date}.",
            field="disbursed_on",
        )
    latest = max((payment.value_date for payment in payments), default=open_date)
    if latest > open_date:
        raise HistoryNotPast(
            f"A payment is dated {latest}, after the open business date, {open_date}.",
            field="payments",
        )


def _require_in_order(payments: Sequence[PastPayment]) -> None:
    for earlier, later in pairwise(payments):
        if later.value_date < earlier.value_date:
            raise HistoryOutOfOrder(
                f"The payment {later.reference_id} of {later.value_date} follows one of "
                f"{earlier.value_date}; list a loan's payments by their dates.",
                field="payments",
            )


def _require_new_references(payments: Sequence[PastPayment]) -> None:
    references = [payment.reference_id for payment in payments]
    taken = Payment.objects.filter(reference_id__in=references).values_list(
        "reference_id", flat=True
    )
    if taken or len(set(references)) < len(references):
        raise ReferenceReused(
            "A payment reference stands for another payment already.", field="payments"
        )


def _post(loan: Loan, payment: PastPayment) -> None:
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=payment.amount_paise,
        payment_method=payment.payment_method,
        reference_id=payment.reference_id,
    )
    take_payment(loan, order, value_date=payment.value_date)


def _pass_key(key: int) -> None:
    """Let new loans be numbered after this one."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_AFTER, {"key": key})
