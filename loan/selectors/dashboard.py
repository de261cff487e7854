"""The book at a glance, for the first page that staff see. Seven statements."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, F, Q, Sum

from loan.models import BillingRun, Loan, LoanApplication, Payment
from loan.selectors.delinquency import overdue
from users.models import Borrower

RUNS_SHOWN = 7

# What fell due before the day on loans whose oldest unpaid instalment did, less what is paid of
# that instalment; those after it are not paid at all.
_OVERDUE = """
SELECT coalesce(sum(i.principal_paise + i.interest_paise - CASE WHEN i.number = l.next_number
           THEN l.next_principal_paid_paise + l.next_interest_paid_paise ELSE 0 END), 0)::bigint
FROM loan_loan l
JOIN loan_instalment i
  ON i.loan_id = l.id AND i.version = l.schedule_version
 AND i.number >= l.next_number AND i.due_date < %(as_of)s
WHERE l.status = 'ACTIVE' AND l.oldest_unpaid_due_date < %(as_of)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAtAGlance:
    """The book on a business date that has not ended. Amounts in paise."""

    as_of: date
    borrowers: int
    active_loans: int
    outstanding_paise: int
    overdue_loans: int
    overdue_paise: int
    npa_loans: int
    npa_outstanding_paise: int
    referred: int
    payments_today: int
    payments_today_paise: int
    runs: tuple[BillingRun, ...]


def book_at_a_glance(*, as_of: date) -> BookAtAGlance:
    """Return the figures of the book, and the last billing runs, newest first."""
    left = F("principal_paise") + F("capitalised_paise") - F("principal_paid_paise")
    owed = Sum(left, default=0)
    npa = Q(npa_since__isnull=False) | Q(borrower_npa_since__isnull=False)
    loans = Loan.objects.filter(status=Loan.Status.ACTIVE).aggregate(
        active=Count("id"),
        outstanding=owed,
        npa=Count("id", filter=npa),
        npa_outstanding=Sum(left, filter=npa, default=0),
    )
    payments = Payment.objects.filter(event__booked_on=as_of).aggregate(
        count=Count("id"), amount=Sum("amount_paise", default=0)
    )
    return BookAtAGlance(
        as_of=as_of,
        borrowers=Borrower.objects.count(),
        active_loans=loans["active"],
        outstanding_paise=int(loans["outstanding"]),
        overdue_loans=Loan.objects.filter(overdue(as_of=as_of)).count(),
        overdue_paise=_overdue_paise(as_of),
        npa_loans=loans["npa"],
        npa_outstanding_paise=int(loans["npa_outstanding"]),
        referred=referred_count(),
        payments_today=payments["count"],
        payments_today_paise=int(payments["amount"]),
        runs=tuple(BillingRun.objects.order_by("-business_date")[:RUNS_SHOWN]),
    )


def referred_count() -> int:
    """Return how many applications wait for a person."""
    return LoanApplication.objects.filter(status=LoanApplication.Status.REFERRED).count()


def _overdue_paise(as_of: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"as_of": as_of})
        return int(cursor.fetchone()[0])
