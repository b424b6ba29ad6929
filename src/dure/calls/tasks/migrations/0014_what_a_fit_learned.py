from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [("tasks", "0013_plain_words_in_exports")]
    operations = [
        migrations.AddField(
            model_name="verdictrun",
            name="learned",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.CreateModel(
            name="WorkerHabits",
            fields=[
                ("pk", models.CompositePrimaryKey("call_id", "contributor_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("call_id", models.BigIntegerField()),
                ("contributor_id", models.BigIntegerField()),
                ("run_id", models.BigIntegerField()),
                ("concentration", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
            ],
        ),
        # Every fit rewrites every row of its call: half of each page is left for the new ones.
        migrations.RunSQL(
            """
            alter table tasks_workerhabits set (fillfactor = 50);
            alter table tasks_workerhabits add constraint habits_are_of_a_contributor
                foreign key (call_id, contributor_id)
                references people_contributor (call_id, id);
            """,
            """
            alter table tasks_workerhabits drop constraint habits_are_of_a_contributor;
            alter table tasks_workerhabits reset (fillfactor);
            """,
        ),
        install_functions(ROOM / "weights.sql"),
    ]
