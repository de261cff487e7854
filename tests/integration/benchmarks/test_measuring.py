"""The benchmark itself, at the smallest size: it measures what it says, and leaves nothing."""

import os
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from benchmarks.choices import PortfolioSpec
from benchmarks.days import measure_days
from benchmarks.ingestion import measure_ingestion
from benchmarks.late_payments import measure_late_payments
from benchmarks.report import markdown, tables
from benchmarks.server import database

DAY = date(2026, 6, 16)
NAME = "brightlend_bench_of_a_test"


@pytest.fixture
def server() -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))


def test_days_and_files_are_measured_and_reported(server: str, tmp_path: Path) -> None:
    spec = PortfolioSpec(loans=600, day=DAY, constant_dues=10)
    with database(server, NAME) as url:
        days = measure_days(url, spec, rounds=1, workers=(1, 2), sample=5, judged=True, say=print)
    with database(server, NAME) as url:
        ingestion = measure_ingestion(
            url, tmp_path, rows=2_000, rounds=1, memory_rows=(1_000,), ends_on=DAY, say=print
        )

    assert (days.dues, days.constant_dues, days.by_loan.done) == (20, 10, 5)
    assert [len(comparison.rounds) for comparison in days.comparisons] == [1, 1]
    assert days.beside_floor[-1].subject == "average day, 1 worker, after a checkpoint of its own"
    assert len(days.repeats) == len(days.constant_days) == 1
    assert days.wal_bytes > 0
    assert [rows for rows, _ in ingestion.peak_bytes] == [1_000]
    with database(server, NAME) as url:
        late = measure_late_payments(url, events=60, rounds=1, say=print)
    assert [comparison.rows >= 50 for comparison in late] == [True] * 3
    report = tables([days], ingestion, late, machine={"cores": "2"}, settings={"fsync": "off"})
    page = markdown(report, command="make bench", rounds=1)
    assert "average day, 2 workers" in page
    assert "validation, dedupe, load" in page
