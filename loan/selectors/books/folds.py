"""Every loan folded again from its terms and events, against the position its row holds."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from bright_credit.common.business_day import day_after
from bright_credit.common.postgresql.snapshot import Readers
from loan.domain.schedule import InstalmentPlan, amortization_schedule
from loan.domain.servicing import LoanEvent, Position, oldest_unpaid_due_date, replay
from loan.domain.unrealised import NO_SUSPENSE, Suspense, unrealised
from loan.models import BusinessDay, Charge, Due, Instalment, Loan
from loan.selectors.books.classes import is_run_under_way
from loan.selectors.books.findings import Finding
from loan.selectors.events import events_by_loan
from loan.selectors.impairment import suspense_of
from loan.selectors.loans import ORDER_OF_LEVY, plan_of, stored_position, terms_of

BATCH = 500
_DATE_ONLY = "as_of"  # the clock writes nothing: a row may rest at the date of its last event


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Loans to fold at once, by their keys, and the day to fold them to."""

    keys: tuple[int, ...]
    closed_through: date | None
    run_under_way: bool


def fold_findings(
    readers: Readers, progress: Callable[[int, int], None], *, apart: Collection[int]
) -> Iterator[Finding]:
    """Yield the loans whose stored position is not what their history gives.

    Loans `apart` are in quarantine: the days they were left out of are missing from their rows.
    """
    day = BusinessDay.objects.first()
    closed_through = day.closed_through_date if day else None
    under_way = is_run_under_way()
    total = Loan.objects.count()
    batches = [
        _Batch(
            keys=tuple(key for key in keys if key not in apart),
            closed_through=closed_through,
            run_under_way=under_way,
        )
        for keys in _keys_in_batches()
    ]
    for number, findings in enumerate(readers.map(_batch_findings, batches), start=1):
        yield from findings
        progress(min(number * BATCH, total), total)


def _keys_in_batches() -> Iterator[list[int]]:
    """Yield every loan's key, from the smallest, which need not be positive."""
    keys = Loan.objects.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH])


def _batch_findings(batch: _Batch) -> list[Finding]:
    """Return the differences in a batch. Whichever process it is run by, it is sent the keys."""
    keys = batch.keys
    instalments: defaultdict[int, list[Instalment]] = defaultdict(list)
    for row in Instalment.objects.filter(loan__in=keys).order_by("loan_id", "number"):
        instalments[row.loan_id].append(row)
    charges: defaultdict[int, list[Charge]] = defaultdict(list)
    live = Charge.objects.filter(loan__in=keys, cancelled_by=None)
    for charge in live.order_by(*ORDER_OF_LEVY):
        charges[charge.loan_id].append(charge)
    billed: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    dues = Due.objects.filter(loan__in=keys).values_list("loan_id", "number", "revision")
    for loan_key, number, revision in dues:
        billed[loan_key].append((number, revision))
    events = events_by_loan(keys)
    return [
        finding
        for loan in Loan.objects.filter(pk__in=keys).order_by("pk")
        for finding in _loan_findings(
            loan,
            _Rows(
                instalments=instalments[loan.pk],
                charges=charges[loan.pk],
                billed=billed[loan.pk],
                events=events.get(loan.pk, []),
            ),
            closed_through=batch.closed_through,
            run_under_way=batch.run_under_way,
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """What is kept of a loan beside its own row. Bills are numbers with their revision."""

    instalments: Sequence[Instalment]
    charges: Sequence[Charge]
    billed: Sequence[tuple[int, int]]
    events: Sequence[LoanEvent]

    def schedule(self, version: int) -> tuple[InstalmentPlan, ...]:
        """Return a version of the schedule."""
        return tuple(plan_of(row) for row in self.instalments if row.version == version)

    def billed_of(self, version: int) -> list[int]:
        """Return the numbers of the instalments of a version that are billed."""
        kept = {(row.number, row.revision) for row in self.instalments if row.version == version}
        return sorted(number for number, revision in self.billed if (number, revision) in kept)


def _loan_findings(
    loan: Loan, rows: _Rows, *, closed_through: date | None, run_under_way: bool
) -> Iterator[Finding]:
    terms = terms_of(loan)
    first, schedule = rows.schedule(1), rows.schedule(loan.schedule_version)
    if first != amortization_schedule(terms):
        yield _finding(loan, "the stored schedule is not the one that the terms give")
    billed = rows.billed_of(loan.schedule_version)
    if billed != list(range(1, len(billed) + 1)):
        yield _finding(loan, "a due between others is missing")
    as_of = max(loan.position_date, closed_through or loan.position_date)
    if as_of == closed_through and _is_billed_ahead(len(billed), schedule, as_of):
        as_of = day_after(as_of)  # by a run that is under way, or was killed there
    day_ended = as_of == closed_through or as_of == loan.npa_since
    folded = replay(terms, rows.events, as_of, schedule=first, day_ended=day_ended)
    if tuple(folded.schedule) != schedule:
        yield _finding(loan, "the schedule in force is not the one that its history gives")
    stored = stored_position(
        loan,
        billed_through=len(billed),
        open_charges=[charge for charge in rows.charges if charge.paid_paise < charge.amount_paise],
    )
    yield from (_finding(loan, words) for words in _differences(stored, folded.position))
    if not run_under_way and suspense_of(loan) != _suspense(loan, stored, schedule):
        yield _finding(loan, "income in suspense is not what is unpaid of the income booked")
    if loan.oldest_unpaid_due_date != oldest_unpaid_due_date(folded.position, folded.schedule):
        yield _finding(loan, "oldest_unpaid_due_date is not that of the first unpaid instalment")


def _suspense(loan: Loan, stored: Position, schedule: Sequence[InstalmentPlan]) -> Suspense:
    """Return what a loan should have in suspense, as it is stored to stand."""
    if loan.borrower_npa_since is None:
        return NO_SUSPENSE
    return unrealised(stored, schedule)


def _is_billed_ahead(billed: int, schedule: Sequence[InstalmentPlan], as_of: date) -> bool:
    """Return whether the last bill is that of the next day."""
    return 0 < billed <= len(schedule) and schedule[billed - 1].due_date == day_after(as_of)


def _differences(stored: Position, folded: Position) -> Iterator[str]:
    for field in fields(Position):
        if field.name == _DATE_ONLY:
            continue
        have, expected = getattr(stored, field.name), getattr(folded, field.name)
        if have != expected:
            yield f"{field.name} is {have}, its history gives {expected}"


def _finding(loan: Loan, detail: str) -> Finding:
    return Finding(check="fold", subject=loan.public_id, detail=detail)
