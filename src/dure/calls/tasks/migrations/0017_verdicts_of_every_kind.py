from pathlib import Path

from django.db import migrations, models

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]
# Their columns changed, which `create or replace` refuses.
CHANGED = """
drop function if exists tasks_box_rows(bigint);
drop function if exists tasks_verdict_rows(bigint);
drop function if exists tasks_answer_rows(bigint);
drop function if exists tasks_own_beside_crowd(bigint, text, int);
drop function if exists tasks_counted_answers(bigint, bigint, timestamptz);
drop function if exists tasks_put_verdicts(
    bigint, varchar[], text[], float8[], float8[], float8[], float8[], float8[], int[]
);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0016_accruals_by_contributor")]
    operations = [
        migrations.AddField("verdict", "value", models.JSONField(null=True)),
        migrations.CreateModel(
            name="RankedItem",
            fields=[
                ("pk", models.CompositePrimaryKey("call_id", "place", blank=True, editable=False, primary_key=True, serialize=False)),
                ("call_id", models.BigIntegerField()),
                ("place", models.BigIntegerField()),
                ("item", models.TextField()),
                ("score", models.FloatField()),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("rank", models.BigIntegerField()),
                ("rank_low", models.BigIntegerField()),
                ("rank_high", models.BigIntegerField()),
                ("comparisons", models.BigIntegerField()),
                ("component", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(CHANGED, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)
            for name in ("verdicts.sql", "exports.sql", "results.sql")
        ),
    ]
