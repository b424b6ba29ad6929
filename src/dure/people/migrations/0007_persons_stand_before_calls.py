from django.db import migrations, models

NAMES = {
    "one_contributor_per_person_per_call": "person",
    "one_contributor_per_pseudonym": "pseudonym",
}


class Migration(migrations.Migration):
    dependencies = [("people", "0006_how_people_are_paid")]
    operations = [
        operation
        for name, first in NAMES.items()
        for operation in (
            migrations.RemoveConstraint("contributor", name),
            migrations.AddConstraint(
                "contributor", models.UniqueConstraint(first, "call_id", name=name)
            ),
        )
    ]
