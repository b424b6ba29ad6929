from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

PAY = Path(__file__).parents[1] / "pay.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_accruals_wait_by_contributor")]
    operations = [install_functions(PAY)]
