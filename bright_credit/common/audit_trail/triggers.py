"""Having PostgreSQL write the trail: `audited("its_table")` is an operation of a migration.

The trigger stands behind every way to change a row: the API, the admin, commands, raw SQL. Who is
at work it reads from the setting `brightlend.context` (`context.py`), which holds for one
transaction; without it the process is named, by the application name of its connection.
"""

from collections.abc import Iterable

from django.db import migrations

MASK = "***"

CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION brightlend_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    context jsonb := coalesce(nullif(current_setting('brightlend.context', true), ''), '{{}}');
    masked text[] := string_to_array(TG_ARGV[1], ',');
    ignored text[] := string_to_array(TG_ARGV[2], ',');
    process text := coalesce(nullif(current_setting('application_name'), ''), 'unknown');
    was jsonb;
    is_now jsonb;
    key text;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD) - ignored; END IF;
    IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW) - ignored; END IF;
    key := coalesce(is_now, was) ->> TG_ARGV[0];
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(n.key, n.value)
        INTO was, is_now
        FROM jsonb_each(was) o JOIN jsonb_each(is_now) n USING (key)
        WHERE o.value IS DISTINCT FROM n.value;
        IF is_now IS NULL THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO audit_trail_auditentry (
        table_name, row_key, change, before, after, reason,
        origin, actor, actor_name, address, request_id, action, database_user)
    VALUES (
        TG_TABLE_NAME, left(coalesce(key, ''), 64), TG_OP,
        brightlend_masked(was, masked), brightlend_masked(is_now, masked),
        left(coalesce(nullif(is_now ->> 'reason', ''), nullif(is_now ->> 'note', ''),
                      context ->> 'reason', ''), 500),
        coalesce(context ->> 'origin', 'PROCESS'),
        left(coalesce(context ->> 'actor', process), 100),
        left(coalesce(context ->> 'actor_name', ''), 150),
        left(coalesce(context ->> 'address', host(inet_client_addr()), ''), 45),
        left(coalesce(context ->> 'request_id', ''), 64),
        left(coalesce(context ->> 'action', ''), 200),
        session_user);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION brightlend_masked(row_values jsonb, masked text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN row_values IS NULL OR masked = '{{}}' THEN row_values ELSE (
        SELECT jsonb_object_agg(key, CASE WHEN key = ANY(masked) AND value <> 'null'
                                          THEN '"{MASK}"' ELSE value END)
        FROM jsonb_each(row_values)) END
$$;
"""  # noqa: S608 - made of constants

DROP_FUNCTION = "DROP FUNCTION brightlend_audit(); DROP FUNCTION brightlend_masked(jsonb, text[]);"


def audited(
    table: str,
    *,
    key: str = "id",
    masked: Iterable[str] = (),
    ignored: Iterable[str] = (),
    only_inserts: bool = False,
) -> migrations.RunSQL:
    """Return the migration operation that has every change of a table's rows in the trail.

    `masked` columns are personal or secret; a change of `ignored` columns alone is none.
    """
    when = "INSERT" if only_inserts else "INSERT OR UPDATE OR DELETE"
    arguments = ", ".join(f"'{text}'" for text in (key, ",".join(masked), ",".join(ignored)))
    return migrations.RunSQL(
        sql=f"CREATE TRIGGER {table}_is_audited AFTER {when} ON {table}\n"
        f"    FOR EACH ROW EXECUTE FUNCTION brightlend_audit({arguments})",
        reverse_sql=f"DROP TRIGGER {table}_is_audited ON {table}",
    )
