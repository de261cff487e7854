"""Writing down who looked at whom: one statement a look, past the ORM's own work for one."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, models
from django.db.models import CharField, Value

from users.looks import Looks
from users.models import path_to_borrower

_LONGEST_RECORD: Final = 80
_COLUMNS: Final = (
    '"borrower_id", "actor", "actor_name", "record", "filter", "origin", "action", "address", '
    '"request_id"'
)
_INSERT: Final = f"INSERT INTO users_accesslogentry ({_COLUMNS})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks, from where, by which request; `filter` is what a list was asked for, masked."""

    actor: str
    actor_name: str
    origin: str
    action: str
    address: str
    request_id: str
    filter: str = ""


def record_looks(looks: Looks, *, by: Look) -> None:
    """Write a row for each person looked at, and one for a list of many."""
    for key, record in looks.people.items():
        _write(key, _texts(by, record=record))
    if looks.many:
        record_list(by)


def record_list(by: Look, *, record: str = "") -> None:
    """Write the row of a list of many people."""
    _write(None, _texts(by, record=record, filter_=by.filter))


def record_row(model: type[models.Model], key: str, *, by: Look) -> None:
    """Write the row of a look at a table's row, whosever it is: they are found by its keys.

    A row that is not there, or is nobody's, is no look.
    """
    path = path_to_borrower(model)
    if path is None:
        return
    texts = _texts(by, record=f"{model._meta.label_lower}:{key}")
    rows = model._base_manager.filter(pk=key).exclude(**{path: None})
    sql, params = rows.values_list(
        path, *(Value(text, CharField()) for text in texts)
    ).query.sql_with_params()
    _execute(f"{_INSERT} {sql}", params)


def _texts(by: Look, *, record: str, filter_: str = "") -> tuple[str, ...]:
    """Return the columns after the borrower, in their order."""
    return (
        by.actor,
        by.actor_name,
        record[:_LONGEST_RECORD],
        filter_,
        by.origin,
        by.action,
        by.address,
        by.request_id,
    )


def _write(borrower_key: int | None, texts: tuple[str, ...]) -> None:
    values = (borrower_key, *texts)
    _execute(f"{_INSERT} VALUES ({', '.join(['%s'] * len(values))})", values)


def _execute(sql: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
