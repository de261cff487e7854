"""One day's work on a range of loans: a few set-based statements, and one set of journal entries.

It gives what `loan.domain.servicing.end_day` gives for every loan, and what `recording` writes of
it, except that the journal holds one entry a product and kind instead of one a loan. The dues, the
charges and the allocations are its proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from ledger.domain.entries import EntryDraft, TransferDraft
from ledger.services import post_entries
from loan.domain.delinquency import NPA_DAYS
from loan.domain.penal import RATE_PERIOD_DAYS
from loan.domain.position import PERFORMANCE_MONTHS
from loan.domain.posting_rules import (
    advance_applied_transfers,
    interest_billed_transfers,
    interest_capitalised_transfers,
    penal_levied_transfers,
)
from loan.models import Loan
from loan.selectors.quarantine import quarantined_keys
from loan.services.billing import day_sql
from loan.services.billing.announcing import tell_of_day
from loan.services.billing.noticing import notice_closed
from loan.services.billing.steps import bring_to_end
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Locked:
    """The loans the clock moves, whose rows this transaction holds."""

    regular: list[int]
    with_advance: list[int]
    capitalising: list[int]
    with_gap: list[int]


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
    values["locked"] = locked.regular
    values["advance"] = locked.with_advance
    values["capitalising"] = locked.capitalising
    values["apart"] = quarantined + locked.with_gap
    # In the order of the core: whoever stands at the day has had its penal charges.
    penal = _levied(values) if locked.regular else []
    capitalised = _rows(day_sql.CAPITALISE, values) if locked.capitalising else []
    dues = _bill(values)
    advances = _rows(day_sql.APPLY_ADVANCES, values) if locked.with_advance else []
    became_npa = _count(day_sql.MARK_NPA, values) if locked.regular else 0
    for loan in Loan.objects.filter(pk__in=locked.with_gap).order_by("pk"):
        bring_to_end(loan, day)
    post_entries(
        _drafts(day, low, capitalised=capitalised, penal=penal, dues=dues, advances=advances)
    )
    tell_of_day(
        day,
        low=low,
        high=high,
        met=locked.with_advance + locked.with_gap,
        apart=locked.with_gap,
        quarantined=quarantined,
    )
    notice_closed(locked.with_advance + locked.with_gap)
    billed = sum(row[1] for row in dues)
    return RangeCounts(
        loans_seen=billed + len(locked.regular) - len(locked.with_advance) + len(locked.with_gap),
        dues=billed,
        advances_applied=sum(row[1] for row in advances),
        penal_charges=sum(row[1] for row in penal),
        became_npa=became_npa,
    )


def _lock(values: dict[str, Any], *, apart: list[int]) -> _Locked:
    found = {key for (key,) in _rows(day_sql.FIND_MOVED, values)} - set(apart)
    rows = _rows(day_sql.LOCK_MOVED, values | {"found": sorted(found)}) if found else []
    return _Locked(
        regular=[key for key, _, has_gap, _ in rows if not has_gap],
        with_advance=[key for key, has_advance, has_gap, _ in rows if has_advance and not has_gap],
        capitalising=[key for key, _, has_gap, due in rows if due and not has_gap],
        with_gap=[key for key, _, has_gap, _ in rows if has_gap],
    )


def _levied(values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Levy the day's penal charges; loans of a product may be of either rule, once it changed."""
    sums: dict[str, tuple[int, int]] = {}
    for statement in (day_sql.LEVY_PENAL, day_sql.LEVY_PENAL_BY_RULE):
        for product, count, paise in _rows(statement, values):
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


def _drafts(
    day: date,
    low: int,
    *,
    capitalised: Sequence[Sequence[Any]],
    penal: Sequence[Sequence[Any]],
    dues: Sequence[Sequence[Any]],
    advances: Sequence[Sequence[Any]],
) -> list[EntryDraft]:
    """Return an entry a product and kind, named after the range, which is done once."""

    def draft(
        kind: str, product: str, transfers: tuple[TransferDraft, ...], narrative: str
    ) -> EntryDraft:
        return EntryDraft(
            value_date=day,
            kind=kind,
            reference=f"{kind}/{day}/{product}/{low}",
            transfers=transfers,
            narrative=f"{narrative} of {product}",
        )

    return [
        *(
            draft(
                "INTEREST_CAPITALISED",
                product,
                interest_capitalised_transfers(paise),
                f"Capitalised interest of {count} loans",
            )
            for product, count, paise in capitalised
        ),
        *(
            draft("PENAL_CHARGE", product, penal_levied_transfers(paise), f"{count} penal charges")
            for product, count, paise in penal
        ),
        *(
            draft("INTEREST_DUE", product, interest_billed_transfers(paise), f"{count} dues")
            for product, count, paise in dues
            if paise > 0
        ),
        *(
            draft(
                "ADVANCE_APPLIED",
                product,
                advance_applied_transfers(interest_paise=interest, principal_paise=principal),
                f"{count} dues met from advance",
            )
            for product, count, interest, principal in advances
        ),
    ]


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _count(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
