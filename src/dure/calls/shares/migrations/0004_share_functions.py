from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [
        ("shares", "0003_first_promises"),
        ("ledger", "0003_money_that_is_held"),
        ("people", "0005_invitations_and_sources"),
    ]
    operations = [install_functions(ROOM / "shares.sql")]
