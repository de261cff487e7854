"""The last step of a billing run: fresh scores for those whose record has changed."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from credit.models import CreditScore
from credit.services.scoring import ScoreRequest, score_borrowers
from loan.domain.delinquency import BUCKET_EDGES
from loan.models import BillingRun, Loan, Payment
from loan.selectors.credit_history import credit_histories

BATCH = 1_000


def refresh_scores(*, touched: Collection[int], as_of: date) -> int:
    """Score the borrowers whom closed days have affected; return how many.

    Days whose scores are still to be refreshed are taken together, also those of an earlier run
    that died before it came to this. `touched` are borrowers with new bank transactions.
    """
    with transaction.atomic():
        runs = list(
            BillingRun.objects.select_for_update()
            .filter(status=BillingRun.Status.CLOSED, rescored_at__isnull=True)
            .order_by("business_date")
        )
        affected = set(touched)
        if runs:
            affected |= _affected(runs[0].business_date, runs[-1].business_date)
        borrowers = sorted(affected)
        for start in range(0, len(borrowers), BATCH):
            histories = credit_histories(borrowers[start : start + BATCH], as_of=as_of)
            score_borrowers(
                [ScoreRequest(borrower, history) for borrower, history in histories.items()],
                as_of=as_of,
                trigger=CreditScore.Trigger.BILLING_RUN,
            )
        BillingRun.objects.filter(pk__in=[run.pk for run in runs]).update(
            rescored_at=timezone.now()
        )
    return len(borrowers)


def _affected(first: date, last: date) -> set[int]:
    """Return the borrowers who crossed an edge of delinquency, or paid, from one day to another."""
    crossed = Q()
    for days, _ in BUCKET_EDGES:
        edge = timedelta(days=days)
        crossed |= Q(oldest_unpaid_due_date__range=(first - edge, last - edge))
    late = Loan.objects.filter(crossed, status=Loan.Status.ACTIVE)
    paid = Payment.objects.filter(value_date__range=(first, last))
    return set(late.values_list("borrower_id", flat=True)) | set(
        paid.values_list("loan__borrower_id", flat=True)
    )
