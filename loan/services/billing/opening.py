"""Opening a day's run: its row, and the work list that any number of workers take their part of."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from django.conf import settings
from django.db import connection, transaction

from credit.models import TransactionFile
from loan.models import BillingChunk, BillingRun
from loan.services.business_day import closed_through, hold_close, open_calendar

#: Loan keys are within these, so the first and the last chunk hold also loans that come later.
FIRST_KEY, LAST_KEY = 0, 2**63 - 1

# Read from the index of due dates alone: every so-many-th loan that falls due on the day.
_BORDERS = """
SELECT loan_id FROM (
    SELECT loan_id, row_number() OVER (ORDER BY loan_id) AS place
    FROM loan_instalment WHERE due_date = %(day)s
) due
WHERE place %% %(size)s = 0
ORDER BY loan_id
"""


def open_run(
    day: date, *, through: date | None = None, file: TransactionFile | None = None
) -> BillingRun:
    """Return the run of a day, written with its chunks if it is not there.

    `through` is the last day asked for. Waits for postings in flight for the moment it takes to
    write the rows, so that a loan is either in the book before the run or knows of it. Raises
    RuntimeError when the day before is open.
    """
    run = BillingRun.objects.filter(business_date=day).first()
    if run is None:
        ranges = _ranges(day)
        with transaction.atomic():
            hold_close()
            open_calendar(as_of=day)
            run = BillingRun.objects.filter(business_date=day).first() or _write(day, ranges, file)
    if through is not None and (run.asked_through_date or run.business_date) < through:
        BillingRun.objects.filter(pk=run.pk).update(asked_through_date=through)
        run.asked_through_date = through
    return run


def _write(
    day: date, ranges: Sequence[tuple[int, int]], file: TransactionFile | None
) -> BillingRun:
    if (day - closed_through(as_of=day)).days != 1:
        raise RuntimeError(f"{day} cannot be opened: it is not the day after the last closed one")
    run = BillingRun.objects.create(
        business_date=day, asked_through_date=day, transaction_file=file
    )
    BillingChunk.objects.bulk_create(
        BillingChunk(run=run, low=low, high=high) for low, high in ranges
    )
    return run


def _ranges(day: date) -> list[tuple[int, int]]:
    """Return ranges of loan keys that cover every loan, in each about as many that fall due.

    Equal ranges of keys would make a day on which few fall due a hundred times nothing.
    """
    size = settings.BILLING_CHUNK_LOANS
    with connection.cursor() as cursor:
        cursor.execute(_BORDERS, {"day": day, "size": size})
        borders = [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT max(id) FROM loan_loan")
        (last,) = cursor.fetchone()
    return list(_cut(borders, last=last, widest=size * settings.BILLING_CHUNK_SPAN))


def _cut(borders: Sequence[int], *, last: int | None, widest: int) -> Iterator[tuple[int, int]]:
    """Yield ranges that end at the borders, and none of the keys in use wider than `widest`."""
    if last is None:
        return
    starts = [FIRST_KEY]
    for border in [*borders, last]:
        while border - starts[-1] >= widest:
            starts.append(starts[-1] + widest)
        if starts[-1] <= border < last:
            starts.append(border + 1)
    yield from ((low, following - 1) for low, following in pairwise([*starts, LAST_KEY + 1]))
