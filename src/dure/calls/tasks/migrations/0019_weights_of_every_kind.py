from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
# Its columns changed, which `create or replace` refuses.
CHANGED = "drop function if exists tasks_weighed_answers(bigint, bigint);"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0018_look_at_calls_again")]
    operations = [
        migrations.RunSQL(CHANGED, migrations.RunSQL.noop),
        migrations.RunSQL(
            install_functions(ROOM / "weights.sql").sql, migrations.RunSQL.noop
        ),
    ]
