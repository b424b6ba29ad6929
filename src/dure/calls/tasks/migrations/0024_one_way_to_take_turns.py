from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
# Pages ask by take_turns, as everybody does.
DROP = """
drop function if exists collect.submit_answers(bigint, bytea, jsonb, int);
drop function if exists collect.lease_tasks(bigint, bytea, int);
drop function if exists collect.take_turn(bigint, bytea, jsonb, int);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0023_frontier")]
    operations = [
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)
            for name in ("seats.sql", "turns.sql", "verdicts.sql")
        ),
    ]
