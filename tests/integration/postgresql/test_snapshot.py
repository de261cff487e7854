"""Several processes read as of one instant, and none of them outlives whom it reads for."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from django.db import connection, transaction

from bright_credit.common.postgresql.snapshot import one_snapshot, usable_cores
from loan.models import LoanProduct
from tests.builders import a_product
from tests.integration.loan.racing import PATIENCE, start

pytestmark = pytest.mark.django_db(transaction=True)

_MEETING = 7_361  # the advisory lock that readers hold to show that they are there
_SIDE_BY_SIDE = (
    "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"
)
_LENT = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL"
)


def name_of_the_product(code: str) -> str:
    return LoanProduct.objects.get(code=code).name


def meet(number: int) -> int:
    """Return this process's number once two sessions hold a lock of the meeting."""
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_MEETING, number])
        while time.monotonic() < deadline:
            cursor.execute(_SIDE_BY_SIDE, [_MEETING])
            if cursor.fetchone()[0] >= 2:
                return os.getpid()
            time.sleep(0.01)
    raise AssertionError("nobody else came")


def write(code: str) -> None:
    LoanProduct.objects.filter(code=code).update(name="written")


def fail(code: str) -> None:
    raise LookupError(code)


def die(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def patience(_: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        return str(cursor.fetchone()[0])


def refuse_to_read(read: Callable[[str], object], error: type[Exception], *, match: str) -> None:
    product = a_product()
    with pytest.raises(error, match=match), one_snapshot(processes=1) as alone:
        list(alone.map(read, [product.code]))
    with pytest.raises(error, match=match), one_snapshot(processes=2) as several:
        list(several.map(read, [product.code]))


def rename_elsewhere(product: LoanProduct) -> None:
    """Commit a new name over another connection."""
    with ThreadPoolExecutor(1) as pool:
        renaming = LoanProduct.objects.filter(code=product.code)
        assert start(pool, lambda: renaming.update(name="renamed meanwhile")).result() == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_committed_meanwhile_is_not_read(processes: int) -> None:
    product = a_product()
    with one_snapshot(processes=processes) as readers:
        before = name_of_the_product(product.code)
        rename_elsewhere(product)
        read = list(readers.map(name_of_the_product, [product.code] * 4))
        assert name_of_the_product(product.code) == before
    assert set(read) == {before}
    assert name_of_the_product(product.code) == "renamed meanwhile"


def test_shares_are_read_side_by_side_by_other_processes() -> None:
    with one_snapshot(processes=2) as readers:
        read_by = list(readers.map(meet, [1, 2]))
    assert len({*read_by, os.getpid()}) == 3


def test_results_come_in_the_order_of_the_shares() -> None:
    with one_snapshot(processes=2) as readers:
        assert list(readers.map(str, range(50))) == [str(number) for number in range(50)]


def test_readers_and_their_parent_may_wait_for_one_another() -> None:
    with one_snapshot(processes=2) as readers:
        assert [patience(0), *readers.map(patience, [1, 2])] == ["0", "0", "0"]
    assert patience(0) != "0"


def test_nobody_writes_at_a_snapshot() -> None:
    refuse_to_read(write, Exception, match="read-only transaction")


def test_an_error_of_a_reader_is_the_callers() -> None:
    refuse_to_read(fail, LookupError, match="PERSONAL_LOAN")


def test_a_reader_that_is_killed_is_an_error_and_not_a_result() -> None:
    with one_snapshot(processes=2) as readers, pytest.raises(BrokenProcessPool):
        list(readers.map(die, ["now"]))


def test_rows_of_a_transaction_under_way_are_read_by_its_own_process_alone() -> None:
    with transaction.atomic():
        product = a_product(name="not committed")
        with (
            pytest.raises(ValueError, match="under way"),
            one_snapshot(processes=2),
        ):
            pass
        with one_snapshot() as readers:
            assert list(readers.map(name_of_the_product, [product.code])) == ["not committed"]


def test_readers_end_when_their_parent_is_killed() -> None:
    program = (
        f"import django; django.setup(); from {__name__} import read_for_ever;"
        f" read_for_ever({connection.settings_dict['NAME']!r})"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    try:
        await_sessions(3)  # the parent's and those of its two readers
    finally:
        parent.kill()
        parent.wait()
    await_sessions(0)


def await_sessions(count: int) -> None:
    """Return when so many other sessions hold a snapshot of this database."""
    deadline = time.monotonic() + PATIENCE
    held = None
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(_LENT)
            held = len(cursor.fetchall())
        if held == count:
            return
        time.sleep(0.05)
    raise AssertionError(f"{held} sessions hold a snapshot, not {count}")


def test_there_is_a_core_to_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def sleep(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def read_for_ever(database: str) -> None:
    """Have two readers that do not end, for `test_readers_end_when_their_parent_is_killed`."""
    connection.settings_dict["NAME"] = database
    with one_snapshot(processes=2) as readers:
        list(readers.map(sleep, [600, 600]))
