from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "payouts.sql"


class Migration(migrations.Migration):
    # The functions read tables of rooms below, and hold what the tasks hold.
    dependencies = [
        ("calls", "0006_uploads_come_in_by_a_job"),
        ("ledger", "0007_payouts_keep_their_word"),
        ("people", "0006_how_people_are_paid"),
    ]
    operations = [install_functions(QUERIES)]
