"""What is told of the parts: only the database turns requests away."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bright_credit.operations.broker import BrokerState
from bright_credit.operations.metrics import exposition
from bright_credit.operations.readiness import Situation, report
from loan.selectors.billing_state import BillingState

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
YESTERDAY = date(2026, 11, 24)


def billing(**changes: Any) -> BillingState:
    values: dict[str, Any] = {
        "closed_through": YESTERDAY,
        "last_status": "CLOSED",
        "last_closed_at": NOW - timedelta(hours=16),
        "chunks_pending": 0,
        "waiting_since": None,
        "loans_in_quarantine": 0,
    }
    return BillingState(**{**values, **changes})


def broker(age: timedelta | None = timedelta(seconds=20)) -> BrokerState:
    return BrokerState(waiting=3, in_work=1, last_task_at=None if age is None else NOW - age)


def told(**parts: Any) -> tuple[str, dict[str, str]]:
    values: dict[str, Any] = {"billing": billing(), "broker": broker(), **parts}
    said = report(Situation(at=NOW, **values))
    return said["status"], {name: part["status"] for name, part in said["parts"].items()}


ALL_UP = {"database": "up", "broker": "up", "worker": "up", "billing": "up"}


def test_all_is_well() -> None:
    assert told() == ("ready", ALL_UP)


def test_without_the_database_nothing_goes() -> None:
    away = {**ALL_UP, "database": "down", "billing": "unknown"}
    assert told(billing=None) == ("unavailable", away)


def test_without_the_broker_requests_are_served() -> None:
    away = {**ALL_UP, "broker": "down", "worker": "unknown"}
    assert told(broker=None) == ("degraded", away)


@pytest.mark.parametrize("age", [None, timedelta(minutes=3, seconds=1)])
def test_a_worker_that_did_nothing_for_long_is_silent(age: timedelta | None) -> None:
    assert told(broker=broker(age)) == ("degraded", {**ALL_UP, "worker": "silent"})


def test_a_worker_that_did_something_just_now_is_up() -> None:
    assert told(broker=broker(timedelta(minutes=3)))[0] == "ready"


def test_before_the_first_day_no_billing_is_missed() -> None:
    new = billing(closed_through=None, last_status=None, last_closed_at=None)
    assert told(billing=new) == ("ready", {**ALL_UP, "billing": "not_yet"})


@pytest.mark.parametrize(
    ("now", "behind"),
    [
        # 05:59 in India on the 26th: the night's run may still be at work on the 25th.
        (datetime(2026, 11, 26, 0, 29, tzinfo=UTC), 0),
        # 06:00 in India: it should be over.
        (datetime(2026, 11, 26, 0, 30, tzinfo=UTC), 1),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), 3),
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), 0),
    ],
)
def test_a_run_is_late_from_six_in_the_morning_in_india(now: datetime, behind: int) -> None:
    assert billing().days_behind(now) == behind
    standing = Situation(at=now, billing=billing(), broker=None).billing_standing
    assert standing == ("late" if behind else "up")


def test_metrics_tell_what_database_and_broker_know() -> None:
    state = billing(
        chunks_pending=7, waiting_since=NOW - timedelta(seconds=90), loans_in_quarantine=2
    )
    lines = exposition(Situation(at=NOW, billing=state, broker=broker())).decode().splitlines()
    for line in (
        'brightlend_up{part="database"} 1.0',
        'brightlend_up{part="worker"} 1.0',
        "brightlend_billing_days_behind 0.0",
        "brightlend_billing_chunks_pending 7.0",
        "brightlend_billing_oldest_chunk_seconds 90.0",
        "brightlend_loans_in_quarantine 2.0",
        'brightlend_queue_messages{state="waiting"} 3.0',
        'brightlend_queue_messages{state="in_work"} 1.0',
        "brightlend_worker_last_task_seconds 20.0",
    ):
        assert line in lines, line


def test_metrics_are_told_while_everything_else_is_away() -> None:
    text = exposition(Situation(at=NOW, billing=None, broker=None)).decode()
    assert 'brightlend_up{part="database"} 0.0' in text
    assert "brightlend_http_requests_total" in text
    assert "brightlend_queue_messages{" not in text
