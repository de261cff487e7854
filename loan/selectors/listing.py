"""Which loans of a list are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from loan.models import Loan


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanFilter:
    """What a loan must be to be listed; None: anything."""

    status: str | None = None
    product: str | None = None
    disbursed_from: date | None = None
    disbursed_to: date | None = None


def matching(loans: QuerySet[Loan], wanted: LoanFilter) -> QuerySet[Loan]:
    """Return the loans that match, and those whose status may change on the way to today.

    A loan whose last dues are met by what it holds in advance is closed before its row says so.
    After the rows were carried to today, `still_matching` has the last word.
    """
    if wanted.status == Loan.Status.CLOSED:
        loans = loans.filter(Q(status=Loan.Status.CLOSED) | Q(advance_paise__gt=0))
    elif wanted.status is not None:
        loans = loans.filter(status=wanted.status)
    if wanted.product is not None:
        loans = loans.filter(product_id=wanted.product)
    if wanted.disbursed_from is not None:
        loans = loans.filter(disbursed_on__gte=wanted.disbursed_from)
    if wanted.disbursed_to is not None:
        loans = loans.filter(disbursed_on__lte=wanted.disbursed_to)
    return loans


def still_matching(loans: Sequence[Loan], wanted: LoanFilter) -> list[Loan]:
    """Return the loans of a page, as they stand today, that are of the status wanted."""
    return [loan for loan in loans if wanted.status in (None, loan.status)]
