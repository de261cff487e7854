"""Part prepayments and foreclosures: payments that put another schedule in the place of the old."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.db import IntegrityError, transaction

from bright_credit.common.errors import Conflict, RuleViolated
from bright_credit.common.money import format_rupees
from loan.domain.effects import ScheduleReplaced
from loan.domain.events import PaymentReceived, Towards
from loan.models import Loan
from loan.selectors.calendar import current_date
from loan.selectors.cancellation import QuotedCancellation, quoted_cancellation
from loan.selectors.foreclosure import Quoted, quoted, require_quotable
from loan.selectors.loans import loan_for
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    SYSTEM,
    Author,
    FutureValueDate,
    Telling,
    comparison_of,
    lock_loan_to_replace,
    next_sequence,
    standing_date,
    tell,
)
from loan.services.payments import (
    PaymentChange,
    PaymentOrder,
    Receipt,
    ReferenceReused,
    earlier_receipt,
    write_payment,
)
from users.domain import callers
from users.domain.callers import Caller


class PrepaymentTooLarge(RuleViolated):
    """The payment would close the loan, or more: ask for a foreclosure quote, and pay that."""

    code = "prepayment_too_large"


class PrepaymentTooSmall(RuleViolated):
    """Dues, charges and interest to date come first, and leave nothing for principal."""

    code = "prepayment_too_small"


class PrepaymentImpossible(RuleViolated):
    """No schedule can be made of what the prepayment would leave."""

    code = "prepayment_impossible"


class QuoteExpired(Conflict):
    """The quote was for an earlier day: ask for one of today."""

    code = "quote_expired"


class ForeclosureAmountDiffers(RuleViolated):
    """The amount is not the one that closes the loan today."""

    code = "foreclosure_amount_differs"


class CancellationAmountDiffers(RuleViolated):
    """The amount is not the one that gives the loan back today."""

    code = "cancellation_amount_differs"


class NothingToForeclose(RuleViolated):
    """The money held covers everything owed: the dues to come are met from it on their dates."""

    code = "nothing_to_foreclose"


def foreclosure_quote_for(
    loan_id: str, *, on: date | None, as_of: date, caller: Caller = callers.SYSTEM
) -> Quoted:
    """Return what closes a loan on a day: by default today. Writes nothing. Five statements.

    Raises `LoanNotFound`, `LoanClosedRefusesPayment`, `QuoteForPastDay`, `QuoteTooFarAhead`.
    """
    open_date = current_date(today=as_of)
    day = open_date if on is None else on
    require_quotable(day, open_date=open_date)
    loan = loan_for(caller, loan_id, queryset=Loan.objects.select_related("product"))
    return quoted(loan, on=max(day, standing_date(loan, open_date)))


def prepay(
    order: PaymentOrder, *, as_of: date, by: Author = SYSTEM, caller: Caller = callers.SYSTEM
) -> Receipt:
    """Take a part prepayment, today; `order.towards` says what it reduces.

    The same reference again gives the first receipt. Raises `LoanNotFound`,
    `LoanClosedRefusesPayment`, `ReferenceReused`, `PrepaymentTooLarge`, `PrepaymentTooSmall`,
    `PrepaymentImpossible`.
    """
    return _post(order, as_of=as_of, by=by, caller=caller, told_by=_told_prepayment)


def preview_prepayment(
    order: PaymentOrder, *, as_of: date, caller: Caller = callers.SYSTEM
) -> PaymentChange:
    """Return what a part prepayment would change. Writes nothing; raises like `prepay`."""
    return _preview(order, as_of=as_of, caller=caller, told_by=_told_prepayment)


def foreclose(
    order: PaymentOrder,
    *,
    quoted_on: date | None,
    as_of: date,
    by: Author = SYSTEM,
    caller: Caller = callers.SYSTEM,
) -> Receipt:
    """Close a loan with exactly what it takes today. `quoted_on` is the day of the payer's quote.

    The same reference again gives the first receipt. Raises `LoanNotFound`,
    `LoanClosedRefusesPayment`, `ReferenceReused`, `QuoteExpired`, `FutureValueDate`,
    `ForeclosureAmountDiffers`, `NothingToForeclose`.
    """
    return _post(
        _closing(order),
        as_of=as_of,
        by=by,
        caller=caller,
        told_by=_told_of(quoted_on, _told_foreclosure),
    )


def preview_foreclosure(
    order: PaymentOrder, *, quoted_on: date | None, as_of: date, caller: Caller = callers.SYSTEM
) -> PaymentChange:
    """Return what foreclosing would change. Writes nothing; raises like `foreclose`."""
    return _preview(
        _closing(order), as_of=as_of, caller=caller, told_by=_told_of(quoted_on, _told_foreclosure)
    )


def cancellation_quote_for(
    loan_id: str, *, on: date | None, as_of: date, caller: Caller = callers.SYSTEM
) -> QuotedCancellation:
    """Return what gives a loan back on a day of its cooling-off period: by default today.

    Writes nothing. Raises `LoanNotFound`, `LoanClosedRefusesPayment`, `QuoteForPastDay`,
    `QuoteTooFarAhead`, `CoolingOffOver`.
    """
    open_date = current_date(today=as_of)
    day = open_date if on is None else on
    require_quotable(day, open_date=open_date)
    loan = loan_for(caller, loan_id)
    return quoted_cancellation(loan, on=max(day, standing_date(loan, open_date)))


def cancel(
    order: PaymentOrder,
    *,
    quoted_on: date | None,
    as_of: date,
    by: Author = SYSTEM,
    caller: Caller = callers.SYSTEM,
) -> Receipt:
    """Give a loan back with exactly what it takes today, in its cooling-off period.

    The same reference again gives the first receipt. Raises `LoanNotFound`, `ReferenceReused`,
    `LoanClosedRefusesPayment`, `QuoteExpired`, `FutureValueDate`, `CoolingOffOver`,
    `CancellationAmountDiffers`, `NothingToForeclose`.
    """
    order = replace(order, towards=Towards.CANCELLATION)
    told_by = _told_of(quoted_on, _told_cancellation)
    return _post(order, as_of=as_of, by=by, caller=caller, told_by=told_by)


def preview_cancellation(
    order: PaymentOrder, *, quoted_on: date | None, as_of: date, caller: Caller = callers.SYSTEM
) -> PaymentChange:
    """Return what giving the loan back would change. Writes nothing; raises like `cancel`."""
    order = replace(order, towards=Towards.CANCELLATION)
    told_by = _told_of(quoted_on, _told_cancellation)
    return _preview(order, as_of=as_of, caller=caller, told_by=told_by)


_ToldBy = Callable[[Loan, PaymentOrder, date], Telling]


def _post(
    order: PaymentOrder, *, as_of: date, by: Author, caller: Caller, told_by: _ToldBy
) -> Receipt:
    try:
        with transaction.atomic():
            open_date = hold_open_date(as_of=as_of)
            loan = lock_loan_to_replace(order.loan_id, caller=caller)
            # Under the lock: whoever held it before may have posted this very payment.
            if (earlier := earlier_receipt(order)) is not None:
                return earlier
            told = told_by(loan, order, open_date)
            payment = write_payment(told, order, by=by, booked_on=open_date)
            return Receipt(payment=payment, repeated=False)
    except IntegrityError:
        # The same reference was posted at the same moment on another loan; its row decides.
        earlier = earlier_receipt(order)
        if earlier is None:
            raise
        return earlier


def _preview(
    order: PaymentOrder, *, as_of: date, caller: Caller, told_by: _ToldBy
) -> PaymentChange:
    open_date = current_date(today=as_of)
    with transaction.atomic():
        loan = loan_for(caller, order.loan_id)
        if (earlier := earlier_receipt(order)) is not None:
            raise ReferenceReused(
                "This reference was already used for a payment.",
                field="reference_id",
                extra={"payment_id": earlier.payment.pk},
            )
        told = told_by(loan, order, open_date)
        return PaymentChange(loan=loan, comparison=comparison_of(told), event=None, payment=None)


def _told_prepayment(loan: Loan, order: PaymentOrder, open_date: date) -> Telling:
    on = standing_date(loan, open_date)
    quote = quoted(loan, on=on).quote
    if order.amount_paise >= quote.amount_paise:
        raise PrepaymentTooLarge(
            f"{format_rupees(quote.amount_paise)} closes the loan today; prepay less than that.",
            field="amount",
        )
    told = tell(loan, _payment(loan, order, on), open_date=open_date)
    if not _took_effect(told):
        if order.amount_paise > quote.before_principal_paise:
            raise PrepaymentImpossible(
                "No schedule can be made of what this would leave.", field="amount"
            )
        raise PrepaymentTooSmall(
            "Dues, charges and interest to date come first: "
            f"{format_rupees(quote.before_principal_paise)}.",
            field="amount",
        )
    return told


def _told_foreclosure(loan: Loan, order: PaymentOrder, open_date: date) -> Telling:
    on = standing_date(loan, open_date)
    quote = quoted(loan, on=on).quote
    if quote.amount_paise == 0 or quote.is_met_by_advance:
        raise NothingToForeclose(
            "The money held in advance covers all that is to come; only what is due can be paid.",
            field="amount",
        )
    if order.amount_paise != quote.amount_paise:
        raise ForeclosureAmountDiffers(
            f"{format_rupees(quote.amount_paise)} closes the loan today, not "
            f"{format_rupees(order.amount_paise)}.",
            field="amount",
        )
    payment = replace(
        _payment(loan, order, on),
        closing_charge_paise=quote.closing_charge_paise + quote.closing_gst_paise,
        closing_gst_paise=quote.closing_gst_paise,
    )
    return tell(loan, payment, open_date=open_date)


def _closing(order: PaymentOrder) -> PaymentOrder:
    return replace(order, towards=Towards.FORECLOSURE)


def _told_cancellation(loan: Loan, order: PaymentOrder, open_date: date) -> Telling:
    on = standing_date(loan, open_date)
    quote = quoted_cancellation(loan, on=on).quote
    if quote.amount_paise == 0:
        raise NothingToForeclose(
            "The money held for the loan covers everything owed on it.", field="amount"
        )
    if order.amount_paise != quote.amount_paise:
        raise CancellationAmountDiffers(
            f"{format_rupees(quote.amount_paise)} gives the loan back today, not "
            f"{format_rupees(order.amount_paise)}.",
            field="amount",
        )
    payment = PaymentReceived(
        key=order.reference_id,
        value_date=on,
        sequence=next_sequence(loan),
        amount_paise=order.amount_paise,
        towards=Towards.CANCELLATION,
        cancelling=quote.cancelling,
    )
    return tell(loan, payment, open_date=open_date)


def _told_of(quoted_on: date | None, tells: _ToldBy) -> _ToldBy:
    """Return what tells of a closing by a quote of that day."""

    def told_by(loan: Loan, order: PaymentOrder, open_date: date) -> Telling:
        _require_current(quoted_on, open_date)
        return tells(loan, order, open_date)

    return told_by


def _payment(loan: Loan, order: PaymentOrder, on: date) -> PaymentReceived:
    return PaymentReceived(
        key=order.reference_id,
        value_date=on,
        sequence=next_sequence(loan),
        amount_paise=order.amount_paise,
        towards=order.towards,
    )


def _took_effect(told: Telling) -> bool:
    """Return whether the payment brought the schedule that it was for."""
    return any(
        isinstance(effect, ScheduleReplaced) and effect.event_key == told.event.key
        for effect in told.step.effects
    )


def _require_current(quoted_on: date | None, open_date: date) -> None:
    if quoted_on is None or quoted_on == open_date:
        return
    if quoted_on < open_date:
        raise QuoteExpired(
            f"The quote was valid until {quoted_on}; today is {open_date}.", field="quoted_on"
        )
    raise FutureValueDate(f"The quote is for {quoted_on}: pay it on that day.", field="quoted_on")
