from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
DROP = "drop function if exists collect.has_answered(bigint, bigint[], bigint)"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0024_one_way_to_take_turns")]
    operations = [
        *(
            migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)
            for name in ("queries.sql", "seats.sql")
        ),
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
    ]
