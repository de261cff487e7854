"""A believable book that ends today: a batch of borrowers, their bank accounts, loans, payments.

What lies in closed days is taken over with its history. The days since then are lived one by one
as they would have been: applications, payments, and the billing run at the end of each day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from django.db.models import Count, Q

from bright_credit.common.business_day import add_months
from credit.models import CreditScore
from loan.models import Loan, LoanApplication, Payment
from loan.selectors.calendar import current_date
from loan.services.business_day import closed_through
from loan.services.demo.batch import Batch, Member, Progress, next_batch_number, score_members
from loan.services.demo.catalogue import ensure_products
from loan.services.demo.community import load_accounts, load_instalments, register_members
from loan.services.demo.past import take_over_past
from loan.services.demo.present import ask_for_much, live_open_days
from loan.services.demo.wishes import wishes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrder:
    """How large a book, over how long, drawn from which seed; `today` is where it ends."""

    borrowers: int
    months: int
    seed: int
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What a batch has brought, as it stands at the end of its making."""

    batch: int
    borrowers: int
    bank_transactions: int
    payments: int
    active: int
    closed: int
    overdue: int
    npa: int
    referred: int
    rejected: int


def no_progress(stage: str, done: int, total: int) -> None:
    """Report to nobody."""


def load_demo(order: DemoOrder, *, progress: Progress = no_progress) -> DemoReport:
    """Add a batch of new people to the book and bring the book to today."""
    ensure_products()
    number = next_batch_number()
    now = current_date(today=order.today)
    batch = Batch(
        number=number,
        start=add_months(now, -order.months),
        now=now,
        rng=Random(f"{order.seed}/{number}"),  # noqa: S311 - made-up people, nothing secret
        progress=progress,
    )
    members = register_members(batch, borrowers=order.borrowers)
    rows = load_accounts(batch, members)
    last_closed = closed_through(as_of=now)
    wishes = wishes_of(members, until=now, rng=batch.rng)
    past = [wish for wish in wishes if wish.on <= last_closed]
    planned = take_over_past(batch, past, last_closed=last_closed)
    live_open_days(batch, wishes[len(past) :], planned, last_closed=last_closed)
    ask_for_much(batch, members)
    rows += load_instalments(batch, members)
    score_members(
        [member.borrower.pk for member in members],
        on=now,
        trigger=CreditScore.Trigger.OPERATIONS,
    )
    return _report(batch, members, bank_transactions=rows)


def _report(batch: Batch, members: Sequence[Member], *, bank_transactions: int) -> DemoReport:
    ours = {"borrower__in": [member.borrower.pk for member in members]}
    active = Q(status=Loan.Status.ACTIVE)
    loans = Loan.objects.filter(**ours).aggregate(
        active=Count("pk", filter=active),
        closed=Count("pk", filter=~active),
        overdue=Count("pk", filter=active & Q(oldest_unpaid_due_date__lt=batch.now)),
        npa=Count("pk", filter=Q(npa_since__isnull=False)),
    )
    applications = LoanApplication.objects.filter(**ours).aggregate(
        referred=Count("pk", filter=Q(status=LoanApplication.Status.REFERRED)),
        rejected=Count("pk", filter=Q(status=LoanApplication.Status.REJECTED)),
    )
    return DemoReport(
        batch=batch.number,
        borrowers=len(members),
        bank_transactions=bank_transactions,
        payments=Payment.objects.filter(loan__borrower__in=ours["borrower__in"]).count(),
        **loans,
        **applications,
    )
