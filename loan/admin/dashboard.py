"""The first page: the book at a glance, and what waits for a person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from bright_credit.common.admin.columns import (
    Tone,
    counted,
    day,
    grouped,
    instant,
    link,
    list_url,
    state,
)
from bright_credit.common.admin.pages import may_view
from bright_credit.common.admin.panels import Table
from bright_credit.common.money import format_rupees
from loan.admin.billing import run_figures
from loan.admin.clock import business_date
from loan.admin.loans import OVERDUE
from loan.admin.tones import RUN_TONES
from loan.domain.delinquency import Bucket
from loan.models import BillingRun, Loan, LoanApplication, Payment
from loan.selectors.dashboard import BookAtAGlance, book_at_a_glance, referred_count
from users.models import Borrower


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure, with a word on it and a place to look further."""

    title: str
    value: str
    note: str
    url: str
    tone: Tone = Tone.PLAIN


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the book to the first page, for those who may look at loans."""
    context["title"] = "Book at a glance"
    if not may_view(request, Loan):
        return context
    book = book_at_a_glance(as_of=business_date(request))
    context["subtitle"] = None
    context["cards"] = _cards(book)
    context["panels"] = [_runs(book)]
    return context


def referred_badge(request: HttpRequest) -> str:
    """Return how many applications wait, for the sidebar; nothing when none does."""
    waiting = referred_count() if may_view(request, LoanApplication) else 0
    return grouped(waiting) if waiting else ""


def _cards(book: BookAtAGlance) -> list[Card]:
    last = book.runs[0] if book.runs else None
    return [
        Card(
            title="Referred applications",
            value=grouped(book.referred),
            note="wait for a decision",
            url=list_url(LoanApplication, status__exact="REFERRED"),
            tone=Tone.WARNING if book.referred else Tone.PLAIN,
        ),
        Card(
            title="Borrowers",
            value=grouped(book.borrowers),
            note="registered",
            url=list_url(Borrower),
        ),
        Card(
            title="Active loans",
            value=grouped(book.active_loans),
            note=f"business date {day(book.as_of)}",
            url=list_url(Loan, status__exact="ACTIVE"),
        ),
        Card(
            title="Principal outstanding",
            value=format_rupees(book.outstanding_paise),
            note="on active loans",
            url=list_url(Loan, status__exact="ACTIVE"),
        ),
        Card(
            title="Overdue",
            value=format_rupees(book.overdue_paise),
            note=f"on {counted(book.overdue_loans, 'loan')}",
            url=list_url(Loan, bucket=OVERDUE),
            tone=Tone.WARNING if book.overdue_loans else Tone.PLAIN,
        ),
        Card(
            title="Non-performing",
            value=grouped(book.npa_loans),
            note=f"{format_rupees(book.npa_outstanding_paise)} outstanding",
            url=list_url(Loan, bucket=Bucket.NPA),
            tone=Tone.DANGER if book.npa_loans else Tone.PLAIN,
        ),
        Card(
            title="Payments today",
            value=format_rupees(book.payments_today_paise),
            note=counted(book.payments_today, "payment"),
            url=list_url(Payment),
        ),
        Card(
            title="Last billing run",
            value=day(last.business_date) if last else "None",
            note=last.get_status_display().lower() if last else "no day has been closed yet",
            url=list_url(BillingRun),
            tone=Tone.WARNING if last and last.status == BillingRun.Status.RUNNING else Tone.PLAIN,
        ),
    ]


def _runs(book: BookAtAGlance) -> Table:
    return Table(
        title="Last billing runs",
        headings=("Business date", "Status", "Dues", "Billed", "Overdue loans", "NPA", "Closed"),
        numeric=frozenset({"Dues", "Billed", "Overdue loans", "NPA"}),
        rows=tuple(
            (
                link(day(run.business_date), run),
                state(run.status, RUN_TONES),
                *run_figures(run),
                instant(run.closed_at),
            )
            for run in book.runs
        ),
        empty="No billing run yet.",
    )
