"""What borrowers are told by mail of their loans: receipts and closings as they happen."""

from typing import Any

from django.conf import settings

from loan.models import Event, Loan, Payment
from users.domain.notices import News, NoticeKind
from users.services.notices import write_news


def notice_event(loan: Loan, event: Event, *, was: str, payment: Payment | None) -> None:
    """Write the notices of an event, inside its transaction. `was` is the loan's status before.

    A history that is taken over is told to nobody.
    """
    if not settings.BORROWER_NOTICES or loan.listened_to is None:
        return
    news = []
    if payment is not None:
        news.append(_paid(loan, payment))
    if loan.status == Loan.Status.CLOSED and was != Loan.Status.CLOSED:
        news.append(_closed(loan, event))
    if news:
        write_news(loan.borrower_id, news)


def _paid(loan: Loan, payment: Payment) -> News:
    return _news(
        loan,
        NoticeKind.PAID,
        str(payment.pk),
        amount_paise=payment.amount_paise,
        payment_method=payment.payment_method,
        reference_id=payment.reference_id,
        value_date=payment.value_date.isoformat(),
        principal_outstanding_paise=payment.principal_outstanding_after_paise,
    )


def _closed(loan: Loan, event: Event) -> News:
    if loan.closed_on is None:
        raise ValueError("a closed loan has the date of its closing")
    name = f"{loan.pk}/{event.sequence}"
    return _news(loan, NoticeKind.CLOSED, name, closed_on=loan.closed_on.isoformat())


def _news(loan: Loan, kind: NoticeKind, name: str, **data: Any) -> News:
    return News(kind=kind, key=f"{kind}/{name}", loan_id=loan.public_id, data=data)
