from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0021_turns")]
    operations = [
        migrations.AddIndex(
            "lease",
            models.Index(
                "call_id",
                "contributor_id",
                "until",
                condition=models.Q(status="held"),
                name="lease_is_held",
            ),
        ),
    ]
