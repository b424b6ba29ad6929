from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from dure.migrating import install_functions

QUERIES = Path(__file__).parents[1] / "queries.sql"


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_invitations_and_sources'),
    ]

    operations = [
        migrations.CreateModel(
            name='Payee',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='payee', serialize=False, to='people.person')),
                ('kind', models.CharField(choices=[('kr_bank', 'bank in Korea'), ('iban', 'account with an IBAN'), ('other', 'another way')], max_length=8)),
                ('holder', models.CharField(max_length=70)),
                ('country', models.CharField(max_length=2)),
                ('bank', models.CharField(blank=True, max_length=11)),
                ('account', models.CharField(blank=True, max_length=34)),
                ('lines', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['kr_bank', 'iban', 'other'])), name='payee_kind_is_known'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='payee_country_is_two_capitals'), models.CheckConstraint(condition=models.Q(models.Q(('account', ''), ('kind', 'other'), models.Q(('lines', ''), _negated=True)), models.Q(models.Q(('kind', 'other'), _negated=True), models.Q(('account', ''), _negated=True), ('lines', '')), _connector='OR'), name='payee_has_an_account_or_lines')],
            },
        ),
        migrations.RunSQL(install_functions(QUERIES).sql, migrations.RunSQL.noop),
    ]
