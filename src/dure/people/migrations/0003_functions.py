from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "queries.sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_audit_only_grows")]
    operations = [install_functions(QUERIES)]
