from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "queries.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0002_keys_and_rows_that_stay")]
    operations = [
        migrations.RunSQL("create schema if not exists collect;", "drop schema collect cascade;"),
        install_functions(QUERIES),
    ]
