from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "queries.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_functions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('pk', models.CompositePrimaryKey('call_id', 'contributor_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('call_id', models.BigIntegerField()),
                ('contributor_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AlterField(
            model_name='account',
            name='email',
            field=models.EmailField(max_length=254, null=True, unique=True),
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hash', models.BinaryField(null=True, unique=True)),
                ('email', models.EmailField(max_length=254, null=True)),
                ('created_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='people.person')),
            ],
            options={
                'indexes': [models.Index(models.F('person'), models.F('created_at'), name='claims_by_person'), models.Index(models.F('email'), models.F('created_at'), name='claims_by_email')],
            },
        ),
        migrations.RunSQL(install_functions(QUERIES).sql, migrations.RunSQL.noop),
    ]
