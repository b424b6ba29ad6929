from django.db import migrations

from dure.migrating import append_only

# Places make the check of a whole transaction once enough: when it has passed, all places are
# taken, so neither a later transaction nor a later statement of this one can add an entry.
CHECKS = """
alter table ledger_entry add constraint entry_is_in_its_accounts_currency
    foreign key (account_id, currency) references ledger_ledgeraccount (id, currency);

create function ledger_entry_has_a_place() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    v_places int;
begin
    select n_entries into v_places from ledger_transaction where id = new.transaction_id;
    if not found then
        raise exception 'there is no transaction %', new.transaction_id
            using errcode = 'foreign_key_violation';
    end if;
    if new.place > v_places then
        raise exception 'transaction % has % entries; entry % is refused',
            new.transaction_id, v_places, new.place
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger entry_has_a_place before insert on ledger_entry
    for each row execute function ledger_entry_has_a_place();

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

NO_CHECKS = """
drop trigger transaction_balances on ledger_transaction;
drop function ledger_transaction_balances();
drop trigger entry_has_a_place on ledger_entry;
drop function ledger_entry_has_a_place();
alter table ledger_entry drop constraint entry_is_in_its_accounts_currency;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_journal"), ("outbox", "0001_row_keeper")]
    operations = [
        append_only("ledger_ledgeraccount"),
        append_only("ledger_transaction"),
        append_only("ledger_entry"),
        migrations.RunSQL(CHECKS, NO_CHECKS),
    ]
