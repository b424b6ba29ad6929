-- The ledger's functions. Each is described once, here; migrations install them.

-- Line up to post: held to the end of the database transaction, so that whoever comes next gets a
-- higher number and sees all that was posted under lower ones.
create or replace function ledger_take_turn() returns void
language sql as $$
    select pg_advisory_xact_lock(4976000000000000::bigint)
$$;

-- The next transaction's number, drawn while it is this one's turn, so that numbers are in the
-- order of commits; one that the statement named itself is passed over.
create or replace function ledger_number_transaction() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform ledger_take_turn();
    new.id := nextval('public.ledger_transaction_id_seq');
    return new;
end $$;

-- A text that can be told from what follows it: its bytes in UTF-8, then itself.
create or replace function ledger_measured(p_text text) returns text
language sql immutable parallel safe as $$
    select octet_length(convert_to(p_text, 'UTF8')) || ':' || p_text
$$;

-- What a transaction says, as it is hashed: a line of its own, then one for each entry by place.
create or replace function ledger_canonical(p_transaction bigint) returns text
language sql stable set search_path = public, pg_temp as $$
    select t.id || ' ' || (extract(epoch from t.at) * 1000000)::bigint || ' ' || t.n_entries
        || ' ' || ledger_measured(t.key) || ' ' || ledger_measured(t.reason)
        || ' ' || ledger_measured(t.facts::text) || E'\n'
        || coalesce((
            select string_agg(
                e.place || ' ' || a.purpose || ' ' || e.currency || ' ' || e.amount_minor
                    || ' ' || ledger_measured(a.owner) || E'\n',
                '' order by e.place
            )
            from ledger_entry e join ledger_ledgeraccount a on a.id = e.account_id
            where e.transaction_id = t.id
        ), '')
    from ledger_transaction t where t.id = p_transaction
$$;

-- Bind a transaction to the one before it; what was bound can't be changed, and none slips in.
create or replace function ledger_chain(p_transaction bigint) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    v_last ledger_link;
    v_previous bytea;
begin
    select * into v_last from ledger_link order by transaction_id desc limit 1;
    if v_last.transaction_id > p_transaction then
        raise exception 'transaction % comes after %, which is chained already',
            p_transaction, v_last.transaction_id
            using errcode = 'restrict_violation';
    end if;
    v_previous := coalesce(v_last.hash, decode(repeat('00', 32), 'hex'));
    insert into ledger_link (transaction_id, number, previous, hash) values (
        p_transaction, coalesce(v_last.number, 0) + 1, v_previous,
        sha256(v_previous || convert_to(ledger_canonical(p_transaction), 'UTF8'))
    );
end $$;

-- Refuse what is not whole or not balanced, then chain it. It runs with its owner's rights, since
-- nobody else may write links; so it looks at the rows themselves, and serves no other table.
create or replace function ledger_transaction_balances() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_entries bigint;
    v_sum record;
begin
    if tg_relid <> 'public.ledger_transaction'::regclass then
        raise exception 'only transactions of the ledger are chained'
            using errcode = 'insufficient_privilege';
    end if;
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
    perform ledger_chain(new.id);
    return null;
end $$;

-- Note the balance of each account that got more entries than this since it was last noted; gives
-- how many were. With its owner's rights, since a balance that anybody could write might be a lie.
-- One statement sees one moment, and numbers are in the order of commits: no entry up to the last
-- number that it sees can come later.
create or replace function ledger_checkpoint_accounts(p_entries_min int) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_written bigint;
begin
    with touched as (
        select distinct account_id from ledger_entry
        where transaction_id > coalesce((select max(up_to_id) from ledger_checkpoint), 0)
    ), grown as (
        select t.account_id, coalesce(c.balance_minor, 0) + sum(e.amount_minor) as balance_minor
        from touched t
        left join ledger_checkpoint c on c.account_id = t.account_id
        join ledger_entry e
            on e.account_id = t.account_id and e.transaction_id > coalesce(c.up_to_id, 0)
        group by t.account_id, c.balance_minor
        having count(*) > p_entries_min
    )
    insert into ledger_checkpoint as c (account_id, up_to_id, balance_minor)
        select account_id, (select max(id) from ledger_transaction), balance_minor from grown
    on conflict (account_id) do update
        set up_to_id = excluded.up_to_id, balance_minor = excluded.balance_minor
        where c.up_to_id < excluded.up_to_id;
    get diagnostics v_written = row_count;
    return v_written;
end $$;

-- What stands in an account: what was noted, and every entry after it.
create or replace function ledger_balance(p_account bigint) returns numeric
language sql stable set search_path = public, pg_temp as $$
    select coalesce(c.balance_minor, 0) + coalesce((
        select sum(e.amount_minor) from ledger_entry e
        where e.account_id = p_account and e.transaction_id > coalesce(c.up_to_id, 0)
    ), 0)
    from (select) here left join ledger_checkpoint c on c.account_id = p_account
$$;

-- Accounts of owners by name, and of all whose names begin so, shown as that beginning. A beginning
-- ends with a colon, and after that comes a semicolon: between the two lies a range of the index.
-- Without either every account is there.
create or replace function ledger_accounts_of(p_names text[], p_beginnings text[])
returns table (id bigint, shown text)
language sql stable as $$
    select one.id, one.owner::text from unnest(p_names) name
        join ledger_ledgeraccount one on one.owner = name
    union all
    select one.id, beginning from unnest(p_beginnings) beginning
        join ledger_ledgeraccount one
        on one.owner collate "C" >= beginning collate "C"
        and one.owner collate "C" < (left(beginning, -1) || ';') collate "C"
    union all
    select one.id, one.owner::text from ledger_ledgeraccount one
    where p_names is null and p_beginnings is null
$$;

-- Balances by owner, purpose and currency, now or at an earlier time; a single account by its id.
-- An account that never had an entry is not there.
create or replace function ledger_trial_balance(
    p_names text[], p_beginnings text[], p_at timestamptz
) returns table (
    owner text, purpose text, currency text, balance_minor numeric, accounts bigint, account bigint
)
language sql stable set search_path = public, pg_temp as $$
    select o.shown, a.purpose::text, a.currency::text, sum(b.total), count(*),
        case when count(*) = 1 then min(a.id) end
    from ledger_accounts_of(p_names, p_beginnings) o
    join ledger_ledgeraccount a on a.id = o.id
    cross join lateral (
        -- As ledger_balance, which would be called for each of many accounts.
        select coalesce(c.balance_minor, 0) + coalesce((
            select sum(e.amount_minor) from ledger_entry e
            where e.account_id = a.id and e.transaction_id > coalesce(c.up_to_id, 0)
        ), 0) as total
        from (select where p_at is null) here
        left join ledger_checkpoint c on c.account_id = a.id
        union all
        select coalesce(sum(e.amount_minor), 0)
        from ledger_entry e join ledger_transaction t on t.id = e.transaction_id
        where e.account_id = a.id and t.at <= p_at
        having p_at is not null
    ) b
    where exists (select from ledger_entry e where e.account_id = a.id)
    group by 1, 2, 3 order by o.shown collate "C", 2, 3
$$;
