"""The last step of a billing run: fresh scores for those whose record has changed."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from credit.models import BankTransaction, CreditScore, TransactionFile
from credit.services.scoring import ScoreRequest, score_borrowers
from loan.domain.delinquency import BUCKET_EDGES
from loan.models import BillingRun, Loan, Payment
from loan.selectors.credit_history import credit_histories

BATCH = 1_000

#: How long the run that closed a day is given to come to its scores.
PATIENCE = timedelta(minutes=30)


@transaction.atomic
def refresh_scores(*, as_of: date) -> int:
    """Score the borrowers whom closed days or new bank transactions have affected; return how many.

    Days and files whose scores are still to be refreshed are taken together, also those of a run
    that died before it came to this, and files that were loaded by hand. What another process has
    taken at the same moment is left to it.
    """
    runs = list(
        BillingRun.objects.select_for_update(skip_locked=True)
        .filter(closed_at__isnull=False, rescored_at__isnull=True)
        .order_by("business_date")
    )
    files = list(
        TransactionFile.objects.select_for_update(skip_locked=True).filter(
            status=TransactionFile.Status.LOADED, scores_refreshed_at__isnull=True
        )
    )
    affected = _touched_by(files) if files else set()
    if runs:
        affected |= _affected(runs[0].business_date, runs[-1].business_date)
    score_again(sorted(affected), as_of=as_of)
    now = timezone.now()
    BillingRun.objects.filter(pk__in=[run.pk for run in runs]).update(rescored_at=now)
    TransactionFile.objects.filter(pk__in=[file.pk for file in files]).update(
        scores_refreshed_at=now
    )
    return len(affected)


def score_again(borrower_ids: Sequence[int], *, as_of: date) -> None:
    """Score these borrowers anew, a batch at a time, in a few statements each."""
    for start in range(0, len(borrower_ids), BATCH):
        histories = credit_histories(borrower_ids[start : start + BATCH], as_of=as_of)
        score_borrowers(
            [ScoreRequest(borrower, history) for borrower, history in histories.items()],
            as_of=as_of,
            trigger=CreditScore.Trigger.BILLING_RUN,
        )


def scores_are_behind() -> bool:
    """Return whether a day was closed a while ago and its scores were never refreshed."""
    a_while_ago = timezone.now() - PATIENCE
    return BillingRun.objects.filter(closed_at__lt=a_while_ago, rescored_at__isnull=True).exists()


def _touched_by(files: list[TransactionFile]) -> set[int]:
    """Return the borrowers who got new transactions from these files."""
    return set(
        BankTransaction.objects.filter(file__in=[file.pk for file in files])
        .values_list("borrower_id", flat=True)
        .distinct()
    )


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
