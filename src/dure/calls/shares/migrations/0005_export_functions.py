from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [("shares", "0004_share_functions")]
    operations = [install_functions(ROOM / "exports.sql")]
