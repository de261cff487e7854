"""Loans as they stand on a day: carried there in memory from where their last event left them.

The clock writes a loan's row only in the billing run. Until it has come (on the due date itself,
always), what is held in advance has met a due, or arrears have made a loan non-performing, and the
row does not say so yet. Whoever reads rows for people carries them to the day first.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import F, Max

from bright_credit.common.business_day import days_between
from loan.domain.delinquency import NPA_DAYS
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import advance_to
from loan.models import Charge, Due, Instalment, Loan
from loan.selectors.loans import (
    LoadedSchedule,
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
    billed = dict(
        Due.objects.filter(loan__in=keys).values_list("loan_id").annotate(last=Max("number"))
    )
    charges: defaultdict[int, list[Charge]] = defaultdict(list)
    for charge in open_charges().filter(loan__in=keys):
        charges[charge.loan_id].append(charge)
    plans: defaultdict[int, list[InstalmentPlan]] = defaultdict(list)
    unpaid = Instalment.objects.filter(loan__in=keys, number__gte=F("loan__next_number"))
    for row in unpaid.order_by("loan_id", "number"):
        plans[row.loan_id].append(plan_of(row))
    for loan in moved:
        schedule = LoadedSchedule(plans[loan.pk], length=loan.tenure_months)
        stored = stored_position(
            loan, billed_through=billed.get(loan.pk, 0), open_charges=charges[loan.pk]
        )
        place(loan, advance_to(terms_of(loan), schedule, stored, day).position, schedule)


def _moved_by_the_calendar(loan: Loan, day: date) -> bool:
    """Return whether a due has come for money held in advance, or an NPA edge has passed."""
    oldest = loan.oldest_unpaid_due_date
    if oldest is None or oldest > day:
        return False
    return loan.advance_paise > 0 or (
        loan.npa_since is None and days_between(oldest, day) > NPA_DAYS
    )
