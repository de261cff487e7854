"""One day's work on a range of loans: a few set-based statements, and one set of journal entries.

It gives what `loan.domain.servicing.end_day` gives for every loan, and what `recording` writes of
it, except that the journal holds one entry a product and kind instead of one a loan. The dues, the
charges and the allocations are its proof.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from ledger.services import post_entries
from loan.domain.delinquency import NPA_DAYS
from loan.domain.penal import RATE_PERIOD_DAYS
from loan.domain.position import PERFORMANCE_MONTHS
from loan.models import Loan
from loan.selectors.quarantine import quarantined_keys
from loan.services.billing import day_sql
from loan.services.billing.announcing import tell_of_day
from loan.services.billing.noticing import notice_closed
from loan.services.billing.range_entries import RangeSums, entries_of
from loan.services.billing.steps import bring_to_end
from loan.services.billing.suspending import suspend
from loan.services.business_day import hold_schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeCounts:
    """What a day brought to a range of loans.

    `loans_seen` are those billed and those moved otherwise; one that is both counts twice.
    """

    loans_seen: int
    dues: int
    advances_applied: int
    penal_charges: int
    became_npa: int


class _Moved(NamedTuple):
    """A loan that the clock moves, as its row stood when it was locked."""

    key: int
    has_advance: bool
    has_gap: bool
    capitalises: bool
    penal_by_rule: bool
    crosses: bool
    is_non_performing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Locked:
    """The loans whose rows this transaction holds: those that the clock moves, by how it does.

    `non_performing` are the loans of borrowers who are, those merely due among them.
    """

    regular: list[int]
    with_advance: list[int]
    capitalising: list[int]
    penal_by_rule: list[int]
    crossing: list[int]
    with_gap: list[int]
    non_performing: list[int]


def bill_range(day: date, *, low: int, high: int) -> RangeCounts:
    """Bring loans `low` to `high` to the end of `day`; inside a transaction, the day being open.

    The loans that it updates are locked first, in the order of their keys. Only then are dues
    written: whoever pays a loan meanwhile waits for one of the two, and nobody for him. Schedules
    are held first of all, so that no due is billed while another takes its place.
    """
    hold_schedules()
    values: dict[str, Any] = {
        "day": day,
        "low": low,
        "high": high,
        "npa_edge": date.fromordinal(day.toordinal() - NPA_DAYS),
        "penal_period": RATE_PERIOD_DAYS,
        "performance": f"{PERFORMANCE_MONTHS} months",
    }
    quarantined = quarantined_keys(low, high)
    locked = _lock(values, apart=quarantined)
    values |= {
        "locked": locked.regular,
        "advance": locked.with_advance,
        "capitalising": locked.capitalising,
        "by_rule": locked.penal_by_rule,
        "crossing": locked.crossing,
        "apart": quarantined + locked.with_gap,
    }
    sums = _bring_on(values, locked)
    became_npa = _count(day_sql.MARK_NPA, values) if locked.crossing else 0
    for loan in Loan.objects.filter(pk__in=locked.with_gap).order_by("pk"):
        bring_to_end(loan, day)
    post_entries(
        entries_of(replace(sums, suspended=suspend(locked.non_performing)), day=day, low=low)
    )
    met = locked.with_advance + locked.with_gap
    tell_of_day(day, low=low, high=high, met=met, apart=locked.with_gap, quarantined=quarantined)
    notice_closed(met)
    billed = sum(row[1] for row in sums.dues)
    return RangeCounts(
        loans_seen=billed + len(locked.regular) - len(locked.with_advance) + len(locked.with_gap),
        dues=billed,
        advances_applied=sum(row[1] for row in sums.advances),
        penal_charges=sum(row[1] for row in sums.penal),
        became_npa=became_npa,
    )


def _bring_on(values: dict[str, Any], locked: _Locked) -> RangeSums:
    """Charge, capitalise, bill and meet, in the order of the core.

    Whoever stands at the day has had its penal charges, so these come first.
    """
    return RangeSums(
        penal=_levied(values),
        capitalised=_rows(day_sql.CAPITALISE, values) if locked.capitalising else (),
        dues=_bill(values),
        advances=_rows(day_sql.APPLY_ADVANCES, values) if locked.with_advance else (),
    )


def _lock(values: dict[str, Any], *, apart: list[int]) -> _Locked:
    moved = {key for (key,) in _rows(day_sql.FIND_MOVED, values)} - set(apart)
    suspended = {key for (key,) in _rows(day_sql.FIND_SUSPENDED, values)} - set(apart)
    found = sorted(moved | suspended)
    locked = _rows(day_sql.LOCK_MOVED, values | {"found": found}) if found else []
    rows = [_Moved(*row) for row in locked]
    regular = [row for row in rows if not row.has_gap and row.key in moved]
    return _Locked(
        regular=[row.key for row in regular],
        with_advance=[row.key for row in regular if row.has_advance],
        capitalising=[row.key for row in regular if row.capitalises],
        penal_by_rule=[row.key for row in regular if row.penal_by_rule],
        crossing=[row.key for row in regular if row.crosses],
        with_gap=[row.key for row in rows if row.has_gap],
        non_performing=[row.key for row in rows if row.is_non_performing],
    )


def _levied(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Levy the day's penal charges; loans of a product may be of either rule, once it changed."""
    rows = _rows(day_sql.LEVY_PENAL, values) if values["locked"] else []
    rows += _rows(day_sql.LEVY_PENAL_BY_RULE, values) if values["by_rule"] else []
    sums: dict[str, tuple[int, int]] = {}
    for product, count, paise in rows:
        counted, summed = sums.get(product, (0, 0))
        sums[product] = (counted + count, summed + paise)
    return [(product, *figures) for product, figures in sorted(sums.items())]


def _bill(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        with transaction.atomic():
            return _rows(day_sql.BILL_DUES, values)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        return _rows(day_sql.BILL_DUES_BESIDE_PAYERS, values)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _count(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
