from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0004_drafts_uploads_exports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='callchange',
            name='step',
            field=models.CharField(choices=[('create', 'created'), ('open', 'opened'), ('pause', 'paused'), ('close', 'closed'), ('reveal', 'revealed'), ('discard', 'thrown away')], max_length=8),
        ),
    ]
