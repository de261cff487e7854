"""Rounds of calls beside their floors: processor time of server and database, and the clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median, quantiles
from typing import Any

import psycopg

from benchmarks.api.serving import Api, children, seconds_used

_references = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one call, or one piece of SQL, costs: processor and clock, in seconds."""

    cpu: float
    clock: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRound:
    """One round: each subject and each floor once, right after another."""

    nothing_post: Cost
    payment_sql: Cost
    payment: Cost
    nothing_get: Cost
    statement_sql: Cost
    statement: Cost
    statement_p50: float
    statement_p99: float
    payment_p50: float
    payment_p99: float

    @property
    def payment_ratio(self) -> float:
        """A payment's processor time by that of a call that does nothing and its bare SQL."""
        return self.payment.cpu / (self.nothing_post.cpu + self.payment_sql.cpu)

    @property
    def statement_ratio(self) -> float:
        """A statement's processor time by that of a call that does nothing."""
        return self.statement.cpu / self.nothing_get.cpu


class Subjects:
    """What is called, and what is executed, on the book that was written."""

    def __init__(self, served: Api, book: dict[str, Any], *, url: str, postmaster: int) -> None:
        self._served = served
        self._book = book
        self._url = url
        self._postmaster = postmaster

    def round(self, calls: int) -> ApiRound:
        """Measure everything once, so many calls each."""
        statement = f"/api/v1/statements?loan_id={self._book['long_loan']}"
        nothing_post = self._calls(calls, lambda: self._post("/api/v1/nothing"))
        payment_sql = self._sql(calls, self._without_nothing("payment"))
        payment = self._calls(calls, lambda: self._post("/api/v1/loans/payments"))
        nothing_get = self._calls(calls, lambda: self._served.call("GET", "/api/v1/nothing"))
        statement_sql = self._sql(calls, self._without_nothing("statement"))
        read = self._calls(calls, lambda: self._served.call("GET", statement))
        paid_at = self._paced(calls // 2, payment, lambda: self._post("/api/v1/loans/payments"))
        read_at = self._paced(calls // 2, read, lambda: self._served.call("GET", statement))
        return ApiRound(
            nothing_post=nothing_post,
            payment_sql=payment_sql,
            payment=payment,
            nothing_get=nothing_get,
            statement_sql=statement_sql,
            statement=read,
            payment_p50=median(paid_at),
            payment_p99=quantiles(paid_at, n=100)[98],
            statement_p50=median(read_at),
            statement_p99=quantiles(read_at, n=100)[98],
        )

    def _without_nothing(self, call: str) -> list[str]:
        """Return the SQL of a call, without that of saying who calls: the other floor has it."""
        statements: dict[str, list[str]] = self._book["statements"]
        return statements[call][len(statements["nothing"]) :]

    def _post(self, path: str) -> None:
        number = next(_references)
        loans = self._book["loans"]
        payment = {
            "loan_id": loans[number % len(loans)],
            "amount": 100,
            "payment_method": "UPI",
            "reference_id": f"BENCH-{number}",
        }
        self._served.call("POST", path, payment)

    def _calls(self, calls: int, call: Callable[[], object]) -> Cost:
        call()
        before, began = self._used(), time.perf_counter()
        for _ in range(calls):
            call()
        clock = time.perf_counter() - began
        return Cost(cpu=(self._used() - before) / calls, clock=clock / calls)

    def _sql(self, calls: int, statements: Sequence[str]) -> Cost:
        """Execute the SQL as it was; each transaction is rolled back, so the next finds the same.

        What a commit would refuse is looked at; what it writes is left out, which makes the floor
        lower and the ratio stricter.
        """
        with psycopg.connect(self._url) as connection:
            connection.prepare_threshold = None
            before, own = self._database_used(), time.process_time()
            began = time.perf_counter()
            for _ in range(calls):
                for statement in statements:
                    connection.execute(statement)
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                connection.rollback()
            clock = time.perf_counter() - began
            cpu = self._database_used() - before + time.process_time() - own
        return Cost(cpu=cpu / calls, clock=clock / calls)

    def _paced(self, calls: int, cost: Cost, call: Callable[[], object]) -> list[float]:
        """Call at half the rate that was reached; return how long each took from its time on."""
        took = []
        began = time.perf_counter()
        for number in range(calls):
            due = began + number * 2 * cost.clock
            time.sleep(max(0.0, due - time.perf_counter()))
            call()
            took.append(time.perf_counter() - due)
        return took

    def _used(self) -> float:
        return seconds_used(self._served.worker) + self._database_used()

    def _database_used(self) -> float:
        return seconds_used(*children(self._postmaster))
