"""The seals of closed days, reckoned again."""

from collections.abc import Iterator

from ledger.sealing import FIRST_LINK, seal_of_entries
from loan.models import BillingRun
from loan.selectors.books.findings import Finding


def chain_findings() -> Iterator[Finding]:
    """Yield the closed days whose journal is not what was sealed, in order of date."""
    after_id, previous = 0, FIRST_LINK
    for run in BillingRun.objects.filter(status=BillingRun.Status.CLOSED).order_by("business_date"):
        seal = seal_of_entries(
            after_id=after_id, until_id=run.sealed_through_entry, previous_digest=previous
        )
        if run.previous_digest != previous:
            yield _finding(run, "is not linked to the day before it")
        if seal.digest != run.digest:
            yield _finding(run, "the journal under its seal was changed, or rows added or removed")
        after_id, previous = run.sealed_through_entry, run.digest


def _finding(run: BillingRun, detail: str) -> Finding:
    return Finding(check="seal", subject=run.business_date.isoformat(), detail=detail)
