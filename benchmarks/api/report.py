"""The figures of the API as tables: printed, and kept as the last section of the page."""

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.api.measuring import ApiRound, Cost
from benchmarks.report import Table

HEADING = "## The API"

_PREAMBLE = """{heading}

Written by `python -m benchmarks.api --report docs/performance.md`, a run of its own: {rounds}
rounds of {calls} calls each, {noise}. One process of the server that `make run` uses, one client,
one call after another, with a partner's key. **Read the ratios of processor time** (server and
database together; of bare SQL, its client's and the database's): the clock depends on whatever
else the machine did.

* The floor of a payment is an authenticated `POST` of the same framework that reads the same body
  and does nothing, and beside it the payment's own SQL by plain psycopg, its foreign keys checked,
  rolled back. That SQL is literal text, read and planned each time, as pgbench does by default;
  that the product has its statements prepared is part of what is measured. Statements that are
  sent together by one message count as one.
* The statement is that of a loan with 360 instalments; its floor is an authenticated `GET` that
  does nothing.
"""


def api_tables(
    rounds: Sequence[ApiRound], *, statements: dict[str, list[str]]
) -> tuple[Table, ...]:
    """Return the tables of a run."""
    counts = {name: len(found) for name, found in statements.items()}
    return (
        Table(
            title="Calls, one process",
            columns=("call", "SQL statements", "calls a second", "CPU ms", "ms"),
            rows=(
                _row("POST nothing", counts["nothing"], rounds, lambda one: one.nothing_post),
                _row(
                    "a payment's SQL alone",
                    counts["payment"] - counts["nothing"],
                    rounds,
                    lambda one: one.payment_sql,
                ),
                _row("POST payment", counts["payment"], rounds, lambda one: one.payment),
                _row("GET nothing", counts["nothing"], rounds, lambda one: one.nothing_get),
                _row(
                    "a statement's SQL alone",
                    counts["statement"] - counts["nothing"],
                    rounds,
                    lambda one: one.statement_sql,
                ),
                _row("GET statement", counts["statement"], rounds, lambda one: one.statement),
            ),
        ),
        Table(
            title="Beside their floors",
            columns=("", "ratio", "spread", "goal"),
            rows=(
                _ratio("payment, CPU", [one.payment_ratio for one in rounds], goal=1.5),
                _ratio("statement, CPU", [one.statement_ratio for one in rounds], goal=5),
                _ratio(
                    "payment at half its rate, p99 by p50",
                    [one.payment_p99 / one.payment_p50 for one in rounds],
                    goal=5,
                ),
                _ratio(
                    "statement at half its rate, p99 by p50",
                    [one.statement_p99 / one.statement_p50 for one in rounds],
                    goal=5,
                ),
            ),
        ),
    )


def _row(
    name: str, statements: int, rounds: Sequence[ApiRound], cost_of: Callable[[ApiRound], Cost]
) -> tuple[str, ...]:
    clock = median(cost_of(one).clock for one in rounds)
    cpu = median(cost_of(one).cpu for one in rounds)
    return (name, str(statements), f"{1 / clock:.0f}", f"{cpu * 1000:.2f}", f"{clock * 1000:.2f}")


def _ratio(name: str, ratios: Sequence[float], *, goal: float) -> tuple[str, ...]:
    ratio = median(ratios)
    verdict = "yes" if ratio <= goal else "no"
    spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
    return (name, f"{ratio:.2f}", spread, f"≤ {goal:g}: {verdict}")


def with_section(page: str, tables: Sequence[Table], *, rounds: int, calls: int, noise: str) -> str:
    """Return the page with this section as its last, in place of the one it had."""
    before = page.partition(f"\n{HEADING}\n")[0].rstrip("\n")
    parts = [_PREAMBLE.format(heading=HEADING, rounds=rounds, calls=calls, noise=noise)]
    for table in tables:
        head = f"| {' | '.join(table.columns)} |\n|{' --- |' * len(table.columns)}"
        body = "\n".join(f"| {' | '.join(row)} |" for row in table.rows)
        parts.append(f"### {table.title}\n\n{head}\n{body}\n")
    return f"{before}\n\n" + "\n".join(parts)
