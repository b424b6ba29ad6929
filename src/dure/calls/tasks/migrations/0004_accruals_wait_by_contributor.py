from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0003_collecting_functions")]
    operations = [
        migrations.RemoveIndex(model_name="accrual", name="accrual_waits_to_be_posted"),
        migrations.AddIndex(
            model_name="accrual",
            index=models.Index(
                models.F("call_id"),
                models.F("reason"),
                models.F("contributor_id"),
                models.F("answer_id"),
                condition=models.Q(("posted_as", None)),
                name="accrual_waits_to_be_posted",
            ),
        ),
    ]
