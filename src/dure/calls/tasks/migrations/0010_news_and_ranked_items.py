from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


def install_again(name: str) -> migrations.RunSQL:
    """Functions that were there before, as they are now; going back leaves them so."""
    return migrations.RunSQL(install_functions(ROOM / name).sql, migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [("tasks", "0009_task_keys_stand_before_calls"), ("calls", "0002_contributors_belong_to_calls")]
    operations = [
        install_functions(ROOM / "news.sql"),
        install_again("queries.sql"),
        install_again("verdicts.sql"),
    ]
