from django.db import migrations

from dure.migrating import append_only


class Migration(migrations.Migration):
    dependencies = [("people", "0001_people"), ("outbox", "0001_row_keeper")]
    operations = [append_only("people_auditentry"), append_only("people_personmerge")]
