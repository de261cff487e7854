"""Closing a day: its manifest, its seal over the journal, and the flip of the business date."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from ledger.sealing import FIRST_LINK, seal_of_entries
from loan.models import BillingRun, BusinessDay
from loan.selectors.manifest import day_manifest
from loan.services.business_day import hold_close


@transaction.atomic
def close_day(day: date) -> BillingRun:
    """Seal what was booked since the last close, keep the manifest, and open the next day.

    Waits for postings in flight and holds new ones back for the moment it takes, so that no entry
    falls between two seals. A day that is closed already is returned as it is.
    """
    hold_close()
    run = BillingRun.objects.get(business_date=day)
    if run.status == BillingRun.Status.CLOSED:
        return run
    moved = BusinessDay.objects.filter(closed_through_date=day - timedelta(days=1)).update(
        closed_through_date=day
    )
    if moved != 1:
        raise RuntimeError(f"{day} cannot be closed: the day before it is open, or it is closed")
    previous = (
        BillingRun.objects.filter(status=BillingRun.Status.CLOSED, business_date__lt=day)
        .order_by("-business_date")
        .first()
    )
    run.previous_digest = previous.digest if previous else FIRST_LINK
    seal = seal_of_entries(
        after_id=previous.sealed_through_entry if previous else 0,
        previous_digest=run.previous_digest,
    )
    run.digest = seal.digest
    run.sealed_through_entry = seal.last_id
    run.status = BillingRun.Status.CLOSED
    run.closed_at = timezone.now()
    run.manifest = day_manifest(day) | {
        "journal": {"entries": seal.entries, "amount_paise": seal.amount_paise},
        "duration_ms": (run.closed_at - run.started_at) // timedelta(milliseconds=1),
    }
    run.save()
    return run


def loan_ranges(*, size: int) -> list[tuple[int, int]]:
    """Return ranges of loan keys that together cover every loan, `size` keys each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM loan_loan")
        first, last = cursor.fetchone()
    if first is None:
        return []
    return [(low, min(low + size - 1, last)) for low in range(first, last + 1, size)]
