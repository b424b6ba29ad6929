import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0003_media'),
        ('people', '0005_invitations_and_sources'),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='draft', serialize=False, to='calls.call')),
                ('typed', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Rehearsal',
            fields=[
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='rehearsal', serialize=False, to='calls.call')),
                ('until', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
            ],
        ),
        migrations.AddField(
            model_name='call',
            name='topics',
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('bytes', models.BigIntegerField()),
                ('media', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='calls.call')),
            ],
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('verdicts', 'verdicts'), ('answers', 'answers'), ('gold', 'known truths')], max_length=8)),
                ('form', models.CharField(max_length=8)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('running', 'being made'), ('done', 'ready'), ('failed', 'failed')], default='waiting', max_length=8)),
                ('token', models.CharField(max_length=32, unique=True)),
                ('rows_expected', models.BigIntegerField(default=0)),
                ('rows_made', models.BigIntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
                ('reason', models.CharField(default='', max_length=300)),
                ('at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('by', models.CharField(max_length=120)),
                ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='calls.call')),
            ],
            options={
                'indexes': [models.Index(models.F('call'), models.F('id'), name='exports_by_call')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='export_state_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('fields', models.JSONField()),
                ('at', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='templates', to='people.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('organisation'), models.F('name'), name='one_template_per_name')],
            },
        ),
    ]
