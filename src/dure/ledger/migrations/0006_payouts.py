import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0005_chained_in_order_of_commits'),
    ]

    operations = [
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payee', models.CharField(max_length=120)),
                ('reference', models.CharField(max_length=12, unique=True)),
                ('gross_minor', models.BigIntegerField()),
                ('withheld_minor', models.BigIntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('paid_by', models.CharField(max_length=120, null=True)),
                ('returned_at', models.DateTimeField(null=True)),
                ('returned_by', models.CharField(max_length=120, null=True)),
                ('return_reason', models.CharField(max_length=200, null=True)),
                ('dropped_at', models.DateTimeField(null=True)),
                ('dropped_by', models.CharField(max_length=120, null=True)),
                ('drop_reason', models.CharField(max_length=200, null=True)),
                ('erased_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PayoutLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120, unique=True)),
                ('sheet', models.JSONField(default=dict)),
                ('payer', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='PayoutDestination',
            fields=[
                ('payout', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='destination', serialize=False, to='ledger.payout')),
                ('details', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='PayoutBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120)),
                ('currency', models.CharField(max_length=3)),
                ('way', models.CharField(max_length=20)),
                ('request_key', models.CharField(max_length=80)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=120)),
                ('released_at', models.DateTimeField(null=True)),
                ('released_by', models.CharField(max_length=120, null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancelled_by', models.CharField(max_length=120, null=True)),
                ('printed', models.JSONField(null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('owner'), models.F('request_key'), name='one_batch_per_request'), models.CheckConstraint(condition=models.Q(('released_by', None), models.Q(('released_by', models.F('made_by')), _negated=True), _connector='OR'), name='batch_is_released_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('released_at', None), ('released_by', None)), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='batch_is_released_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at', None), ('cancelled_by', None)), models.Q(('cancelled_at__isnull', False), ('cancelled_by__isnull', False)), _connector='OR'), name='batch_is_cancelled_by_somebody'), models.CheckConstraint(condition=models.Q(('released_at', None), ('cancelled_at', None), _connector='OR'), name='released_batch_is_not_cancelled')],
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='ledger.payoutbatch'),
        ),
        migrations.CreateModel(
            name='PayoutRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120)),
                ('currency', models.CharField(max_length=3)),
                ('threshold_minor', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('owner'), models.F('currency'), name='one_threshold_per_currency'), models.CheckConstraint(condition=models.Q(('threshold_minor__gte', 0)), name='threshold_is_not_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='PayoutSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120)),
                ('holder', models.CharField(max_length=120)),
                ('currency', models.CharField(max_length=3)),
                ('amount_minor', models.BigIntegerField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('payout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='ledger.payout')),
            ],
        ),
        migrations.CreateModel(
            name='WithholdingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner', models.CharField(max_length=120)),
                ('country', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('name', models.CharField(max_length=40)),
                ('basis_points', models.IntegerField()),
                ('above_minor', models.BigIntegerField()),
                ('unit_minor', models.BigIntegerField()),
                ('since', models.DateTimeField()),
                ('by', models.CharField(max_length=120)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.CharField(max_length=120, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('owner', 'country', 'currency', 'name'), name='one_rule_in_force_per_name'), models.CheckConstraint(condition=models.Q(('basis_points__gte', 1), ('basis_points__lte', 9000)), name='rule_withholds_a_part'), models.CheckConstraint(condition=models.Q(('above_minor__gte', 0), ('unit_minor__gte', 1)), name='rule_has_sane_amounts'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='rule_ended_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='PayoutWithheld',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_minor', models.BigIntegerField()),
                ('remitted_as', models.CharField(max_length=80, null=True)),
                ('offset_as', models.CharField(max_length=80, null=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withheld', to='ledger.payoutsource')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withheld', to='ledger.withholdingrule')),
            ],
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(models.F('batch'), models.F('payee'), name='one_payout_per_payee_of_a_batch'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('gross_minor', django.db.models.expressions.CombinedExpression(models.F('net_minor'), '+', models.F('withheld_minor')))), name='gross_is_net_and_withheld'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('net_minor__gt', 0), ('withheld_minor__gte', 0)), name='payout_pays_something'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at', None), ('paid_by', None)), models.Q(('paid_at__isnull', False), ('paid_by__isnull', False)), _connector='OR'), name='paid_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('returned_at', None), ('returned_by', None)), models.Q(('returned_at__isnull', False), ('returned_by__isnull', False)), _connector='OR'), name='returned_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dropped_at', None), ('dropped_by', None)), models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False)), _connector='OR'), name='dropped_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('returned_at', None), ('paid_at__isnull', False), _connector='OR'), name='only_what_was_paid_returns'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('paid_at', None), ('dropped_at', None), _connector='OR'), name='dropped_payout_is_not_paid'),
        ),
        migrations.AddConstraint(
            model_name='payoutsource',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('owner', 'currency'), name='one_payout_on_its_way_per_source'),
        ),
        migrations.AddConstraint(
            model_name='payoutsource',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='source_gives_something'),
        ),
        migrations.AddIndex(
            model_name='payoutwithheld',
            index=models.Index(condition=models.Q(('remitted_as', None), ('offset_as', None), _connector='OR'), fields=['rule'], name='withheld_to_be_remitted'),
        ),
        migrations.AddConstraint(
            model_name='payoutwithheld',
            constraint=models.UniqueConstraint(models.F('source'), models.F('rule'), name='one_part_per_rule_of_a_source'),
        ),
        migrations.AddConstraint(
            model_name='payoutwithheld',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='withheld_is_something'),
        ),
        migrations.AddConstraint(
            model_name='payoutwithheld',
            constraint=models.CheckConstraint(condition=models.Q(('offset_as', None), ('remitted_as__isnull', False), _connector='OR'), name='only_what_was_remitted_is_offset'),
        ),
    ]
