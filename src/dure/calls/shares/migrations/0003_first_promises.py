from django.db import migrations

# Calls that opened before promises had versions: what they promised is their first one.
FIRST = """
insert into shares_promiseversion (call_id, number, promise, at, by)
select c.id, 1, c.promise, o.at, o.by
from calls_call c
join lateral (
    select h.at, h.by from calls_callchange h
    where h.call_id = c.id and h.step = 'open' order by h.id limit 1
) o on true
where c.state <> 'draft'
"""


class Migration(migrations.Migration):
    dependencies = [("shares", "0002_rows_that_stay"), ("calls", "0006_uploads_come_in_by_a_job")]
    # The way back drops the table with its rows.
    operations = [migrations.RunSQL(FIRST, migrations.RunSQL.noop)]
