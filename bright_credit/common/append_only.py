"""Tables that only grow: refused by the queryset, by the model, and by PostgreSQL itself.

A model takes `AppendOnly` as its base; its app's migration runs `refuse_changes("its_table")`.
"""

from collections.abc import Iterable
from typing import Any, Never, Self, TypeVar

from django.db import migrations, models


class AppendOnlyViolation(RuntimeError):
    """Code tried to change or remove a row of a table that only grows: a programmer's error."""


M = TypeVar("M", bound=models.Model, covariant=True)


def _refuse(what: str) -> Never:
    raise AppendOnlyViolation(f"{what} only grows: correct it by a new, offsetting row")


class AppendOnlyQuerySet(models.QuerySet[M]):
    """A queryset that reads and creates, and refuses everything else."""

    def update(self, **kwargs: Any) -> int:
        _refuse(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        _refuse(self.model.__name__)

    def delete(self) -> tuple[int, dict[str, int]]:
        _refuse(self.model.__name__)

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """Add rows; an insert that would turn into an update is refused."""
        if kwargs.get("update_conflicts"):
            _refuse(self.model.__name__)
        return super().bulk_create(objs, *args, **kwargs)


class AppendOnly(models.Model):
    """Base of a model whose rows are written once."""

    objects: models.Manager[Self] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse(type(self).__name__)


CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION brightlend_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('brightlend.allow_truncate', true) = 'on' THEN
        RETURN NULL;  -- a test database is emptied between tests; nothing else sets this
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;  -- nothing changes: a fixture is loaded a second time
        END IF;
    END IF;
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def refuse_changes(table: str) -> migrations.RunSQL:
    """Return the migration operation that makes PostgreSQL refuse UPDATE, DELETE and TRUNCATE."""
    return migrations.RunSQL(
        sql=CREATE_FUNCTION
        + f"""
CREATE TRIGGER {table}_rows_only_grow BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION brightlend_refuse_change();
CREATE TRIGGER {table}_only_grows BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION brightlend_refuse_change();
""",
        reverse_sql=f"""
DROP TRIGGER {table}_rows_only_grow ON {table};
DROP TRIGGER {table}_only_grows ON {table};
""",
    )
