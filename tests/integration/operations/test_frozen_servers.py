"""No dependency's death hangs a request: servers that are gone, and servers that stand still.

A server that stands still is the worse one: it accepts connections and answers nothing, so only
the client's own time-outs help. The times that are asserted are generous; without its time-out
each of these requests would wait for ever.
"""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from tests.integration.operations.http import a_payment, call
from tests.integration.operations.own_servers import OwnServers, frozen, own_servers
from tests.served import Served, served

REQUEST_SECONDS = 6
#: What a request may take in all, on a machine that is busy with other tests.
BOUND = 25.0
PAYMENTS = "/api/v1/loans/payments"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServers]:
    with own_servers(tmp_path_factory.mktemp("own")) as running:
        yield running


@pytest.fixture(scope="module")
def server(own: OwnServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {
        **own.environment,
        "BRIGHTLEND_REQUEST_SECONDS": str(REQUEST_SECONDS),
        "BRIGHTLEND_RATE_LIMITS": "local=10000/60",  # so that Redis is asked at each request
    }
    with served(tmp_path_factory.mktemp("web"), environment=environment) as running:
        yield running


def test_payments_work_while_redis_stands_still(own: OwnServers, server: Served) -> None:
    with frozen(own.valkey):
        answers = [call(server, PAYMENTS, a_payment(f"FROZEN-{n}")) for n in range(6)]
        ready = call(server, "/readyz")
    assert [answer.status for answer in answers] == [201] * 6
    assert max(answer.seconds for answer in answers) < BOUND
    assert "Rate limits cannot be counted" in server.said()
    assert (ready.status, ready.body["status"]) == (200, "degraded")
    assert ready.body["parts"]["broker"] == {"status": "down"}


def test_payments_work_without_redis(own: OwnServers, server: Served) -> None:
    own.valkey.stop()
    try:
        answers = [call(server, PAYMENTS, a_payment(f"STOPPED-{n}")) for n in range(6)]
        assert [answer.status for answer in answers] == [201] * 6
        assert max(answer.seconds for answer in answers) < BOUND
    finally:
        own.valkey.start()


def test_while_the_database_stands_still_requests_are_refused_soon(
    own: OwnServers, server: Served
) -> None:
    key = {"Idempotency-Key": "frozen-database"}
    assert call(server, PAYMENTS, a_payment("WARM")).status == 201
    with frozen(own.postgres):
        refused = call(server, PAYMENTS, a_payment("FROZEN-DB"), **key)
        ready = call(server, "/readyz")
        alive = call(server, "/healthz")
        page = call(server, "/admin/login/")
    assert refused.status == 503
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["code"] == "unavailable"
    assert refused.headers["Retry-After"]
    assert (ready.status, ready.body["status"]) == (503, "unavailable")
    assert alive.status == 200
    assert page.status in {200, 503}
    for answer in (refused, ready, alive, page):
        assert answer.seconds < BOUND
    again = [call(server, PAYMENTS, a_payment("FROZEN-DB"), **key) for _ in range(2)]
    assert [answer.status for answer in again] == [201, 201]
    assert again[1].headers["Idempotent-Replayed"] == "true"


def test_a_request_that_is_under_way_when_the_database_stands_still_is_refused_too(
    own: OwnServers, server: Served
) -> None:
    answers = []

    def pay() -> None:
        answers.append(call(server, PAYMENTS, a_payment("UNDER-WAY")))

    with psycopg.connect(own.environment["DATABASE_URL"]) as holder:
        holder.execute("SELECT 1 FROM loan_loan WHERE id = 456 FOR UPDATE")
        payer = threading.Thread(target=pay)
        payer.start()
        _await_waiter(own.environment["DATABASE_URL"])
        with frozen(own.postgres):
            payer.join(BOUND)
            assert not payer.is_alive()
        holder.rollback()
    (answer,) = answers
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert call(server, PAYMENTS, a_payment("UNDER-WAY")).status in {200, 201}
    told = call(server, "/api/v1/statements?loan_id=LN-2025-0456")
    assert told.status == 200


def _await_waiter(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as watch:
        for _ in range(200):
            row = watch.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            if row and row[0]:
                return
            watch.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waits for the loan")


def test_the_database_is_found_again_after_it_was_gone(own: OwnServers, server: Served) -> None:
    own.postgres.stop()
    gone = call(server, PAYMENTS, a_payment("GONE"))
    own.postgres.start()
    assert (gone.status, gone.body["code"]) == (503, "unavailable")
    assert gone.seconds < BOUND
    assert call(server, PAYMENTS, a_payment("GONE")).status == 201
