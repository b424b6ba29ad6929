from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "exports.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0007_import_functions")]
    operations = [install_functions(QUERIES)]
