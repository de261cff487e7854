"""Which documents a loan has today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from loan.models import Loan
from loan.selectors.carrying import carry_to
from statements.domain.financial_year import financial_years
from statements.selectors.statement import loan_and_date
from users.domain.callers import SYSTEM, Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """A document: its name in addresses, its title, and the parameters that its address takes."""

    document: str
    title: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentList:
    """The documents of a loan on a day."""

    loan: Loan
    as_of: date
    documents: tuple[ListedDocument, ...]


def document_list(loan_id: str, *, today: date, caller: Caller = SYSTEM) -> DocumentList:
    """Return what documents a loan has today. Raises `LoanNotFound`.

    One message to the database, and three more when the calendar has moved the loan since its last
    event.
    """
    loan, now = loan_and_date(loan_id, today=today, caller=caller)
    carry_to([loan], now)
    return DocumentList(loan=loan, as_of=now, documents=documents_of(loan, now=now))


def documents_of(loan: Loan, *, now: date) -> tuple[ListedDocument, ...]:
    """Return the documents of a loan that was carried to the day.

    Interest certificates are listed for the years in which something may have been paid.
    """
    certificates = tuple(
        ListedDocument(
            document="interest-certificate",
            title=f"Interest certificate {year.name}",
            parameters={"financial_year": year.name},
        )
        for year in financial_years(loan.disbursed_on, loan.closed_on or now)
    )
    closed = ListedDocument(document="no-dues-certificate", title="No-dues certificate")
    closing = ListedDocument(document="foreclosure-letter", title="Foreclosure letter")
    return (
        ListedDocument(document="key-facts", title="Key Facts Statement"),
        ListedDocument(document="sanction-letter", title="Sanction letter"),
        ListedDocument(document="statement", title="Statement of account"),
        *certificates,
        closed if loan.status == Loan.Status.CLOSED else closing,
    )
