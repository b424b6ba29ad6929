"""What migrations need beyond Django: append-only tables, functions from a room's queries.sql."""

from __future__ import annotations

import re
from pathlib import Path

from django.db.migrations import RunSQL


def append_only(table: str, *, may_set: tuple[str, ...] = ()) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE; the named columns may go from null to a value, once."""
    names = ", ".join(f"'{name}'" for name in may_set)
    return RunSQL(
        f"""
        create trigger rows_are_kept before update or delete on {table}
            for each row execute function dure_keep_row({names});
        create trigger rows_are_kept_from_truncate before truncate on {table}
            execute function dure_keep_row();
        """,
        f"""
        drop trigger rows_are_kept_from_truncate on {table};
        drop trigger rows_are_kept on {table};
        """,
    )


def install_functions(queries: Path) -> RunSQL:
    """Create or replace every function of a queries.sql; going back drops them."""
    text = queries.read_text()
    names = re.findall(r"create or replace function ([\w.]+)\s*\(", text)
    # A function may be written before a column that a later migration adds.
    install = f"set local check_function_bodies = off;\n{text}"
    drop = ";\n".join(f"drop function if exists {name} cascade" for name in reversed(names))
    return RunSQL(install, drop)


KEEP_ROW = RunSQL(
    """
    create function dure_keep_row() returns trigger language plpgsql as $$
    declare
        may_set constant text[] := coalesce(tg_argv::text[], '{}');
        column_name text;
        before jsonb;
        after jsonb;
    begin
        if tg_op <> 'UPDATE' then
            raise exception '% only grows: % is refused', tg_table_name, lower(tg_op)
                using errcode = 'restrict_violation';
        end if;
        before := to_jsonb(old);
        after := to_jsonb(new);
        for column_name in select jsonb_object_keys(after) loop
            if after -> column_name is distinct from before -> column_name
                and not (column_name = any (may_set) and before -> column_name = 'null'::jsonb)
            then
                raise exception '% only grows: % can not be changed', tg_table_name, column_name
                    using errcode = 'restrict_violation';
            end if;
        end loop;
        return new;
    end $$;
    """,
    "drop function dure_keep_row();",
)
