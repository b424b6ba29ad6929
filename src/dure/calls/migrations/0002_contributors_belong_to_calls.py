from django.db import migrations

from dure.migrating import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_calls"),
        ("people", "0003_functions"),
        ("outbox", "0001_row_keeper"),
    ]
    operations = [
        migrations.RunSQL(
            """
            alter table people_contributor add constraint contributor_is_in_a_call
                foreign key (call_id) references calls_call (id);
            """,
            "alter table people_contributor drop constraint contributor_is_in_a_call;",
        ),
        append_only("calls_callchange"),
    ]
