"""Finding loans by their delinquency: the core's rules, turned round for the database to seek."""

from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Q

from loan.domain.delinquency import BUCKET_EDGES, NPA_DAYS, Bucket
from loan.models import Loan

_MARKED = Q(npa_since__isnull=False) | Q(borrower_npa_since__isnull=False)


def overdue(*, as_of: date) -> Q:
    """Return the condition of loans with an instalment that fell due before a day and is unpaid."""
    return Q(status=Loan.Status.ACTIVE, oldest_unpaid_due_date__lt=as_of)


def in_bucket(bucket: Bucket, *, as_of: date) -> Q:
    """Return the condition of active loans in a bucket on a day that has not ended.

    It is `loan.domain.delinquency.bucket`, turned round to seek by the oldest unpaid due date.
    """
    last_day_end = as_of - timedelta(days=1)
    active = Q(status=Loan.Status.ACTIVE)
    if bucket is Bucket.NPA:
        edge = last_day_end - timedelta(days=NPA_DAYS)
        return active & (_MARKED | Q(oldest_unpaid_due_date__lte=edge))
    not_npa = active & ~_MARKED
    for (graver_from, _), (from_days, edge_bucket) in pairwise(BUCKET_EDGES):
        if edge_bucket is bucket:
            return not_npa & Q(
                oldest_unpaid_due_date__lte=last_day_end - timedelta(days=from_days),
                oldest_unpaid_due_date__gt=last_day_end - timedelta(days=graver_from),
            )
    return not_npa & (
        Q(oldest_unpaid_due_date__isnull=True) | Q(oldest_unpaid_due_date__gt=last_day_end)
    )
