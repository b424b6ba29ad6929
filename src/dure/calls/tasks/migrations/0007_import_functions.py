from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "imports.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0006_verdict_functions")]
    operations = [install_functions(QUERIES)]
