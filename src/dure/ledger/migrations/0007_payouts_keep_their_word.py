from pathlib import Path

from django.db import migrations

from dure.migrating import append_only, install_functions

QUERIES = Path(__file__).parents[1] / "payouts" / "payouts.sql"

CHECKS = """
-- Whole statements are checked at once, since a batch has tens of thousands of rows.
create function ledger_batch_is_open(p_batches bigint[]) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    v_batch record;
begin
    -- Shared, so that no batch is released or cancelled until this transaction ends.
    for v_batch in
        select id, released_at, cancelled_at from ledger_payoutbatch
        where id = any(p_batches) order by id for share
    loop
        if v_batch.released_at is not null or v_batch.cancelled_at is not null then
            raise exception 'batch % is decided; nothing is added', v_batch.id
                using errcode = 'restrict_violation';
        end if;
    end loop;
end $$;
create function ledger_payouts_are_added() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_batch_is_open((select array_agg(distinct batch_id) from added));
    if exists (select from added where paid_at is not null) then
        raise exception 'a payout is paid before it is released'
            using errcode = 'restrict_violation';
    end if;
    return null;
end $$;
create function ledger_sources_are_added() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_batch_is_open((select array_agg(distinct p.batch_id)
        from added join ledger_payout p on p.id = added.payout_id));
    return null;
end $$;
create function ledger_withheld_is_added() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_batch_is_open((select array_agg(distinct p.batch_id)
        from added join ledger_payoutsource s on s.id = added.source_id
        join ledger_payout p on p.id = s.payout_id));
    return null;
end $$;
create trigger payouts_are_added_to_an_open_batch after insert on ledger_payout
    referencing new table as added
    for each statement execute function ledger_payouts_are_added();
create trigger sources_are_added_to_an_open_batch after insert on ledger_payoutsource
    referencing new table as added
    for each statement execute function ledger_sources_are_added();
create trigger withheld_is_added_to_an_open_batch after insert on ledger_payoutwithheld
    referencing new table as added
    for each statement execute function ledger_withheld_is_added();

create function ledger_payout_is_released() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if not exists (
        select from ledger_payoutbatch where id = new.batch_id and released_at is not null
    ) then
        raise exception 'payout % is paid before it is released', new.reference
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger payout_is_released_before_it_is_paid before update on ledger_payout
    for each row when (old.paid_at is null and new.paid_at is not null)
    execute function ledger_payout_is_released();

-- When a batch is made, at commit, and again when it is released: what is added to it meanwhile
-- by anybody must still add up before any money goes.
create function ledger_batch_adds_up() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    v_payout record;
begin
    for v_payout in
        with given as (
            select s.payout_id, sum(s.amount_minor) as gross,
                bool_and(s.currency = new.currency) as is_in_currency
            from ledger_payoutsource s join ledger_payout p on p.id = s.payout_id
            where p.batch_id = new.id group by s.payout_id
        ), kept as (
            select s.payout_id, sum(w.amount_minor) as withheld
            from ledger_payoutwithheld w
            join ledger_payoutsource s on s.id = w.source_id
            join ledger_payout p on p.id = s.payout_id
            where p.batch_id = new.id group by s.payout_id
        )
        select p.reference from ledger_payout p
        left join given on given.payout_id = p.id
        left join kept on kept.payout_id = p.id
        where p.batch_id = new.id and (
            given.gross is distinct from p.gross_minor
            or not given.is_in_currency
            or coalesce(kept.withheld, 0) <> p.withheld_minor
        )
        order by p.id limit 1
    loop
        raise exception 'payout % is not the sum of its sources', v_payout.reference
            using errcode = 'check_violation';
    end loop;
    return null;
end $$;
create constraint trigger sources_sum_to_the_payouts after insert on ledger_payoutbatch
    deferrable initially deferred for each row execute function ledger_batch_adds_up();
create constraint trigger sources_sum_to_what_is_released
    after update of released_at on ledger_payoutbatch
    for each row execute function ledger_batch_adds_up();

-- Where a payout goes is erased, never rewritten.
create trigger rows_are_not_rewritten before update on ledger_payoutdestination
    for each row execute function dure_keep_row();
"""

NO_CHECKS = """
drop trigger rows_are_not_rewritten on ledger_payoutdestination;
drop trigger sources_sum_to_what_is_released on ledger_payoutbatch;
drop trigger sources_sum_to_the_payouts on ledger_payoutbatch;
drop function ledger_batch_adds_up();
drop trigger payout_is_released_before_it_is_paid on ledger_payout;
drop function ledger_payout_is_released();
drop trigger withheld_is_added_to_an_open_batch on ledger_payoutwithheld;
drop trigger sources_are_added_to_an_open_batch on ledger_payoutsource;
drop trigger payouts_are_added_to_an_open_batch on ledger_payout;
drop function ledger_withheld_is_added();
drop function ledger_sources_are_added();
drop function ledger_payouts_are_added();
drop function ledger_batch_is_open(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_payouts"), ("outbox", "0001_row_keeper")]
    operations = [
        append_only(
            "ledger_payoutbatch",
            may_set=("released_at", "released_by", "cancelled_at", "cancelled_by", "printed"),
        ),
        append_only(
            "ledger_payout",
            may_set=(
                "paid_at", "paid_by", "returned_at", "returned_by", "return_reason", "dropped_at",
                "dropped_by", "drop_reason", "erased_at",
            ),
        ),
        append_only("ledger_payoutsource", may_set=("ended_at",)),
        append_only("ledger_payoutwithheld", may_set=("remitted_as", "offset_as")),
        append_only("ledger_withholdingrule", may_set=("ended_at", "ended_by")),
        migrations.RunSQL(CHECKS, NO_CHECKS),
        install_functions(QUERIES),
    ]
