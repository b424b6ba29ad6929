from pathlib import Path

from django.db import migrations

from dure.migrating import append_only, install_functions

QUERIES = Path(__file__).parents[1] / "payouts" / "payouts.sql"

CHECKS = """
create function ledger_payout_fits_its_batch() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    v_batch ledger_payoutbatch%rowtype;
begin
    -- Shared, so that the batch is neither released nor cancelled until this transaction ends.
    select * into v_batch from ledger_payoutbatch where id = new.batch_id for share;
    if tg_op = 'INSERT' then
        if v_batch.released_at is not null or v_batch.cancelled_at is not null then
            raise exception 'batch % is decided; no payout is added', new.batch_id
                using errcode = 'restrict_violation';
        end if;
        if new.paid_at is not null then
            raise exception 'payout % is paid before it is released', new.reference
                using errcode = 'restrict_violation';
        end if;
    elsif old.paid_at is null and new.paid_at is not null and v_batch.released_at is null then
        raise exception 'payout % is paid before it is released', new.reference
            using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger payout_fits_its_batch before insert or update on ledger_payout
    for each row execute function ledger_payout_fits_its_batch();

create function ledger_check_payout_sums(p_payout bigint) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    v_payout ledger_payout%rowtype;
    v_gross numeric;
    v_withheld numeric;
    v_currency text;
begin
    select * into v_payout from ledger_payout where id = p_payout;
    select currency into v_currency from ledger_payoutbatch where id = v_payout.batch_id;
    select coalesce(sum(amount_minor) filter (where currency = v_currency), 0)
            - coalesce(sum(amount_minor) filter (where currency <> v_currency), 0)
        into v_gross from ledger_payoutsource where payout_id = p_payout;
    if v_gross <> v_payout.gross_minor then
        raise exception 'payout % is of %, its sources of %',
            v_payout.reference, v_payout.gross_minor, v_gross using errcode = 'check_violation';
    end if;
    select coalesce(sum(w.amount_minor), 0) into v_withheld
        from ledger_payoutsource s join ledger_payoutwithheld w on w.source_id = s.id
        where s.payout_id = p_payout;
    if v_withheld <> v_payout.withheld_minor then
        raise exception 'payout % withholds %, its parts %',
            v_payout.reference, v_payout.withheld_minor, v_withheld
            using errcode = 'check_violation';
    end if;
end $$;
create function ledger_payout_sums_of_payout() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_check_payout_sums(new.id);
    return null;
end $$;
create function ledger_payout_sums_of_source() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_check_payout_sums(new.payout_id);
    return null;
end $$;
create function ledger_payout_sums_of_withheld() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_check_payout_sums(
        (select payout_id from ledger_payoutsource where id = new.source_id));
    return null;
end $$;
create constraint trigger sources_sum_to_the_payout after insert on ledger_payout
    deferrable initially deferred for each row execute function ledger_payout_sums_of_payout();
create constraint trigger sources_sum_to_the_payout after insert on ledger_payoutsource
    deferrable initially deferred for each row execute function ledger_payout_sums_of_source();
create constraint trigger sources_sum_to_the_payout after insert on ledger_payoutwithheld
    deferrable initially deferred for each row execute function ledger_payout_sums_of_withheld();

-- Where a payout goes is erased, never rewritten.
create trigger rows_are_not_rewritten before update on ledger_payoutdestination
    for each row execute function dure_keep_row();
"""

NO_CHECKS = """
drop trigger rows_are_not_rewritten on ledger_payoutdestination;
drop trigger sources_sum_to_the_payout on ledger_payoutwithheld;
drop trigger sources_sum_to_the_payout on ledger_payoutsource;
drop trigger sources_sum_to_the_payout on ledger_payout;
drop function ledger_payout_sums_of_withheld();
drop function ledger_payout_sums_of_source();
drop function ledger_payout_sums_of_payout();
drop function ledger_check_payout_sums(bigint);
drop trigger payout_fits_its_batch on ledger_payout;
drop function ledger_payout_fits_its_batch();
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
