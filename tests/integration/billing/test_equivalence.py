"""However a run is cut, ordered, repeated or delayed, it leaves the same books."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from benchmarks.choices import Layout
from loan.models import BillingChunk, BillingRun
from loan.services.billing.chunks import claim_chunk, work_on
from loan.services.billing.closing import close_day
from loan.services.billing.opening import open_run
from loan.services.billing.run import carry_on, run_billing, run_day
from tests.audit import assert_books_verify
from tests.integration.billing.books import DAY, Content, a_book, content

pytestmark = pytest.mark.django_db

#: Forty days from each of these hold what their names say.
FIRST_DAYS = {
    "year end": date(2027, 12, 20),
    "29 February": date(2028, 2, 10),
    "month ends": date(2026, 3, 25),
}


def undone(run: Callable[[], object]) -> Content:
    """Return what a run leaves, and take it back."""
    with transaction.atomic():
        run()
        left = content()
        transaction.set_rollback(True)
    return left


@pytest.mark.parametrize("layout", list(Layout))
def test_any_chunk_size_and_any_order_give_the_same_books(
    layout: Layout, settings: Settings
) -> None:
    a_book(240, layout=layout)
    whole = undone(lambda: run_day(DAY))
    assert all(whole.rows.values())
    chunks = set()
    for size in (3, 40):
        settings.BILLING_CHUNK_LOANS = size

        def backwards() -> None:
            run = open_run(DAY)
            chunks.add(run.chunks.count())
            for chunk in run.chunks.order_by("-low"):
                later = BillingChunk.objects.filter(run=run, low__lt=chunk.low)
                later.update(status=BillingChunk.Status.DONE, finished_at=run.started_at)
                claim = claim_chunk(run)
                assert claim is not None
                work_on(claim)
                later.update(status=BillingChunk.Status.PENDING, finished_at=None)
            close_day(DAY)

        assert undone(lambda: run_day(DAY)) == whole
        assert undone(backwards) == whole
    assert len(chunks) > 1


def test_ranges_hold_every_key_once(settings: Settings) -> None:
    a_book(600)
    settings.BILLING_CHUNK_LOANS, settings.BILLING_CHUNK_SPAN = 3, 10
    with transaction.atomic():
        ranges = list(open_run(DAY).chunks.order_by("low").values_list("low", "high"))
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 2**63 - 1
    assert all(low == before + 1 for (_, before), (low, _) in pairwise(ranges))
    assert max(high - low for low, high in ranges[:-1]) < 30


@pytest.mark.parametrize("first", FIRST_DAYS.values(), ids=FIRST_DAYS)
def test_an_outage_of_any_length_is_caught_up_to_the_same_books(first: date) -> None:
    """A few lengths here; `make billing-chaos` takes every one from 1 to 40 days."""
    a_book(200, day=first)
    on_time = undone(partial(after_outages, first, length=1))
    assert len({key[0] for key in on_time.journal}) >= 30
    for length in (2, 13, 31, 40):
        assert undone(partial(after_outages, first, length=length)) == on_time


def after_outages(first: date, *, length: int) -> None:
    """Run 40 days from `first`, `length` of them missed and caught up each time; 1 is on time."""
    last = first + timedelta(days=39)
    day = first - timedelta(days=1)
    while day < last:
        day = min(day + timedelta(days=length), last)
        run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def test_what_one_process_left_another_carries_on_through_every_day_asked_for() -> None:
    a_book(300)
    last = DAY + timedelta(days=3)
    expected = undone(
        lambda: run_billing(last, today=last + timedelta(days=1), may_run_ahead=False)
    )
    open_run(DAY, through=last)
    assert [run.business_date for run in carry_on()] == [DAY + timedelta(days=n) for n in range(4)]
    assert carry_on() == ()
    assert content() == expected
    assert_books_verify()


def test_a_day_is_opened_only_after_the_day_before() -> None:
    a_book(60)
    with pytest.raises(RuntimeError):
        open_run(DAY + timedelta(days=1))
    assert not BillingRun.objects.exists()


def test_a_day_is_closed_only_when_all_of_it_is_done() -> None:
    a_book(60)
    open_run(DAY)
    with pytest.raises(RuntimeError):
        close_day(DAY)
