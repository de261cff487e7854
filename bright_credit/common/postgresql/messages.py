"""Several SQL statements sent to PostgreSQL by one message, and rows written without much ado.

Where a request is made of many small statements, going to the server and back costs more than what
they do there, and wording a statement anew costs more than both. So a query that is always the same
is worded once (`ReadyQuery`), and what can be asked together is sent together (`send`).

The statements of a message are executed one after another, each on what was committed when it began
(READ COMMITTED), just as if they had been sent one by one: a lock that comes first guards what is
read after it. When one fails, those after it are not executed and the transaction is over.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)

Rows = Sequence[tuple[Any, ...]]

#: What stands between the statements of a message.
BETWEEN = ";\n"


def _nothing(_rows: Rows) -> None:
    """Draw no consequence."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its values; `then` is told the rows that it gave."""

    text: str
    values: Sequence[Any] = ()
    then: Callable[[Rows], None] = _nothing


def send(*statements: Statement) -> list[Rows]:
    """Execute statements by one message, in their order; return the rows of each."""
    text = BETWEEN.join(statement.text for statement in statements)
    answers: list[Rows] = []
    with connection.cursor() as cursor:
        cursor.execute(text, [value for statement in statements for value in statement.values])
        for statement in statements:
            if answers:
                cursor.nextset()
            answers.append(cursor.fetchall() if cursor.pgresult.nfields else ())
            statement.then(answers[-1])
    return answers


class Slot(Expression):
    """A value of a `ReadyQuery` that is given each time the query is asked."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        """Return a place for the value."""
        return "%s", [self]


class ReadyQuery(Generic[M]):
    """A queryset worded once in the life of a process, of whole rows or of `values_list`.

    Without `select_related`: what is joined may filter and annotate only.
    """

    def __init__(self, queryset: "QuerySet[M, Any]") -> None:
        self._queryset = queryset

    def asking(self, **values: Any) -> Statement:
        """Return the query as a statement, with a value for each of its slots."""
        if self._queryset.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("a lock is held by a transaction, and there is none")
        text, places = self._worded
        return Statement(
            text, [values[place.name] if isinstance(place, Slot) else place for place in places]
        )

    def read(self, rows: Rows) -> list[M]:
        """Return the objects that are in the rows the statement gave."""
        return [
            self._object(row) for row in self._compiler.apply_converters(rows, self._converters)
        ]

    def _object(self, row: Sequence[Any]) -> M:
        names, annotations = self._columns
        found = self._queryset.model.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)])
        for name, place in annotations.items():
            setattr(found, name, row[place])
        return found

    @cached_property
    def _compiler(self) -> Any:
        return self._queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)

    @cached_property
    def _worded(self) -> tuple[str, Sequence[Any]]:
        text, places = self._compiler.as_sql()
        return text, places

    @cached_property
    def _converters(self) -> Any:
        return self._compiler.get_converters(one for one, *_ in self._compiler.select)

    @cached_property
    def _columns(self) -> tuple[list[str], dict[str, int]]:
        chosen = self._compiler.klass_info["select_fields"]
        names = [self._compiler.select[place][0].target.attname for place in chosen]
        return names, dict(self._compiler.annotation_col_map)


def insertion(rows: Iterable[Model]) -> tuple[Statement, ...]:
    """Return the statement that adds rows of one table; none without rows.

    Once it is executed the rows have their keys. Values that the database gives by default are not
    read back.
    """
    added = list(rows)
    if not added:
        return ()
    database = connections[DEFAULT_DB_ALIAS]
    fields = [
        field
        for field in added[0]._meta.concrete_fields
        if not (field.primary_key and added[0].pk is None)
    ]
    words: list[str] = []
    values: list[Any] = []
    for row in added:
        places = []
        for field in fields:
            value = field.pre_save(row, add=True)
            if isinstance(value, DatabaseDefault):
                places.append("DEFAULT")
            else:
                places.append("%s")
                values.append(field.get_db_prep_save(value, connection=database))
        words.append(f"({', '.join(places)})")
    meta, columns = added[0]._meta, ", ".join(f'"{field.column}"' for field in fields)
    into = f'"{meta.db_table}" ({columns}) VALUES {", ".join(words)}'
    text = f'INSERT INTO {into} RETURNING "{meta.pk.column}"'

    def then(keys: Rows) -> None:
        for row, (given,) in zip(added, keys, strict=True):
            row.pk = given
            row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    return (Statement(text, values, then),)


def change(row: Model, names: Sequence[str]) -> Statement:
    """Return the statement that writes some fields of a row that is there."""
    database = connections[DEFAULT_DB_ALIAS]
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection=database) for field in fields
    ]
    text = f'UPDATE "{row._meta.db_table}" SET {places} WHERE id = %s'  # noqa: S608 - same
    return Statement(text, [*values, row.pk])
