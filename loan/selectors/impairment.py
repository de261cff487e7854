"""The class of borrowers: as recorded, and as their loans, folded together, give it.

What happens to one loan may change the class of its borrower only when the loan is, was or becomes
90 days past due, or a borrower who is non-performing has nothing overdue on it any more. Only then
are the borrower's other loans read at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, DateField, DateTimeField, Min, Q

from bright_credit.common.postgresql.messages import ReadyQuery, Rows, Slot, Statement
from loan.domain.asset_class import (
    AssetClass,
    ClassChange,
    Mark,
    OldestUnpaid,
    changes_to_record,
    class_changes,
    class_on,
    in_force,
    npa_periods,
)
from loan.domain.delinquency import days_past_due
from loan.domain.effects import BecameNpa
from loan.domain.events import ClassMarked
from loan.domain.lifecycle import LoanStatus
from loan.domain.position import oldest_unpaid_due_date
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import LoanEvent, replay
from loan.domain.unrealised import Suspense
from loan.models import AssetClassChange, Event, Instalment, Loan
from loan.selectors.calendar import current_date
from loan.selectors.events import events_by_loan, marks_by_borrower
from loan.selectors.loans import first_schedule_of, loan_for, plan_of, terms_of
from loan.selectors.telling import NextStep, Retelling
from users.domain.callers import SYSTEM, Caller

_COLUMNS = ("effective_on", "asset_class", "npa_since", "marked_class")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """Since when a borrower is non-performing, and what is to be recorded for it to stand so.

    `marked` is what a person has it marked as.
    """

    npa_since: date | None
    marked: AssetClass | None = None
    changes: tuple[ClassChange, ...] = ()


def classified(told: NextStep | Retelling) -> Classified:
    """Return what something that happens to a loan makes of its borrower's class. Writes nothing.

    Exactly as if it had been told in time, whatever day it counts from.
    """
    loan = told.state.loan
    if not _may_move_the_class(told):
        return Classified(npa_since=loan.borrower_npa_since, marked=loan.marked_class)
    on = told.step.position.as_of
    match told:
        case Retelling(step=step):
            path: Sequence[OldestUnpaid] = step.unpaid
        case NextStep(event=event):
            path = _path(loan, [*events_by_loan([loan.pk]).get(loan.pk, []), event], on=on)
    new = told.event
    return classified_by_folds(
        loan.borrower_id,
        on=on,
        told={loan.pk: path},
        marking=Mark(new.value_date, new.asset_class) if isinstance(new, ClassMarked) else None,
    )


def classified_by_folds(
    borrower_key: int,
    *,
    on: date,
    told: Mapping[int, Sequence[OldestUnpaid]] | None = None,
    marking: Mark | None = None,
) -> Classified:
    """Return a borrower's class on a day that has not ended, by folding all loans. Four statements.

    One more of a borrower who was ever marked. `told` are the paths of loans that are known
    already, by the loan's key; `marking` is a mark that is not written yet. The day-end before is
    the last that counts, or a later one that has been classified already.
    """
    paths = dict(told or {})
    loans = list(Loan.objects.filter(borrower=borrower_key).order_by("pk"))
    others = [loan for loan in loans if loan.pk not in paths and loan.disbursed_on <= on]
    paths |= paths_of(others, on=on)
    rows = list(AssetClassChange.objects.filter(borrower=borrower_key).order_by("id"))
    marks: list[Mark] = []
    if any(row.marked_class is not None for row in rows):
        marks += marks_by_borrower([borrower_key]).get(borrower_key, [])
    days = classified_days(loans, rows, marks)
    return told_class(
        paths.values(),
        recorded=[as_change(row) for row in rows],
        through=on,
        classified_through=max(on - timedelta(days=1), *days),
        marks=[*marks, *([] if marking is None else [marking])],
    )


def classified_days(
    loans: Iterable[Loan], rows: Iterable[AssetClassChange], marks: Iterable[Mark]
) -> tuple[date, ...]:
    """Return day-ends that were classified, as a borrower's loans and changes of class tell.

    A mark holds before its day has ended.
    """
    begun = {mark.from_date for mark in marks}
    return (
        date.min,
        *(loan.npa_since for loan in loans if loan.npa_since is not None),
        *(
            row.effective_on
            for row in rows
            if row.event_id is None or (row.npa_since is not None and row.effective_on not in begun)
        ),
    )


def told_class(
    paths: Iterable[Sequence[OldestUnpaid]],
    *,
    recorded: Sequence[ClassChange],
    through: date,
    classified_through: date,
    marks: Sequence[Mark] = (),
) -> Classified:
    """Return the class that paths and marks give, and what of it is not recorded."""
    periods = npa_periods(paths, through=through, classified_through=classified_through)
    told = class_changes(periods, classified_through=classified_through, marks=marks)
    return Classified(
        npa_since=told[-1].npa_since if told else None,
        marked=told[-1].marked if told else None,
        changes=changes_to_record(recorded, told),
    )


def paths_of(loans: Sequence[Loan], *, on: date) -> dict[int, Sequence[OldestUnpaid]]:
    """Return what was unpaid of loans since when, up to a day that has not ended, by key."""
    keys = [loan.pk for loan in loans]
    schedules: defaultdict[int, list[InstalmentPlan]] = defaultdict(list)
    for row in Instalment.objects.filter(loan__in=keys, version=1).order_by("loan_id", "number"):
        schedules[row.loan_id].append(plan_of(row))
    events = events_by_loan(keys)
    return {
        loan.pk: replay(
            terms_of(loan),
            events.get(loan.pk, []),
            on,
            schedule=schedules[loan.pk],
            day_ended=False,
        ).unpaid
        for loan in loans
    }


def as_change(row: AssetClassChange) -> ClassChange:
    """Return a recorded change as the core's value."""
    return _change(row.effective_on, row.asset_class, row.npa_since, row.marked_class)


def _change(
    effective_on: date, asset_class: str, npa_since: date | None, marked_class: str | None
) -> ClassChange:
    marked = None if marked_class is None else AssetClass(marked_class)
    return ClassChange(effective_on, AssetClass(asset_class), npa_since, marked)


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowerClass:
    """How the borrower of a loan is classified on a day that has not ended, and was before.

    `mark` is the event by which a person has it marked as of a worse class, if any.
    """

    loan: Loan
    as_of: date
    asset_class: AssetClass
    npa_since: date | None
    mark: Event | None
    days_past_due: int
    changes: Sequence[AssetClassChange]


def asset_class_of(loan_id: str, *, today: date, caller: Caller = SYSTEM) -> BorrowerClass:
    """Return the class of the borrower of a loan the caller may reach. Four statements.

    Raises `LoanNotFound`.
    """
    loan = loan_for(caller, loan_id, queryset=Loan.objects.select_related("borrower"))
    as_of = current_date(today=today)
    owing = Loan.objects.filter(borrower=loan.borrower_id).exclude(status=Loan.Status.CLOSED)
    oldest = owing.aggregate(due=Min("oldest_unpaid_due_date"))["due"]
    since, changes = loan.borrower_npa_since, recorded_changes(loan.borrower_id)
    return BorrowerClass(
        loan=loan,
        as_of=as_of,
        asset_class=class_on(
            oldest, as_of, day_ended=False, npa_since=since, marked=loan.marked_class
        ),
        npa_since=since,
        mark=_mark_of(loan, changes),
        days_past_due=days_past_due(oldest, as_of),
        changes=changes,
    )


def _mark_of(loan: Loan, changes: Sequence[AssetClassChange]) -> Event | None:
    """Return the event by which a person marked the borrower, while the mark stands."""
    if loan.borrower_marked_class is None:
        return None
    events = [change.event for change in changes if change.event is not None]
    return next(event for event in reversed(events) if event.kind == Event.Kind.CLASS_MARK)


def recorded_changes(borrower_key: int) -> list[AssetClassChange]:
    """Return all that was recorded of a borrower's class, in the order of recording."""
    rows = AssetClassChange.objects.filter(borrower=borrower_key).order_by("id")
    return list(rows.select_related("event", "event__loan"))


def reading_class(
    borrower_key: int, day: date, *, day_ended: bool, known_at: datetime | None = None
) -> Statement:
    """Return the statement that reads how a borrower was classified on a day; see `class_in`.

    A day that has not ended has its payments and marks, but not its own day-end. `known_at` is an
    instant by which it was recorded.
    """
    known = {} if known_at is None else {"known_at": known_at}
    query = _changes_to(day_ended=day_ended, as_known=bool(known))
    return query.asking(borrower=borrower_key, day=day, **known)


@cache
def _changes_to(*, day_ended: bool, as_known: bool) -> ReadyQuery[AssetClassChange]:
    day: Any = Slot("day", DateField())
    rows = AssetClassChange.objects.filter(
        borrower=Slot("borrower", BigIntegerField()), effective_on__lte=day
    )
    if not day_ended:
        by_the_calendar = Q(event__isnull=True) | (
            ~Q(event__kind=Event.Kind.CLASS_MARK) & Q(marked_class__isnull=True)
        )
        of_its_end = Q(effective_on=day) & ~Q(asset_class=AssetClass.STANDARD.value)
        rows = rows.exclude(of_its_end & by_the_calendar)
    if as_known:
        rows = rows.filter(booked_at__lte=Slot("known_at", DateTimeField()))
    return ReadyQuery(rows.order_by("id").values_list(*_COLUMNS))


def class_in(rows: Rows) -> ClassChange | None:
    """Return the change that held, among the rows that `reading_class` gives."""
    held = in_force(_change(*row) for row in rows)
    return held[-1] if held else None


def suspense_of(loan: Loan) -> Suspense:
    """Return what a loan's row holds in suspense."""
    return Suspense(
        interest_paise=loan.suspended_interest_paise,
        charges_paise=loan.suspended_charges_paise,
        penal_paise=loan.suspended_penal_paise,
        fees_paise=loan.suspended_fees_paise,
    )


def _may_move_the_class(told: NextStep | Retelling) -> bool:
    loan, step = told.state.loan, told.step
    if isinstance(told.event, ClassMarked):
        return True
    if isinstance(told, NextStep) and loan.borrower_marked_class is not None:
        return False  # what is paid lifts no mark
    if any(isinstance(effect, BecameNpa) for effect in step.effects):
        return True
    if isinstance(told, Retelling):
        return (
            loan.borrower_npa_since is not None
            or AssetClassChange.objects.filter(borrower=loan.borrower_id).exists()
        )
    if loan.borrower_npa_since is None:
        return False
    position, on = step.position, step.position.as_of
    oldest = oldest_unpaid_due_date(position, step.schedule)
    held = position.npa_since is not None or (oldest is not None and oldest <= on)
    if held and position.status is not LoanStatus.CLOSED:
        return False
    others = Loan.objects.filter(borrower=loan.borrower_id).exclude(status=Loan.Status.CLOSED)
    holding = Q(oldest_unpaid_due_date__lte=on) | Q(npa_since__isnull=False)
    return not others.filter(holding).exclude(pk=loan.pk).exists()


def _path(loan: Loan, events: Sequence[LoanEvent], *, on: date) -> Sequence[OldestUnpaid]:
    schedule = first_schedule_of(loan)
    return replay(terms_of(loan), events, on, schedule=schedule, day_ended=False).unpaid
