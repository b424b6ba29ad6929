from django.db import migrations

from dure.migrating import KEEP_ROW


class Migration(migrations.Migration):
    dependencies = []
    operations = [KEEP_ROW]
