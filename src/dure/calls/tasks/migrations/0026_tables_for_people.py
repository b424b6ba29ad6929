from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

EXPORTS = Path(__file__).parents[1] / "exports.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0025_offered_tasks")]
    operations = [migrations.RunSQL(install_functions(EXPORTS).sql, migrations.RunSQL.noop)]
