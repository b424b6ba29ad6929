from pathlib import Path

from django.db import migrations, models

from dure.migrating import append_only, install_functions

ROOM = Path(__file__).parents[1]
TASK = "foreign key (call_id, task_id) references tasks_taskprogress (call_id, task_id)"
CONTRIBUTOR = "foreign key (call_id, contributor_id) references people_contributor (call_id, id)"


def install_again(name):
    """Functions that are there already, in their new form; going back leaves them as they are."""
    return migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0011_results_and_turns'),
        ('people', '0005_invitations_and_sources'),
    ]

    operations = [
        migrations.RunSQL("create sequence tasks_ruling_id;", "drop sequence tasks_ruling_id;"),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('pk', models.CompositePrimaryKey('call_id', 'contributor_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('call_id', models.BigIntegerField()),
                ('contributor_id', models.BigIntegerField()),
                ('answers', models.BigIntegerField()),
                ('days', models.IntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('pk', models.CompositePrimaryKey('call_id', 'step_s', 'at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('call_id', models.BigIntegerField()),
                ('step_s', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('answers', models.BigIntegerField(db_default=0)),
                ('skips', models.BigIntegerField(db_default=0)),
                ('decided', models.BigIntegerField(null=True)),
                ('disputed', models.BigIntegerField(null=True)),
                ('confidence', models.FloatField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Ruling',
            fields=[
                ('pk', models.CompositePrimaryKey('call_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('call_id', models.BigIntegerField()),
                ('id', models.BigIntegerField(db_default=models.Func(models.Value('tasks_ruling_id'), function='nextval'))),
                ('task_id', models.BigIntegerField()),
                ('value', models.JSONField()),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name='SourceCount',
            fields=[
                ('pk', models.CompositePrimaryKey('call_id', 'source', blank=True, editable=False, primary_key=True, serialize=False)),
                ('call_id', models.BigIntegerField()),
                ('source', models.CharField(max_length=30)),
                ('people', models.BigIntegerField(db_default=0)),
                ('came_back', models.BigIntegerField(db_default=0)),
                ('answers', models.BigIntegerField(db_default=0)),
            ],
        ),
        migrations.AddField(
            model_name='refit',
            name='noted_up_to',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='refit',
            name='summary',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddIndex(
            model_name='taskprogress',
            index=models.Index(models.F('call_id'), models.F('state'), models.F('task_id'), name='tasks_by_state'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(models.F('call_id'), models.F('probability'), models.F('task_id'), name='verdicts_by_probability'),
        ),
        migrations.AddIndex(
            model_name='presence',
            index=models.Index(models.F('call_id'), models.F('first_at'), name='presence_by_arrival'),
        ),
        migrations.AddIndex(
            model_name='ruling',
            index=models.Index(models.F('call_id'), models.F('task_id'), models.F('id'), name='rulings_by_task'),
        ),
        migrations.RunSQL(
            f"""
            alter table tasks_ruling add constraint ruling_is_on_a_task {TASK};
            alter table tasks_presence
                add constraint presence_is_of_a_contributor {CONTRIBUTOR};
            drop function if exists collect.join_call (text, bytea, bytea);
            """,
            """
            alter table tasks_presence drop constraint presence_is_of_a_contributor;
            alter table tasks_ruling drop constraint ruling_is_on_a_task;
            """,
        ),
        append_only("tasks_ruling"),
        install_functions(ROOM / "board.sql"),
        install_again("verdicts.sql"),
        install_again("queries.sql"),
        install_again("exports.sql"),
        migrations.RunSQL(
            "create index tasks_by_words on tasks_task using gin (tasks_words(key, content));",
            "drop index tasks_by_words;",
        ),
    ]
