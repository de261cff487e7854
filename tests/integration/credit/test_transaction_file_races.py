"""Two loads at the same moment, each on a connection of its own."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from credit.models import BankTransaction
from credit.services.transactions import LoadedFile, LoadProgress, load_transaction_file
from tests.integration.credit.bank_files import AS_OF, HEADER, borrowers, counts, row

pytestmark = pytest.mark.django_db(transaction=True)

RUNNERS = 4


def race(content_of: Callable[[int], bytes]) -> list[LoadedFile]:
    """Load files at once: each has staged its rows before any may post them."""
    barrier = Barrier(RUNNERS)

    def run(number: int) -> LoadedFile:
        def wait_for_all(_: LoadProgress) -> None:
            barrier.wait(timeout=60)

        try:
            return load_transaction_file(
                io.BytesIO(HEADER + content_of(number)),
                name=f"{number}.csv",
                as_of=AS_OF,
                progress=wait_for_all,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=RUNNERS) as pool:
        return list(pool.map(run, range(RUNNERS)))


def test_one_file_loaded_several_times_at_once_is_posted_once() -> None:
    people = borrowers(20)
    content = b"".join(
        row(people[number % 20], amount=str(number % 300 + 1)) for number in range(2_000)
    )
    loaded = race(lambda number: content)
    accounts = [counts(one.file) for one in loaded]
    assert sorted(account.accepted for account in accounts) == [0, 0, 0, 2_000]
    assert sorted(account.duplicate for account in accounts) == [0, 2_000, 2_000, 2_000]
    assert BankTransaction.objects.count() == 2_000
    assert sorted(len(one.touched_borrower_ids) for one in loaded) == [0, 0, 0, 20]


def test_files_that_overlap_in_opposite_orders_do_not_stop_each_other() -> None:
    people = borrowers(RUNNERS + 1)
    shared = [row(people[0], amount=str(number)) for number in range(1, 301)]

    def content(number: int) -> bytes:
        own = [row(people[number + 1], amount=str(amount)) for amount in range(1, 101)]
        ordered = shared if number % 2 else shared[::-1]
        return b"".join(own + ordered)

    accounts = [counts(one.file) for one in race(content)]
    assert sum(account.accepted for account in accounts) == 300 + RUNNERS * 100
    assert sum(account.duplicate for account in accounts) == (RUNNERS - 1) * 300
    assert BankTransaction.objects.count() == 300 + RUNNERS * 100
