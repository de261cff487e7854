"""Loans as they stand on a day: carried there in memory from where their last event left them.

The clock writes a loan's row only in the billing run. Until it has come (on the due date itself,
always), what is held in advance has met a due, arrears have made a loan non-performing, or interest
has been capitalised, and the row does not say so yet. Whoever reads rows for people carries them to
the day first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, Q

from bright_credit.common.business_day import days_between
from loan.domain.delinquency import NPA_DAYS
from loan.domain.loaded_schedule import LoadedSchedule
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import advance_to
from loan.models import Charge, Due, Instalment, Loan
from loan.selectors.loans import (
    open_charges,
    place,
    plan_of,
    stored_position,
    terms_of,
)


def carry_to(loans: Iterable[Loan], day: date) -> None:
    """Move loans to where the calendar has brought them on `day`, in memory only.

    Three statements for however many the calendar has moved; none when it has moved none.
    """
    moved = [loan for loan in loans if _moved_by_the_calendar(loan, day)]
    if not moved:
        return
    keys = [loan.pk for loan in moved]
    billed = _billed_through(moved)
    charges: defaultdict[int, list[Charge]] = defaultdict(list)
    for charge in open_charges().filter(loan__in=keys):
        charges[charge.loan_id].append(charge)
    plans: defaultdict[int, list[InstalmentPlan]] = defaultdict(list)
    unpaid = Instalment.objects.filter(
        loan__in=keys, version=F("loan__schedule_version"), number__gte=F("loan__next_number")
    )
    for row in unpaid.order_by("loan_id", "number"):
        plans[row.loan_id].append(plan_of(row))
    for loan in moved:
        rows = plans[loan.pk]
        schedule = LoadedSchedule(rows, length=loan.next_number - 1 + len(rows))
        stored = stored_position(
            loan, billed_through=billed.get(loan.pk, 0), open_charges=charges[loan.pk]
        )
        place(loan, advance_to(terms_of(loan), schedule, stored, day).position, schedule)


def _billed_through(loans: Sequence[Loan]) -> dict[int, int]:
    """Return the number of the last instalment billed, by loan."""
    kept = Instalment.objects.filter(
        loan=OuterRef("loan"),
        version=OuterRef("loan__schedule_version"),
        number=OuterRef("number"),
        revision=OuterRef("revision"),
    )
    plain = [loan.pk for loan in loans if loan.schedule_version == 1]
    others = [loan.pk for loan in loans if loan.schedule_version > 1]
    dues = Due.objects.filter(Q(loan__in=plain) | Q(Exists(kept), loan__in=others))
    return dict(dues.values_list("loan_id").annotate(last=Max("number")))


def _moved_by_the_calendar(loan: Loan, day: date) -> bool:
    """Return whether a due has come for money held in advance, an NPA edge has passed, the day of a
    restructuring has ended, or the day on which interest is capitalised has come."""
    if loan.capitalises_by(day):
        return True
    restructured = loan.restructured_on
    if restructured is not None and loan.npa_since is None and restructured < day:
        return loan.position_date <= restructured or _met_by_the_calendar(loan, day)
    return _met_by_the_calendar(loan, day)


def _met_by_the_calendar(loan: Loan, day: date) -> bool:
    oldest = loan.oldest_unpaid_due_date
    if oldest is None or oldest > day:
        return False
    return loan.advance_paise > 0 or (
        loan.npa_since is None and days_between(oldest, day) > NPA_DAYS
    )
