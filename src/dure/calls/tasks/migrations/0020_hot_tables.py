from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
# Vacuum comes once a fiftieth of the rows is dead, not a fifth: whoever looks for leases that ran
# out passes the dead ones first, and so does a new person with tasks that are done.
HOT = ("tasks_lease", "tasks_taskprogress")
SOONER = "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000"
USUAL = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold"


def install_again(name):
    """Functions that are there already, in their new form; going back leaves them as they are."""
    return migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("tasks", "0019_weights_of_every_kind")]
    operations = [
        install_functions(ROOM / "leases.sql"),
        install_again("queries.sql"),
        # Its place is taken by tasks_analyze_after.
        migrations.RunSQL(
            "drop function if exists tasks_analyze();", migrations.RunSQL.noop
        ),
        install_again("imports.sql"),
        *(
            migrations.RunSQL(
                f"alter table {table} set ({SOONER});", f"alter table {table} reset ({USUAL});"
            )
            for table in HOT
        ),
    ]
