from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
# What one request did by itself; turns.sql has it for many.
DROP = """
drop function if exists collect.record_answer(bigint, bigint[], boolean, int, jsonb);
drop function if exists collect.take(bigint, bigint[], int, int);
drop function if exists
    collect.take_seats(bigint, bigint[], bigint, bigint, int, timestamptz);
drop function if exists collect.lease_tasks(bigint, bytea, int);
drop function if exists collect.submit_answers(bigint, bytea, jsonb, int);
"""
TYPES = """
create type collect.turn as (
    place int, contributors bigint[], want int, refusal text,
    contributor_at tid, cursor bigint, held bigint[], ends_at timestamptz[], taken bigint[]
);
create type collect.given as (
    place int, turn int, id uuid, task bigint, phase text, value jsonb, is_skip boolean,
    prediction jsonb, ms bigint, words text, names_items boolean,
    contributors bigint[], lease_at tid, was_held boolean, task_at tid, is_new boolean, fate text
);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0020_hot_tables")]
    operations = [
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        migrations.RunSQL(
            TYPES, "drop type collect.given cascade; drop type collect.turn cascade;"
        ),
        migrations.RunSQL(install_functions(ROOM / "queries.sql").sql, migrations.RunSQL.noop),
        install_functions(ROOM / "seats.sql"),
        install_functions(ROOM / "turns.sql"),
    ]
