"""Writing down who looked at whom: one statement a look."""

from dataclasses import dataclass

from django.db import connection, models
from django.db.models import CharField, QuerySet, Value

from users.looks import Looks
from users.models import AccessLogEntry, path_to_borrower

_LONGEST_RECORD = 80


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
        _entry(by, borrower_id=key, record=record[:_LONGEST_RECORD]).save(force_insert=True)
    if looks.many:
        record_list(by)


def record_list(by: Look, *, record: str = "") -> None:
    """Write the row of a list of many people."""
    _entry(by, record=record, filter=by.filter).save(force_insert=True)


def record_row(model: type[models.Model], key: str, *, by: Look) -> None:
    """Write the row of a look at a table's row, whosever it is: they are found by its keys.

    A row that is not there, or is nobody's, is no look.
    """
    path = path_to_borrower(model)
    if path is None:
        return
    values = {
        "actor": by.actor,
        "actor_name": by.actor_name,
        "record": f"{model._meta.label_lower}:{key}"[:_LONGEST_RECORD],
        "filter": "",
        "origin": by.origin,
        "action": by.action,
        "address": by.address,
        "request_id": by.request_id,
    }
    _insert(model._base_manager.filter(pk=key).exclude(**{path: None}), path, values)


def _insert(found: QuerySet[models.Model], path: str, values: dict[str, str]) -> None:
    told = {f"said_{name}": Value(value, CharField()) for name, value in values.items()}
    sql, params = found.values_list(path, *told.values()).query.sql_with_params()
    columns = ", ".join(connection.ops.quote_name(name) for name in ("borrower_id", *values))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO users_accesslogentry ({columns}) {sql}", params)


def _entry(by: Look, **values: object) -> AccessLogEntry:
    return AccessLogEntry(
        actor=by.actor,
        actor_name=by.actor_name,
        origin=by.origin,
        action=by.action,
        address=by.address,
        request_id=by.request_id,
        **values,
    )
