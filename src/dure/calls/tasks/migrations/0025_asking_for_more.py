from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

SEATS = Path(__file__).parents[1] / "seats.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0024_one_way_to_take_turns")]
    operations = [migrations.RunSQL(install_functions(SEATS).sql, migrations.RunSQL.noop)]
