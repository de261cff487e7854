"""The chain of closed days: every day there, in order, and its seal reckoned again."""

from collections.abc import Iterator
from datetime import timedelta

from ledger.sealing import FIRST_LINK, seal_of_entries
from loan.models import BillingRun, BusinessDay
from loan.selectors.books.findings import Finding


def chain_findings() -> Iterator[Finding]:
    """Yield the closed days whose journal is not what was sealed, and gaps between the days."""
    after_id, previous = 0, FIRST_LINK
    last: BillingRun | None = None
    for run in BillingRun.objects.filter(closed_at__isnull=False).order_by("business_date"):
        if last is not None and run.business_date - last.business_date != timedelta(days=1):
            yield _finding(run, f"the day before it in the chain is {last.business_date}")
        seal = seal_of_entries(
            after_id=after_id, until_id=run.sealed_through_entry, previous_digest=previous
        )
        if run.previous_digest != previous:
            yield _finding(run, "is not linked to the day before it")
        if seal.digest != run.digest:
            yield _finding(run, "the journal under its seal was changed, or rows added or removed")
        if run.manifest.get("journal") != {
            "entries": seal.entries,
            "amount_paise": seal.amount_paise,
        }:
            yield _finding(run, "its manifest counts another journal")
        after_id, previous, last = run.sealed_through_entry, run.digest, run
    yield from _end_of_chain(last)


def _end_of_chain(last: BillingRun | None) -> Iterator[Finding]:
    """Yield a calendar that has closed other days than the chain holds."""
    day = BusinessDay.objects.first()
    if last is not None and (day is None or day.closed_through_date != last.business_date):
        closed = day.closed_through_date if day else "no day"
        yield _finding(last, f"is the last day sealed, but the calendar has closed {closed}")


def _finding(run: BillingRun, detail: str) -> Finding:
    return Finding(check="seal", subject=run.business_date.isoformat(), detail=detail)
