from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0014_what_a_fit_learned")]
    operations = [install_functions(ROOM / "worth.sql")]
