from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0015_worth_functions")]
    operations = [
        migrations.AddIndex(
            model_name="accrual",
            index=models.Index(
                models.F("contributor_id"), name="accruals_by_contributor"
            ),
        ),
    ]
