from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0012_boards_and_rulings")]
    operations = [
        migrations.RunSQL(install_functions(ROOM / "exports.sql").sql, migrations.RunSQL.noop)
    ]
