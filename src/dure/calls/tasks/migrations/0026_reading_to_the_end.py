from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0025_asking_for_more")]
    operations = [
        migrations.RunSQL(install_functions(ROOM / "verdicts.sql").sql, migrations.RunSQL.noop),
    ]
