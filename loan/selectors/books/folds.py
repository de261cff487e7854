"""Every loan folded again from its terms and events, against the position its row holds."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields
from datetime import date

from bright_credit.common.business_day import day_after
from loan.domain.schedule import InstalmentPlan, amortization_schedule
from loan.domain.servicing import Position, oldest_unpaid_due_date, position
from loan.models import BusinessDay, Charge, Due, Instalment, Loan, Payment
from loan.selectors.books.findings import Finding
from loan.selectors.loans import events_of, plan_of, stored_position, terms_of

BATCH = 500
_DATE_ONLY = "as_of"  # the clock writes nothing: a row may rest at the date of its last event


def fold_findings(
    progress: Callable[[int, int], None], *, apart: Collection[int]
) -> Iterator[Finding]:
    """Yield the loans whose stored position is not what their history gives.

    Loans `apart` are in quarantine: the days they were left out of are missing from their rows.
    """
    day = BusinessDay.objects.first()
    closed_through = day.closed_through_date if day else None
    total = Loan.objects.count()
    last_key = done = 0
    while batch := list(Loan.objects.filter(pk__gt=last_key).order_by("pk")[:BATCH]):
        last_key = batch[-1].pk
        whole = [loan for loan in batch if loan.pk not in apart]
        yield from _batch_findings(whole, closed_through=closed_through)
        done += len(batch)
        progress(done, total)


def _batch_findings(batch: Sequence[Loan], *, closed_through: date | None) -> Iterator[Finding]:
    keys = [loan.pk for loan in batch]
    instalments: defaultdict[int, list[Instalment]] = defaultdict(list)
    for row in Instalment.objects.filter(loan__in=keys).order_by("loan_id", "number"):
        instalments[row.loan_id].append(row)
    payments: defaultdict[int, list[Payment]] = defaultdict(list)
    for payment in Payment.objects.filter(loan__in=keys).order_by("id"):
        payments[payment.loan_id].append(payment)
    charges: defaultdict[int, list[Charge]] = defaultdict(list)
    for charge in Charge.objects.filter(loan__in=keys).order_by("id"):
        charges[charge.loan_id].append(charge)
    billed: defaultdict[int, list[int]] = defaultdict(list)
    for loan_key, number in Due.objects.filter(loan__in=keys).values_list("loan_id", "number"):
        billed[loan_key].append(number)
    for loan in batch:
        yield from _loan_findings(
            loan,
            instalments=instalments[loan.pk],
            payments=payments[loan.pk],
            charges=charges[loan.pk],
            billed=sorted(billed[loan.pk]),
            closed_through=closed_through,
        )


def _loan_findings(
    loan: Loan,
    *,
    instalments: Sequence[Instalment],
    payments: Sequence[Payment],
    charges: Sequence[Charge],
    billed: Sequence[int],
    closed_through: date | None,
) -> Iterator[Finding]:
    terms = terms_of(loan)
    schedule = amortization_schedule(terms)
    if tuple(plan_of(row) for row in instalments) != schedule:
        yield _finding(loan, "the stored schedule is not the one that the terms give")
    if list(billed) != list(range(1, len(billed) + 1)):
        yield _finding(loan, "a due between others is missing")
    as_of = max(loan.position_date, closed_through or loan.position_date)
    if as_of == closed_through and _is_billed_ahead(len(billed), schedule, as_of):
        as_of = day_after(as_of)  # by a run that is under way, or was killed there
    day_ended = as_of == closed_through or as_of == loan.npa_since
    folded = position(
        terms, events_of(payments, charges), as_of, schedule=schedule, day_ended=day_ended
    )
    stored = stored_position(
        loan,
        billed_through=len(billed),
        open_charges=[charge for charge in charges if charge.paid_paise < charge.amount_paise],
    )
    yield from (_finding(loan, words) for words in _differences(stored, folded))
    if loan.oldest_unpaid_due_date != oldest_unpaid_due_date(folded, schedule):
        yield _finding(loan, "oldest_unpaid_due_date is not that of the first unpaid instalment")


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
