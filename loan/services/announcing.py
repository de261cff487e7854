"""What partners are told of applications and loans, in the words of the API.

Called inside the transaction that makes it so. Nothing is computed here that is not recorded there.
"""

from datetime import date
from typing import Any

from loan.models import Event, Loan, LoanApplication, Payment
from loan.services.billing.announcing import tell_of_dues
from users.domain.identity import borrower_public_id
from users.domain.webhooks import EventType, Fact
from users.services.outbox import tell

_DECIDED = frozenset({LoanApplication.Status.APPROVED, LoanApplication.Status.REJECTED})


def tell_of_decision(application: LoanApplication, loan: Loan | None) -> None:
    """Tell how an application was decided, and of the loan it led to. A referral is no decision."""
    if application.borrower.partner_id is None or application.status not in _DECIDED:
        return
    facts = [_decided(application, loan)]
    if loan is not None:
        facts.append(_disbursed(loan, application))
    tell(application.borrower_id, facts)


def tell_of_event(
    loan: Loan, event: Event, *, was: str, payment: Payment | None, billed: bool
) -> None:
    """Tell what an event brought to a loan that somebody listens for.

    `was` is the loan's status before it, `billed` whether it may have brought bills along.
    """
    if not loan.listened_to:
        return
    if billed:
        tell_of_dues(loan.pk, loan.pk)
    facts: list[Fact] = []
    if payment is not None:
        facts.append(_posted(loan, payment))
    taken_back = event.reverses.payment if event.reverses is not None else None
    if taken_back is not None:
        facts.append(_reversed(loan, event, taken_back))
    if loan.status == Loan.Status.CLOSED and was != Loan.Status.CLOSED:
        facts.append(_closed(loan, event))
    tell(loan.borrower_id, facts)


def _decided(application: LoanApplication, loan: Loan | None) -> Fact:
    return Fact(
        type=EventType.APPLICATION_DECIDED,
        key=f"application.decided/{application.pk}",
        data={
            "application_id": application.public_id,
            "user_id": borrower_public_id(application.borrower_id),
            "product": application.product_id,
            "amount_paise": application.amount_paise,
            "tenure_months": application.tenure_months,
            "status": application.status,
            "reasons": [reason["code"] for reason in application.reasons],
            "loan_id": None if loan is None else loan.public_id,
        },
    )


def _disbursed(loan: Loan, application: LoanApplication) -> Fact:
    return Fact(
        type=EventType.LOAN_DISBURSED,
        key=f"loan.disbursed/{loan.pk}",
        data=_of(loan)
        | {
            "application_id": application.public_id,
            "product": loan.product_id,
            "amount_paise": loan.principal_paise,
            "processing_fee_paise": loan.processing_fee_paise,
            "fee_gst_paise": loan.fee_gst_paise,
            "fee_collection": loan.fee_collection,
            "interest_rate_bps": loan.annual_rate_bps,
            "tenure_months": loan.tenure_months,
            "emi_paise": loan.instalment_paise,
            "disbursed_on": _day(loan.disbursed_on),
            "first_due_date": _day(loan.first_due_date),
        },
    )


def _posted(loan: Loan, payment: Payment) -> Fact:
    return Fact(
        type=EventType.PAYMENT_POSTED,
        key=f"payment.posted/{payment.pk}",
        data=_of(loan)
        | _naming(payment)
        | {
            "payment_method": payment.payment_method,
            "value_date": _day(payment.value_date),
            "interest_paise": payment.interest_paise,
            "principal_paise": payment.principal_paise,
            "charges_paise": payment.charges_paise,
            "penal_paise": payment.penal_paise,
            "advance_paise": payment.advance_paise,
            "excess_paise": payment.excess_paise,
            "principal_outstanding_paise": payment.principal_outstanding_after_paise,
            "loan_status": payment.loan_status_after,
        },
    )


def _reversed(loan: Loan, event: Event, payment: Payment) -> Fact:
    return Fact(
        type=EventType.PAYMENT_REVERSED,
        key=f"payment.reversed/{payment.pk}",
        data=_of(loan)
        | _naming(payment)
        | {
            "reversed_on": _day(event.value_date),
            "principal_outstanding_paise": loan.principal_outstanding_paise,
            "oldest_unpaid_due_date": _day(loan.oldest_unpaid_due_date),
            "loan_status": loan.status,
        },
    )


def _closed(loan: Loan, event: Event) -> Fact:
    return Fact(
        type=EventType.LOAN_CLOSED,
        key=f"loan.closed/{loan.pk}/{event.sequence}",
        data=_of(loan) | {"closed_on": _day(loan.closed_on)},
    )


def _of(loan: Loan) -> dict[str, Any]:
    return {"loan_id": loan.public_id, "user_id": borrower_public_id(loan.borrower_id)}


def _naming(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.pk,
        "reference_id": payment.reference_id,
        "amount_paise": payment.amount_paise,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
