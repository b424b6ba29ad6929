from pathlib import Path

from django.db import migrations, models

from dure.migrating import install_functions

VERDICTS = Path(__file__).parents[1] / "verdicts.sql"


class Migration(migrations.Migration):
    dependencies = [("tasks", "0022_held_leases_by_contributor")]
    operations = [
        migrations.CreateModel(
            name="Frontier",
            fields=[
                ("call_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("up_to", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(install_functions(VERDICTS).sql, migrations.RunSQL.noop),
    ]
