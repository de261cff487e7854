"""The API's section of the page: ratios taken inside a round, and one section however often."""

from benchmarks.api.measuring import ApiRound, Cost
from benchmarks.api.report import HEADING, api_tables, with_section
from benchmarks.report import Table

STATEMENTS = {"nothing": ["a"], "payment": ["a", "b", "c"], "statement": ["a", "b"]}


def a_round(*, payment: float, statement: float = 0.010) -> ApiRound:
    def cost(cpu: float) -> Cost:
        return Cost(cpu=cpu, clock=cpu)

    return ApiRound(
        nothing_post=cost(0.004),
        payment_sql=cost(0.006),
        payment=cost(payment),
        nothing_get=cost(0.004),
        statement_sql=cost(0.001),
        statement=cost(statement),
        payment_p50=0.010,
        payment_p99=0.030,
        statement_p50=0.010,
        statement_p99=0.080,
    )


def test_ratios_are_medians_of_those_inside_the_rounds() -> None:
    rounds = [a_round(payment=cpu) for cpu in (0.012, 0.015, 0.030)]
    calls, ratios = api_tables(rounds, statements=STATEMENTS)
    assert ratios.rows == (
        ("payment, CPU", "1.50", "1.20–3.00", "≤ 1.5: yes"),
        ("statement, CPU", "2.50", "2.50–2.50", "≤ 5: yes"),
        ("payment at half its rate, p99 by p50", "3.00", "3.00–3.00", "≤ 5: yes"),
        ("statement at half its rate, p99 by p50", "8.00", "8.00–8.00", "≤ 5: no"),
    )
    assert calls.rows[1][:2] == ("a payment's SQL alone", "2")
    assert calls.rows[2] == ("POST payment", "3", "67", "15.00", "15.00")


def test_the_section_takes_the_place_of_the_one_before() -> None:
    table = Table(title="T", columns=("a",), rows=(("1",),))
    page = "# Performance\n\nText.\n"
    once = with_section(page, [table], rounds=1, calls=2, noise="quietly")
    again = with_section(once, [table], rounds=3, calls=2, noise="quietly")
    assert again.startswith(page)
    assert again.count(HEADING) == 1
    assert "3\nrounds of 2 calls" in again
    assert "### T\n\n| a |\n| --- |\n| 1 |\n" in again
