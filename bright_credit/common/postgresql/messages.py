"""Several SQL statements sent to PostgreSQL by one message, and rows written without much ado.

Where a request is made of many small statements, going to the server and back costs more than what
they do there, and wording a statement anew costs more than both. So a query that is always the same
is worded once (`ReadyQuery`), what can be asked together is sent together (`send`), and the server
reads and plans what it is asked again and again only once (`prepared`).

The statements of a message are executed one after another, each on what was committed when it began
(READ COMMITTED), just as if they had been sent one by one: a lock that comes first guards what is
read after it. When one fails, those after it are not executed and the transaction is over.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Field, JSONField, Model, QuerySet
from django.db.models.expressions import DatabaseDefault
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg import sql

from bright_credit.common.postgresql.prepared import PLACE, Message, Part

M = TypeVar("M", bound=Model)

Rows = Sequence[tuple[Any, ...]]

#: Values of these types are the database's as well: fields but those of JSON leave them alone.
_PLAIN = frozenset({int, str, bool, date})


def _nothing(_rows: Rows) -> None:
    """Draw no consequence."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its values; `then` is told the rows that it gave.

    One that is `ready` has a text that is always the same, which sessions keep prepared.
    """

    text: str
    values: Sequence[Any] = ()
    then: Callable[[Rows], None] = _nothing
    ready: bool = False


def send(*statements: Statement) -> list[Rows]:
    """Execute statements by one message, in their order; return the rows of each."""
    message = Message(*[Part(each.text, len(each.values), each.ready) for each in statements])
    answers: list[Rows] = []
    with connection.cursor() as cursor:
        cursor.execute(message, [value for statement in statements for value in statement.values])
        given = cursor.cursor  # past Django's wrapper: nothing is asked of the server any more
        for statement in statements:
            if answers:
                given.nextset()
            answers.append(given.fetchall() if given.pgresult.nfields else ())
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
    """A queryset worded once in the life of a process, of whole rows or of `values_list`."""

    def __init__(self, queryset: "QuerySet[M, Any]") -> None:
        self._queryset = queryset

    def asking(self, **values: Any) -> Statement:
        """Return the query as a statement, with a value for each of its slots."""
        if self._queryset.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("a lock is held by a transaction, and there is none")
        text, slots = self._worded
        return Statement(text, [values[slot.name] for slot in slots], ready=True)

    def read(self, rows: Rows) -> list[M]:
        """Return the objects that are in the rows the statement gave."""
        return [self._object(row) for row in self.values(rows)]

    def values(self, rows: Rows) -> Iterable[Sequence[Any]]:
        """Return the rows with their values as fields have them: a JSON text is what it says."""
        if not self._converters:
            return rows
        converted: Iterable[Sequence[Any]] = self._compiler.apply_converters(rows, self._converters)
        return converted

    def _object(self, row: Sequence[Any]) -> M:
        names, annotations = self._columns
        found = self._queryset.model.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)])
        for name, place in annotations.items():
            setattr(found, name, row[place])
        for joined in self._joined:
            joined.populate(row, found)
        return found

    @cached_property
    def _compiler(self) -> Any:
        return self._queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)

    @cached_property
    def _worded(self) -> tuple[str, Sequence[Slot]]:
        """The text with a place for each slot. What is always the same stands in it as it is.

        So the server knows of what type it is, and which index is made for it.
        """
        text, given = self._compiler.as_sql()
        values = iter(given)
        slots: list[Slot] = []

        def word(found: re.Match[str]) -> str:
            value = None if found[0] == "%%" else next(values)
            if isinstance(value, Slot):
                slots.append(value)
            elif found[0] != "%%":
                return sql.Literal(value).as_string().replace("%", "%%")
            return found[0]

        return PLACE.sub(word, text), slots

    @cached_property
    def _converters(self) -> Any:
        return self._compiler.get_converters(one for one, *_ in self._compiler.select)

    @cached_property
    def _columns(self) -> tuple[list[str], dict[str, int]]:
        chosen = self._compiler.klass_info["select_fields"]
        names = [self._compiler.select[place][0].target.attname for place in chosen]
        return names, dict(self._compiler.annotation_col_map)

    @cached_property
    def _joined(self) -> Sequence[Any]:
        """What `select_related` has read along, each of which puts itself into its object."""
        populators: Any = get_related_populators
        found: Sequence[Any] = populators(
            self._compiler.klass_info, self._compiler.select, DEFAULT_DB_ALIAS
        )
        return found


def insertion(rows: Iterable[Model]) -> tuple[Statement, ...]:
    """Return the statements that add rows, one for each.

    Once they are executed the rows have their keys. Values that the database gives by default are
    not read back.
    """
    return tuple(_adding(row) for row in rows)


def _adding(row: Model) -> Statement:
    values: list[Any] = []
    given = []
    for field in row._meta.concrete_fields:
        value = field.pre_save(row, add=True)
        is_given = not (isinstance(value, DatabaseDefault) or (value is None and field.primary_key))
        given.append(is_given)
        if is_given:
            values.append(_as_stored(field, value))

    def then(keys: Rows) -> None:
        ((row.pk,),) = keys
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    return Statement(_insert(type(row), tuple(given)), values, then, ready=True)


@cache
def _insert(model: type[Model], given: tuple[bool, ...]) -> str:
    """Return the SQL that adds a row: the columns not given are the database's to fill."""
    columns = [
        field.column
        for field, is_given in zip(model._meta.concrete_fields, given, strict=True)
        if is_given
    ]
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
    into = f'"{model._meta.db_table}" ({names}) VALUES ({places})'
    return f'INSERT INTO {into} RETURNING "{model._meta.pk.column}"'


def _as_stored(field: Any, value: Any) -> Any:
    """Return a field's value as the database takes it: most are so already."""
    if value is None or (type(value) in _PLAIN and not isinstance(field, JSONField)):
        return value
    return field.get_db_prep_save(value, connection=connections[DEFAULT_DB_ALIAS])


def change(row: Model, names: Sequence[str]) -> Statement:
    """Return the statement that writes some fields of a row that is there."""
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    values = [_as_stored(field, getattr(row, field.attname)) for field in fields]
    text = f'UPDATE "{row._meta.db_table}" SET {places} WHERE id = %s'  # noqa: S608 - same
    return Statement(text, [*values, row.pk], ready=True)
