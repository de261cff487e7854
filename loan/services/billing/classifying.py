"""The last step of a day: the classes of borrowers, and what they make of their loans' income.

A class is the borrower's, whose loans may lie in several chunks, so it is told when all chunks are
done. Only borrowers are read whose class the day may change. What the day billed and charged to
those who were non-performing before, its chunks held in suspense; a borrower whose class a payer or
a person changed during the day is looked at again, since a chunk may not have known it yet. Done
twice, it does nothing the second time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from bright_credit.common.business_day import add_months
from ledger.domain.entries import EntryDraft
from ledger.models import Entry
from ledger.services import post_entries
from loan.domain.asset_class import (
    SUB_CLASSES,
    AssetClass,
    ClassChange,
    sub_class,
    worse_of,
)
from loan.domain.delinquency import NPA_DAYS
from loan.models import BillingRun
from loan.services.billing import classifying_sql as sql
from loan.services.billing.suspending import suspend
from loan.services.business_day import hold_classifying, hold_day
from loan.services.impairment import SUSPENSE_KIND


@dataclass(frozen=True, slots=True)
class _Change:
    borrower_key: int
    change: ClassChange


def classify_day(day: date) -> None:
    """Write the classes that the end of a day brings, all its chunks being done.

    A day that is closed has been classified; nothing is written of it.
    """
    with transaction.atomic():
        hold_classifying()
        hold_day()
        if BillingRun.objects.filter(business_date=day, closed_at__isnull=False).exists():
            return
        told = {borrower for (borrower,) in _rows(sql.TOLD, {"day": day})}
        concerned = told.union(one.borrower_key for one in _changes(day))
        if concerned:
            loans = [loan for (loan,) in _rows(sql.LOCK, {"borrowers": list(concerned)})]
            changes = _changes(day, among=concerned)
            _record(changes, day)
            _suspend(day, loans, changes)


def _changes(day: date, *, among: Collection[int] | None = None) -> list[_Change]:
    """Return the changes of class of the day, in the order of borrowers: of some, or of all."""
    values = {
        "day": day,
        "npa_days": NPA_DAYS,
        "since": _anniversaries(day),
        "among": None if among is None else list(among),
    }
    found: dict[int, ClassChange] = {}
    for borrower, since in _rows(sql.NEWLY_NPA, values):
        found[borrower] = ClassChange(since, sub_class(since, day), since)
    for borrower, since, named in _rows(sql.AGED, values) if values["since"] else ():
        reached, marked = sub_class(since, day), named and AssetClass(named)
        if marked is None or worse_of(marked, reached) is not marked:
            found[borrower] = ClassChange(day, reached, since, marked)
    for (borrower,) in _rows(sql.CURED, values):
        found[borrower] = ClassChange(day, AssetClass.STANDARD, None)
    if among is not None:
        found = {borrower: change for borrower, change in found.items() if borrower in among}
    return [_Change(borrower, found[borrower]) for borrower in sorted(found)]


def _anniversaries(day: date) -> list[date]:
    """Return the day-ends since which a borrower's sub-class begins today."""
    return sorted(
        since
        for months, _ in SUB_CLASSES
        if months > 0
        for back in range(4)  # the last days of a month meet the same last day of a shorter one
        for since in [add_months(day, -months) + timedelta(days=back)]
        if add_months(since, months) == day
    )


def _record(changes: Sequence[_Change], day: date) -> None:
    if not changes:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            sql.RECORD,
            {
                "day": day,
                "borrowers": [one.borrower_key for one in changes],
                "effective": [one.change.effective_on for one in changes],
                "classes": [one.change.asset_class.value for one in changes],
                "since": [one.change.npa_since for one in changes],
                "marked": [one.change.marked and one.change.marked.value for one in changes],
            },
        )


def _suspend(day: date, loans: Sequence[int], changes: Sequence[_Change]) -> None:
    """Write the new classes with the loans, bring their suspense to its level, and book it."""
    since = {one.borrower_key: one.change.npa_since for one in changes}
    moved = suspend(loans, since=since)
    if not moved:
        return
    again = Entry.objects.filter(reference__startswith=f"SUSPENSE/{day}/").count()
    suffix = f"/{again}" if again else ""
    post_entries(
        [
            EntryDraft(
                value_date=day,
                kind=SUSPENSE_KIND,
                reference=f"SUSPENSE/{day}/{one.product}{suffix}",
                transfers=one.transfers,
                narrative=f"Income held in suspense, {one.loans} loans of {one.product}",
            )
            for one in moved
        ]
    )


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
