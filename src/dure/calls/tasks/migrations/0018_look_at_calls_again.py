from pathlib import Path

from django.db import migrations

from dure.migrating import install_functions

VERDICTS = Path(__file__).parents[1] / "verdicts.sql"
WORDS_STAY = """
create or replace function tasks_words_stay_or_are_erased() returns trigger
language plpgsql as $$
begin
    if tg_op = 'UPDATE' and new.call_id = old.call_id
        and new.answer_id = old.answer_id and new.text is null
    then
        {more}
        return new;
    end if;
    raise exception 'words may be erased, but not changed or deleted'
        using errcode = 'restrict_violation';
end $$;
"""
# A verdict may still say them: the call is looked at again, also one that is closed.
STIRRED = """if old.text is not null then
            perform collect.count_up(new.call_id, 1, 0, 0, 0, 0);
        end if;"""
# Calls of types that had no verdicts before were looked at all the same, and closed ones would
# never be again.
LOOK_AGAIN = """
update tasks_refit r set events = -1
where not exists (select from tasks_verdictrun v where v.call_id = r.call_id);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0017_verdicts_of_every_kind")]
    operations = [
        migrations.RunSQL(WORDS_STAY.format(more=STIRRED), WORDS_STAY.format(more="")),
        migrations.RunSQL(install_functions(VERDICTS).sql, migrations.RunSQL.noop),
        migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop),
    ]
