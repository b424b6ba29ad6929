from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0008_export_functions")]
    operations = [
        migrations.RemoveConstraint("task", "one_task_per_key"),
        migrations.AddConstraint(
            "task", models.UniqueConstraint("key", "call", name="one_task_per_key")
        ),
    ]
