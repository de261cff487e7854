"""The last step of a day: the classes of borrowers, and the income of those who do not perform.

A class is the borrower's, whose loans may lie in several chunks, so it is told when all chunks are
done. Only borrowers are read whose class the day may change, and only loans of non-performing ones
that the day billed, charged or met. Done twice, it does nothing the second time.
"""

from collections.abc import Sequence
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
from loan.domain.posting_rules import suspense_transfers
from loan.domain.unrealised import NO_SUSPENSE, Suspense
from loan.models import AssetClassChange, BillingRun
from loan.services.billing import classifying_sql as sql
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
        changes = _changes(day)
        if changes:
            changes = _locked(changes, day)
            _record(changes, day)
        _suspend(day, borrowers=[one.borrower_key for one in changes])


def _changes(day: date) -> list[_Change]:
    """Return the changes of class of the day, in the order of borrowers."""
    found: dict[int, ClassChange] = {}
    for borrower, since in _rows(sql.NEWLY_NPA, {"day": day}):
        found[borrower] = ClassChange(since, sub_class(since, day), since)
    ages = _anniversaries(day)
    for borrower, since, named in _rows(sql.AGED, {"since": ages}) if ages else ():
        reached, marked = sub_class(since, day), named and AssetClass(named)
        if marked is None or worse_of(marked, reached) is not marked:
            found[borrower] = ClassChange(day, reached, since, marked)
    for (borrower,) in _rows(sql.CURED, {"day": day}):
        found[borrower] = ClassChange(day, AssetClass.STANDARD, None)
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


def _locked(changes: Sequence[_Change], day: date) -> list[_Change]:
    """Lock the loans of these borrowers, and return what still is to be changed then."""
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK, {"borrowers": [one.borrower_key for one in changes]})
    return _changes(day)


def _record(changes: Sequence[_Change], day: date) -> None:
    AssetClassChange.objects.bulk_create(
        [
            AssetClassChange(
                borrower_id=one.borrower_key,
                effective_on=one.change.effective_on,
                asset_class=one.change.asset_class.value,
                npa_since=one.change.npa_since,
                marked_class=one.change.marked,
                booked_on=day,
            )
            for one in changes
        ],
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.MARK,
            {
                "borrowers": [one.borrower_key for one in changes],
                "since": [one.change.npa_since for one in changes],
            },
        )


def _suspend(day: date, *, borrowers: Sequence[int]) -> None:
    """Bring the suspense of every loan that the day touched to its level; book it by product."""
    values: dict[str, Any] = {"day": day, "borrowers": list(borrowers)}
    values["touched"] = [key for (key,) in _rows(sql.TOUCH, values)]
    moved = _rows(sql.SUSPEND, values) if values["touched"] else []
    if not moved:
        return
    again = Entry.objects.filter(reference__startswith=f"SUSPENSE/{day}/").count()
    suffix = f"/{again}" if again else ""
    drafts = []
    for product, loans, interest, charges, penal, fees in moved:
        level = Suspense(
            interest_paise=interest, charges_paise=charges, penal_paise=penal, fees_paise=fees
        )
        if transfers := suspense_transfers(NO_SUSPENSE, level):
            drafts.append(
                EntryDraft(
                    value_date=day,
                    kind=SUSPENSE_KIND,
                    reference=f"SUSPENSE/{day}/{product}{suffix}",
                    transfers=transfers,
                    narrative=f"Income of {loans} loans of {product} held in suspense",
                )
            )
    post_entries(drafts)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
