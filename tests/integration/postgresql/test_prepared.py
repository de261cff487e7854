"""Statements that are ready are prepared once in a session, and nobody sees a difference."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import Case, CharField, SmallIntegerField, When

from bright_credit.common.postgresql.messages import ReadyQuery, Slot, Statement, send
from loan.models import LoanProduct

pytestmark = pytest.mark.django_db


def prepared() -> list[str]:
    """Return the texts that the session has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [statement for (statement,) in cursor.fetchall()]


def doubled(value: int) -> Statement:
    return Statement("SELECT 2 * %s::int AS doubled", [value], ready=True)


def test_a_session_prepares_a_text_once_whatever_its_values() -> None:
    assert send(doubled(1), doubled(2)) == [[(2,)], [(4,)]]
    assert send(doubled(3)) == [[(6,)]]
    ours = [text for text in prepared() if "AS doubled" in text]
    assert [text.partition(" AS ")[2] for text in ours] == ["SELECT 2 * $1::int AS doubled"]


def test_what_is_not_ready_is_read_anew_beside_what_is() -> None:
    before = prepared()
    assert send(doubled(4), Statement("SELECT %s::text", ["a' %; b"])) == [[(8,)], [("a' %; b",)]]
    assert [text for text in prepared() if text not in before and "doubled" not in text] == []


@pytest.mark.parametrize(
    "values",
    [
        (1, -(2**62), None, True),
        ("'; DROP TABLE loan_loan; --", "back\\slash", "आशा ₹", "100 % %s"),
        (date(2026, 2, 28), datetime(2026, 2, 28, 18, 30, tzinfo=UTC)),
        ([1, 2], ["a,b", 'c"d', ""], [date(2026, 1, 1)]),
    ],
    ids=["numbers", "texts", "days", "lists"],
)
def test_values_arrive_as_they_were_given(values: Sequence[Any]) -> None:
    kinds = {int: "bigint", str: "text", bool: "bool", date: "date", datetime: "timestamptz"}
    casts = [
        f"%s::{kinds[type(value[0])]}[]" if isinstance(value, list) else f"%s::{kinds[type(value)]}"
        for value in values
        if value is not None
    ]
    given = [value for value in values if value is not None]
    text = f"SELECT {', '.join(casts)}, '100 %%', %s::text"
    for _ in range(2):
        ((row,),) = send(Statement(text, [*given, None], ready=True))
        assert list(row) == [*given, "100 %", None]


def test_whoever_watches_statements_sees_their_plain_text() -> None:
    seen: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((str(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        send(doubled(5), doubled(6))
    one = "SELECT 2 * %s::int AS doubled"
    assert seen == [(f"{one};\n{one}", [5, 6])]


@pytest.mark.django_db(transaction=True)
def test_what_was_prepared_outlives_the_transaction_and_not_the_session() -> None:
    with transaction.atomic():
        send(doubled(7))
        transaction.set_rollback(True)
    assert sum("AS doubled" in text for text in prepared()) == 1
    connection.close()
    assert not any("AS doubled" in text for text in prepared())
    assert send(doubled(8)) == [[(16,)]]


@pytest.mark.django_db(transaction=True)
def test_a_session_that_a_migration_overtakes_is_given_up_and_the_next_one_works() -> None:
    reading = Statement("SELECT amount FROM overtaken", ready=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE overtaken AS SELECT 1::int AS amount")
    try:
        assert send(reading) == [[(1,)]]
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE overtaken ALTER amount TYPE bigint")
        with pytest.raises(NotSupportedError, match="cached plan"):
            send(reading)
        connection.close_if_unusable_or_obsolete()
        assert send(reading) == [[(1,)]]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE overtaken")


def test_what_is_always_the_same_in_a_query_keeps_its_type_and_is_no_value() -> None:
    ranked = Case(When(code="100 % 'A'", then=10), default=9, output_field=SmallIntegerField())
    ordered = LoanProduct.objects.filter(pk=Slot("key", CharField())).order_by(ranked)
    asked = ReadyQuery(ordered.values_list("code")).asking(key="nobody's")
    assert asked.values == ["nobody's"]
    assert asked.text.endswith("""= '100 %% ''A''' THEN 10 ELSE 9 END ASC""")
    assert send(asked) == [[]]
