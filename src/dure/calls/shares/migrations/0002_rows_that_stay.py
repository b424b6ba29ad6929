from django.db import migrations

from dure.migrating import append_only

# What was approved is what was worked out: no share is added later, and all of them are there.
CHECKS = """
create function shares_are_of_a_proposal() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    -- Locked, or a share could slip in while another transaction approves.
    perform from shares_settlement s
        where s.id = new.settlement_id and s.approved_at is null and s.withdrawn_at is null
        for share;
    if not found then
        raise exception 'settlement % is decided and takes no more shares', new.settlement_id
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger shares_are_of_a_proposal before insert on shares_settlementshare
    for each row execute function shares_are_of_a_proposal();

create function shares_add_up() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    v_people bigint;
    v_base bigint;
    v_value bigint;
begin
    select count(*), coalesce(sum(base_minor), 0), coalesce(sum(value_minor), 0)
    into v_people, v_base, v_value
    from shares_settlementshare where settlement_id = new.id;
    if (v_people, v_base, v_value) <> (new.people, new.base_minor, new.value_minor) then
        raise exception 'settlement % has shares of % and % for % people, not those that it states',
            new.id, v_base, v_value, v_people
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger shares_add_up before update on shares_settlement
    for each row when (old.approved_at is null and new.approved_at is not null)
    execute function shares_add_up();
"""

NO_CHECKS = """
drop trigger shares_add_up on shares_settlement;
drop function shares_add_up();
drop trigger shares_are_of_a_proposal on shares_settlementshare;
drop function shares_are_of_a_proposal();
"""


class Migration(migrations.Migration):
    dependencies = [("shares", "0001_shares"), ("outbox", "0001_row_keeper")]
    operations = [
        append_only("shares_promiseversion"),
        append_only("shares_payin"),
        append_only("shares_gain"),
        append_only(
            "shares_settlement",
            may_set=("approved_at", "approved_by", "withdrawn_at", "withdrawn_by", "posted_at"),
        ),
        append_only("shares_settlementshare"),
        append_only("shares_approvalrule"),
        append_only("shares_reply"),
        migrations.RunSQL(CHECKS, NO_CHECKS),
    ]
