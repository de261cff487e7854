"""How far the billing is, in one statement: what readiness and the metrics ask for."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from bright_credit.common.business_day import business_date_of, days_between

#: The run begins half an hour after midnight. By then, at the latest, it should be over.
TIME_TO_BILL = timedelta(hours=6)

_STATE = """
SELECT (SELECT closed_through_date FROM loan_businessday),
       run.status, run.closed_at, work.pending, work.waiting_since,
       (SELECT count(*) FROM loan_quarantinedloan WHERE released_at IS NULL)
FROM (VALUES (1)) AS one (row)
LEFT JOIN LATERAL (
    SELECT status, closed_at FROM loan_billingrun ORDER BY business_date DESC LIMIT 1
) run ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS pending, min(coalesce(c.claimed_at, r.started_at)) AS waiting_since
    FROM loan_billingrun r JOIN loan_billingchunk c ON c.run_id = r.id AND c.status = 'PENDING'
    WHERE r.closed_at IS NULL
) work ON true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingState:
    """Where the billing stands. `closed_through` is None before the first day, like the others.

    `waiting_since` is the oldest claim or start of the chunks that are not done, while a run is
    under way.
    """

    closed_through: date | None
    last_status: str | None
    last_closed_at: datetime | None
    chunks_pending: int
    waiting_since: datetime | None
    loans_in_quarantine: int

    def days_behind(self, now: datetime) -> int:
        """Return how many days should have been closed by an instant, and are not."""
        if self.closed_through is None:
            return 0
        last_to_close = business_date_of(now - TIME_TO_BILL) - timedelta(days=1)
        return max(0, days_between(self.closed_through, last_to_close))


def billing_state() -> BillingState:
    """Return how far the billing is now."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        closed_through, status, closed_at, pending, since, quarantined = cursor.fetchone()
    return BillingState(
        closed_through=closed_through,
        last_status=status,
        last_closed_at=closed_at,
        chunks_pending=pending,
        waiting_since=since,
        loans_in_quarantine=quarantined,
    )
