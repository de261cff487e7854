"""Booking the interest that has run unbilled: a day's growth, one entry a product.

Beside the billing run, whose chunks bill and know nothing of it: the sum of all loans moves, no row
of a loan does. A day on which more is billed than has run has an entry the other way round.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from django.db import connection, transaction

from bright_credit.common.business_day import day_after
from ledger.domain.entries import EntryDraft
from ledger.services import post_entries
from loan.domain.posting_rules import accrual_transfers
from loan.models import Accrual, AccrualShare, BusinessDay
from loan.selectors.accruals import (
    Accrued,
    Known,
    accrued_on,
    known_now,
    last_accrual,
    shares_of,
)
from loan.services.business_day import hold_classifying, hold_open_date, hold_schedules

ACCRUAL_KIND = "INTEREST_ACCRUED"


def post_accruals(*, today: date, actor: str) -> tuple[Accrual, ...]:
    """Book every closed day that has no accrual yet, in order, and return what was booked.

    The first accrual of a book is that of its last closed day, and catches up with all that runs.
    Days that were missed have an entry each, and leave what they would have left in time.
    """
    return tuple(_post_all(today=today, actor=actor))


def _post_all(*, today: date, actor: str) -> Iterator[Accrual]:
    closed = BusinessDay.objects.values_list("closed_through_date", flat=True).first()
    if closed is None:
        return
    known = _known_for_good()
    while (made := _post_next(closed, known, today=today, actor=actor)) is not None:
        yield made


@transaction.atomic
def _known_for_good() -> Known:
    """Return the last schedule and class there are, none before them being written any more.

    For that moment alone changes of terms and of classes are held back, and those under way waited
    for: the accrual itself is reckoned by these keys, and whoever reckons by them again, for an
    audit, finds the same. A history that is taken over at that very moment may be left to the next.
    """
    hold_schedules()
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE loan_assetclasschange IN SHARE MODE")
    return known_now()


@transaction.atomic
def _post_next(closed: date, known: Known, *, today: date, actor: str) -> Accrual | None:
    """Book the next day, in a transaction of its own; None when there is none."""
    hold_classifying()  # so of two at once the second finds the first one's
    last = last_accrual()
    day = closed if last is None else day_after(last.as_of)
    if day > closed:
        return None
    accrued = accrued_on(day, known)
    open_date = hold_open_date(as_of=today)
    accrual = Accrual.objects.create(
        as_of=day,
        accrued_paise=sum(each.accrued_paise for each in accrued),
        **asdict(known),
        booked_on=open_date,
        actor=actor,
    )
    AccrualShare.objects.bulk_create(
        AccrualShare(
            accrual=accrual,
            product_id=each.product,
            loans=each.loans,
            accrued_paise=each.accrued_paise,
        )
        for each in accrued
    )
    post_entries(
        list(_drafts(day, accrued, before=shares_of(last), open_date=open_date)), actor=actor
    )
    return accrual


def _drafts(
    day: date, accrued: tuple[Accrued, ...], *, before: dict[str, int], open_date: date
) -> Iterator[EntryDraft]:
    """Yield an entry for each product whose accrual is another than the last time."""
    after = {each.product: each.accrued_paise for each in accrued}
    for product in sorted(before.keys() | after.keys()):
        transfers = accrual_transfers(after.get(product, 0) - before.get(product, 0))
        if transfers:
            yield EntryDraft(
                value_date=open_date,
                kind=ACCRUAL_KIND,
                reference=f"ACCRUAL/{day}/{product}",
                transfers=transfers,
                narrative=f"Interest of {product} run and not billed at the end of {day}, "
                "less the last time",
            )
