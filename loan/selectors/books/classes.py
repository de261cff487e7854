"""Every borrower who is or was non-performing: the class by all loans, against what is recorded."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bright_credit.common.postgresql.snapshot import Readers
from loan.models import AssetClassChange, BillingRun, BusinessDay, Loan
from loan.selectors.books.findings import Finding
from loan.selectors.events import marks_by_borrower
from loan.selectors.impairment import as_change, classified_days, paths_of, told_class

BATCH = 200


def is_run_under_way() -> bool:
    """Return whether a billing run is not closed: what it comes to is written at its end."""
    return BillingRun.objects.filter(closed_at__isnull=True).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Borrowers to classify at once, by their keys, and the day to classify them to."""

    borrowers: tuple[int, ...]
    closed_through: date


def class_findings(readers: Readers, *, apart: Collection[int]) -> Iterator[Finding]:
    """Yield the borrowers whose class is not what the histories of their loans give together.

    Borrowers with a loan `apart`, in quarantine, are left out; and so are all while a run is under
    way, which classifies last.
    """
    day = BusinessDay.objects.first()
    if day is None or is_run_under_way():
        return
    left_out = set(Loan.objects.filter(pk__in=apart).values_list("borrower_id", flat=True))
    marked = Loan.objects.filter(npa_since__isnull=False) | Loan.objects.filter(
        borrower_npa_since__isnull=False
    )
    keys = set(marked.values_list("borrower_id", flat=True))
    keys |= set(AssetClassChange.objects.values_list("borrower_id", flat=True))
    borrowers = sorted(keys - left_out)
    batches = [
        _Batch(
            borrowers=tuple(borrowers[start : start + BATCH]),
            closed_through=day.closed_through_date,
        )
        for start in range(0, len(borrowers), BATCH)
    ]
    for findings in readers.map(_batch_findings, batches):
        yield from findings


def _batch_findings(batch: _Batch) -> list[Finding]:
    """Return the differences in a batch. Whichever process it is run by, it is sent the keys."""
    return list(_differences(batch.borrowers, closed_through=batch.closed_through))


def _differences(borrowers: Sequence[int], *, closed_through: date) -> Iterator[Finding]:
    loans: defaultdict[int, list[Loan]] = defaultdict(list)
    for loan in Loan.objects.filter(borrower__in=borrowers).order_by("pk"):
        loans[loan.borrower_id].append(loan)
    rows: defaultdict[int, list[AssetClassChange]] = defaultdict(list)
    for row in AssetClassChange.objects.filter(borrower__in=borrowers).order_by("id"):
        rows[row.borrower_id].append(row)
    everything = [loan for mine in loans.values() for loan in mine]
    on = max(closed_through + timedelta(days=1), *(loan.position_date for loan in everything))
    paths, marks = paths_of(everything, on=on), marks_by_borrower(borrowers)
    for borrower in borrowers:
        mine = loans[borrower]
        told = told_class(
            [paths[loan.pk] for loan in mine],
            recorded=[as_change(row) for row in rows[borrower]],
            through=on,
            classified_through=max(
                closed_through,
                *classified_days(mine, rows[borrower], marks.get(borrower, [])),
            ),
            marks=marks.get(borrower, []),
        )
        subject = str(mine[0].borrower_id)
        if told.changes:
            yield _finding(subject, f"{told.changes} is not recorded")
        for loan in mine:
            if loan.borrower_npa_since != told.npa_since:
                detail = (
                    f"{loan.public_id} has it non-performing since {loan.borrower_npa_since}, "
                    f"the loans together since {told.npa_since}"
                )
                yield _finding(subject, detail)
            if loan.borrower_marked_class != told.marked:
                detail = (
                    f"{loan.public_id} has it marked as {loan.borrower_marked_class}, "
                    f"the marks give {told.marked}"
                )
                yield _finding(subject, detail)


def _finding(subject: str, detail: str) -> Finding:
    return Finding(check="asset class", subject=f"borrower {subject}", detail=detail)
