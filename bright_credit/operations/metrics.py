"""What Prometheus is told: counts of this server's processes, and what database and broker know.

Several web processes count into files that `bright_credit.gunicorn` names, and whichever of them is
asked adds all of them up.
"""

import os
from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from bright_credit.operations.broker import BrokerState
from bright_credit.operations.readiness import Situation
from bright_credit.operations.routes import method_of, route_of
from loan.selectors.billing_state import BillingState

_BUCKETS = (
    ".005", ".01", ".025", ".05", ".1", ".25", ".5", "1", "2.5", "5", "10", "30",
)  # fmt: skip

REQUESTS = Counter(
    "brightlend_http_requests",
    "Requests answered, by method, route and status.",
    ["method", "route", "status"],
)
LATENCY = Histogram(
    "brightlend_http_request_seconds",
    "Seconds from a request's arrival to its answer, by method and route.",
    ["method", "route"],
    buckets=_BUCKETS,
)
STATEMENTS = Counter(
    "brightlend_http_request_statements",
    "SQL statements of requests, by method and route.",
    ["method", "route"],
)


def count_request(
    request: HttpRequest, response: HttpResponseBase, *, took: timedelta, statements: int
) -> None:
    """Count an answered request."""
    method, route = method_of(request), route_of(request)
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    LATENCY.labels(method, route).observe(took.total_seconds())
    if statements:
        STATEMENTS.labels(method, route).inc(statements)


def exposition(found: Situation) -> bytes:
    """Return everything in Prometheus' text format."""
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    known = CollectorRegistry()
    known.register(_Known(found))
    return generate_latest(counted) + generate_latest(known)


class _Known:
    """What database and broker know, as gauges."""

    def __init__(self, found: Situation) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; those of a server that did not answer are left out."""
        up = GaugeMetricFamily(
            "brightlend_up", "1 for a part that is well, 0 for one that is not.", labels=["part"]
        )
        for part, standing in self._found.standings.items():
            up.add_metric([part], 1 if standing in {"up", "not_yet"} else 0)
        yield up
        if self._found.billing is not None:
            yield from _billing(self._found, self._found.billing)
        if self._found.broker is not None:
            yield from _queue(self._found, self._found.broker)


def _billing(found: Situation, state: BillingState) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "brightlend_billing_days_behind",
        "Days that should be closed by now and are not.",
        value=state.days_behind(found.at),
    )
    if state.last_closed_at is not None:
        yield GaugeMetricFamily(
            "brightlend_billing_last_closed_timestamp_seconds",
            "When the last billing run closed its day.",
            value=state.last_closed_at.timestamp(),
        )
    yield GaugeMetricFamily(
        "brightlend_billing_chunks_pending",
        "Chunks of the run under way that are not done.",
        value=state.chunks_pending,
    )
    waiting = found.at - (state.waiting_since or found.at)
    yield GaugeMetricFamily(
        "brightlend_billing_oldest_chunk_seconds",
        "Age of the oldest claim or start of a chunk that is not done; 0 without one.",
        value=waiting.total_seconds(),
    )
    yield GaugeMetricFamily(
        "brightlend_loans_in_quarantine",
        "Loans that the billing has set aside.",
        value=state.loans_in_quarantine,
    )


def _queue(found: Situation, state: BrokerState) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "brightlend_queue_messages", "Tasks that wait, and tasks in work.", labels=["state"]
    )
    depth.add_metric(["waiting"], state.waiting)
    depth.add_metric(["in_work"], state.in_work)
    yield depth
    if state.last_task_at is not None:
        yield GaugeMetricFamily(
            "brightlend_worker_last_task_seconds",
            "How long ago a worker did a task.",
            value=(found.at - state.last_task_at).total_seconds(),
        )
