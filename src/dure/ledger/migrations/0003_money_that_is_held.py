from django.db import migrations, models

PURPOSES = ["owed_to", "owed_by", "deposit", "held", "fee"]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_journal_only_grows")]
    operations = [
        migrations.AlterField(
            model_name="ledgeraccount",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("owed_to", "owed to"),
                    ("owed_by", "owed by"),
                    ("deposit", "paid in ahead"),
                    ("held", "held for"),
                    ("fee", "fees of"),
                ],
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="ledgeraccount", name="purpose_is_known"),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(purpose__in=PURPOSES), name="purpose_is_known"
            ),
        ),
    ]
