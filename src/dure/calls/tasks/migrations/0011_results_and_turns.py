from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

ROOM = Path(__file__).parents[1]


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0010_news_and_ranked_items"),
        ("people", "0004_claims_and_credits"),
    ]
    operations = [
        install_functions(ROOM / "results.sql"),
        migrations.RunSQL(install_functions(ROOM / "queries.sql").sql, migrations.RunSQL.noop),
    ]
