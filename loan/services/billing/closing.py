"""Closing a day: its manifest, its seal over the journal, and the flip of the business date."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from ledger.sealing import FIRST_LINK, seal_of_entries
from loan.models import BillingChunk, BillingRun, BusinessDay
from loan.selectors.manifest import Manifest, billed_totals, paid_totals, skipped_loans
from loan.services.billing.classifying import classify_day
from loan.services.business_day import hold_close


def close_day(day: date) -> BillingRun:
    """Classify, seal what was booked since the last close, keep the manifest, open the next day.

    The totals are counted first, while payments go on. Then it waits for postings in flight and
    holds new ones back for the moment the seal takes, so that no entry falls between two seals. A
    day that is closed already is returned as it is.
    """
    run = BillingRun.objects.get(business_date=day)
    if run.is_closed:
        return run
    _require_done(run)
    classify_day(day)
    totals = billed_totals(run)
    with transaction.atomic():
        hold_close()
        run.refresh_from_db()
        if not run.is_closed:
            _close(run, totals)
    return run


def _require_done(run: BillingRun) -> None:
    if BillingChunk.objects.filter(run=run, status=BillingChunk.Status.PENDING).exists():
        raise RuntimeError(f"{run.business_date} cannot be closed: it is not billed to its end")


def _close(run: BillingRun, totals: Manifest) -> None:
    day = run.business_date
    _require_done(run)
    moved = BusinessDay.objects.filter(closed_through_date=day - timedelta(days=1)).update(
        closed_through_date=day
    )
    if moved != 1:
        raise RuntimeError(f"{day} cannot be closed: the day before it is open, or it is closed")
    previous = (
        BillingRun.objects.filter(closed_at__isnull=False, business_date__lt=day)
        .order_by("-business_date")
        .first()
    )
    run.previous_digest = previous.digest if previous else FIRST_LINK
    seal = seal_of_entries(
        after_id=previous.sealed_through_entry if previous else 0,
        previous_digest=run.previous_digest,
    )
    skipped = skipped_loans()
    run.digest = seal.digest
    run.sealed_through_entry = seal.last_id
    whole = skipped["skipped"]["count"] == 0
    run.status = BillingRun.Status.CLOSED if whole else BillingRun.Status.PARTIAL
    run.closed_at = timezone.now()
    run.manifest = {
        **totals,
        **paid_totals(day),
        **skipped,
        "journal": {"entries": seal.entries, "amount_paise": seal.amount_paise},
        "duration_ms": (run.closed_at - run.started_at) // timedelta(milliseconds=1),
    }
    run.save()
