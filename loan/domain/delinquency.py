"""Days past due and the regulator's buckets.

RBI (12 November 2021) dates a class by the day-end process that finds the dues unpaid: a due of
31 March unpaid at that day's end is overdue on 31 March, SMA-1 on 30 April, SMA-2 on 30 May and
NPA on 29 June, that is 0, 30, 60 and 90 days after the due date. While a day has not ended, the
class is still that of the day before.
"""

from datetime import date
from enum import StrEnum

from bright_credit.common.business_day import days_between

NPA_DAYS = 90


class Bucket(StrEnum):
    """A band of days past due; SMA is RBI's special mention account, NPA non-performing asset."""

    CURRENT = "CURRENT"
    SMA_0 = "SMA_0"
    SMA_1 = "SMA_1"
    SMA_2 = "SMA_2"
    NPA = "NPA"


#: Days past due at a day's end from which each bucket begins, the gravest first.
BUCKET_EDGES: tuple[tuple[int, Bucket], ...] = (
    (NPA_DAYS, Bucket.NPA),
    (60, Bucket.SMA_2),
    (30, Bucket.SMA_1),
    (0, Bucket.SMA_0),
)


def days_past_due(oldest_unpaid_due_date: date | None, as_of: date) -> int:
    """Return the days from the oldest unpaid due date to `as_of`; 0 when nothing is past due."""
    if oldest_unpaid_due_date is None:
        return 0
    return max(0, days_between(oldest_unpaid_due_date, as_of))


def bucket(
    oldest_unpaid_due_date: date | None,
    as_of: date,
    *,
    day_ended: bool,
    npa_since: date | None = None,
) -> Bucket:
    """Return the bucket on `as_of`, at its end or while it still runs.

    A loan that is NPA stays NPA, however few its days past due become, until its arrears are
    cleared: pass the position's `npa_since` to be told so.
    """
    if npa_since is not None:
        return Bucket.NPA
    if oldest_unpaid_due_date is None:
        return Bucket.CURRENT
    days_at_day_end = days_between(oldest_unpaid_due_date, as_of) - (0 if day_ended else 1)
    for from_days, edge_bucket in BUCKET_EDGES:
        if days_at_day_end >= from_days:
            return edge_bucket
    return Bucket.CURRENT
