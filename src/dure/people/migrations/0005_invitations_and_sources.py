import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_claims_and_credits'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='proved_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='contributor',
            name='source',
            field=models.CharField(db_default='', max_length=30),
        ),
        migrations.AddField(
            model_name='organisation',
            name='about',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'owner'), ('editor', 'editor'), ('treasurer', 'treasurer'), ('reader', 'reader')], max_length=12)),
                ('email', models.EmailField(max_length=254, null=True)),
                ('hash', models.BinaryField(null=True, unique=True)),
                ('by', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='people.organisation')),
                ('used_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(models.F('organisation'), models.F('id'), name='invitations_by_organisation')],
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'editor', 'treasurer', 'reader'])), name='invitation_role_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('used_at', None), ('used_by', None)), models.Q(('used_at__isnull', False), ('used_by__isnull', False)), _connector='OR'), name='invitation_is_used_by_somebody')],
            },
        ),
        # Limits on signing in are counted here; see CACHES in settings.py.
        migrations.RunSQL(
            """
            create unlogged table people_cache (
                cache_key varchar(255) primary key, value text not null,
                expires timestamp with time zone not null
            );
            create index people_cache_expires on people_cache (expires);
            """,
            "drop table people_cache;",
        ),
        # So far addresses were only taken from those who had proved them, except of organisers.
        migrations.RunSQL(
            """
            update people_account set proved_at = joined_at where email is not null
                and id not in (select account_id from people_membership);
            """,
            migrations.RunSQL.noop,
        ),
    ]
