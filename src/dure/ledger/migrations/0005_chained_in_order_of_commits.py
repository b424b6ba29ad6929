from pathlib import Path

from django.db import migrations

from dure.migrating import append_only, install_functions

# Making a trigger waits for whoever is posting, and holds the next one up until this is committed:
# so every earlier number is committed. Earlier transactions are chained here, not in a migration of
# their own, since one that was posted between the two would be chained before them.
ORDER = """
create trigger transaction_takes_its_turn before insert on ledger_transaction
    for each row execute function ledger_number_transaction();
"""
NO_ORDER = "drop trigger transaction_takes_its_turn on ledger_transaction;"

CHAIN_EARLIER = """
do $$
declare
    v_earlier bigint;
begin
    for v_earlier in select id from ledger_transaction order by id loop
        perform ledger_chain(v_earlier);
    end loop;
end $$;
"""
# The links go with their table; one step back they would hinder the way forward.
UNCHAIN = "truncate ledger_link;"

# Going back drops the check with the functions; this is what stood before.
CHECK_OF_BEFORE = """
create function ledger_transaction_balances() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    v_entries bigint;
    v_sum record;
begin
    select count(*) into v_entries from ledger_entry where transaction_id = new.id;
    if v_entries <> new.n_entries then
        raise exception 'transaction % has % of its % entries', new.id, v_entries, new.n_entries
            using errcode = 'check_violation';
    end if;
    for v_sum in
        select currency, sum(amount_minor) as residual from ledger_entry
        where transaction_id = new.id
        group by currency having sum(amount_minor) <> 0 order by currency limit 1
    loop
        raise exception 'transaction % is out of balance by % %',
            new.id, v_sum.residual, v_sum.currency
            using errcode = 'check_violation';
    end loop;
    return null;
end $$;
create constraint trigger transaction_balances after insert on ledger_transaction
    deferrable initially deferred for each row execute function ledger_transaction_balances();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_chain_and_checkpoint_tables"), ("outbox", "0001_row_keeper")]
    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, CHECK_OF_BEFORE),
        install_functions(Path(__file__).parents[1] / "queries.sql"),
        migrations.RunSQL(ORDER, NO_ORDER),
        migrations.RunSQL(migrations.RunSQL.noop, UNCHAIN),
        append_only("ledger_link"),
        migrations.RunSQL(CHAIN_EARLIER, migrations.RunSQL.noop),
    ]
