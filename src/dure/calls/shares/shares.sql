-- What settlements shared before; called by settlements.py and statements.py alone.

-- What approved settlements before a number shared with each contributor, by whom their work is
-- counted with as of a moment.
create or replace function shares_before(p_call bigint, p_number int, p_as_of timestamptz)
returns table (worker_id bigint, base_minor bigint, value_minor bigint)
language sql stable as $$
    select w.worker_id, sum(s.base_minor)::bigint, sum(s.value_minor)::bigint
    from shares_settlement t
    join shares_settlementshare s on s.settlement_id = t.id
    join people_workers(p_call, p_as_of) w on w.contributor_id = s.contributor_id
    where t.call_id = p_call and t.number < p_number and t.approved_at is not null
    group by w.worker_id
$$;

-- The next shares of a settlement that move money, in the order of contributors.
create or replace function shares_to_post(p_settlement bigint, p_after bigint, p_n int)
returns table (contributor_id bigint, amount_minor bigint)
language sql stable as $$
    select s.contributor_id, s.base_minor + s.value_minor
    from shares_settlementshare s
    where s.settlement_id = p_settlement and s.contributor_id > p_after
        and s.base_minor + s.value_minor <> 0
    order by s.contributor_id limit p_n
$$;

-- Put a settlement's shares down, row i of each column for one contributor.
create or replace function shares_put(
    p_settlement bigint, p_contributors bigint[], p_counted bigint[], p_checked bigint[],
    p_means bigint[], p_errors bigint[], p_base bigint[], p_value bigint[]
) returns void
language sql as $$
    insert into shares_settlementshare (
        settlement_id, contributor_id, counted, checked, mean_nano, error_nano,
        base_minor, value_minor
    )
    select p_settlement, n.contributor, n.counted, n.checked, n.mean,
        n.error, n.base, n.value
    from unnest(p_contributors, p_counted, p_checked, p_means, p_errors, p_base, p_value)
        as n (contributor, counted, checked, mean, error, base, value)
$$;

-- The opposite of every share of a settlement, for the one that takes it back.
create or replace function shares_put_back(p_settlement bigint, p_other bigint) returns void
language sql as $$
    insert into shares_settlementshare (
        settlement_id, contributor_id, counted, checked, mean_nano, error_nano,
        base_minor, value_minor
    )
    select p_other, s.contributor_id, s.counted, s.checked, s.mean_nano, s.error_nano,
        -s.base_minor, -s.value_minor
    from shares_settlementshare s where s.settlement_id = p_settlement
$$;

-- Whether the ledger holds anything else for a settlement than what its shares say.
create or replace function shares_differ_from_ledger(
    p_settlement bigint, p_reason text, p_purpose text
) returns boolean
language sql stable as $$
    select exists (
        select owner from (
            select a.owner, e.amount_minor
            from ledger_transaction t
            join ledger_entry e on e.transaction_id = t.id
            join ledger_ledgeraccount a on a.id = e.account_id
            where t.reason = p_reason and t.key like 'settle:' || p_settlement || ':%'
                and a.purpose = p_purpose and a.owner like 'contributor:%'
            union all
            select 'contributor:' || t.call_id || ':' || s.contributor_id,
                -(s.base_minor + s.value_minor)
            from shares_settlementshare s
            join shares_settlement t on t.id = s.settlement_id
            where s.settlement_id = p_settlement and s.base_minor + s.value_minor <> 0
        ) both_sides
        group by owner having sum(amount_minor) <> 0
    )
$$;

-- Every contributor that a person is, in all calls, from all their browsers.
create or replace function shares_contributors_of(p_person bigint)
returns table (call_id bigint, contributor_id bigint)
language sql stable as $$
    select c.call_id, c.id from people_contributor c
    where c.person_id = any (people_group(p_person))
$$;

-- What a person earned and was paid, by call and currency, the newest call first.
create or replace function shares_statement(p_person bigint)
returns table (
    call_id bigint, currency varchar, contributor_ids bigint[],
    answers_minor bigint, shares_minor bigint, paid_minor bigint, balance_minor bigint
)
language sql stable as $$
    with mine as (
        select m.call_id, m.contributor_id, a.id as account_id, a.currency
        from shares_contributors_of(p_person) m
        join ledger_ledgeraccount a
            on a.owner = 'contributor:' || m.call_id || ':' || m.contributor_id
            and a.purpose = 'owed_to'
    )
    select m.call_id, m.currency, array_agg(distinct m.contributor_id),
        coalesce(sum(e.amount_minor) filter (
            where t.reason in ('answers-counted', 'answers-withdrawn')), 0)::bigint,
        coalesce(sum(e.amount_minor) filter (
            where t.reason in ('settled', 'settlement-taken-back')), 0)::bigint,
        coalesce(-sum(e.amount_minor) filter (
            where t.reason in ('paid-out', 'payout-returned')), 0)::bigint,
        coalesce(sum(e.amount_minor), 0)::bigint
    from mine m
    join ledger_entry e on e.account_id = m.account_id
    join ledger_transaction t on t.id = e.transaction_id
    group by m.call_id, m.currency
    order by m.call_id desc, m.currency
$$;

-- What each call owes its people and pot, owes without having it, has ahead and holds.
create or replace function shares_standings(p_calls bigint[])
returns table (
    call_id bigint, currency varchar, owed_to_minor bigint, owed_by_minor bigint,
    deposit_minor bigint, held_minor bigint
)
language sql stable as $$
    with own as (
        select n.call_id, a.currency, a.purpose, sum(e.amount_minor) as amount,
            coalesce(sum(e.amount_minor) filter (where t.reason = 'fee'), 0) as fees
        from unnest(p_calls) as n (call_id)
        join ledger_ledgeraccount a on a.owner = 'call:' || n.call_id
        join ledger_entry e on e.account_id = a.id
        join ledger_transaction t on t.id = e.transaction_id
        group by n.call_id, a.currency, a.purpose
    )
    select o.call_id, o.currency,
        -- All that was ever moved for a call sums to zero: the rest, less the fees, which are the
        -- organisation's, is owed to its people, its pot and tax offices.
        (sum(o.fees) - sum(o.amount))::bigint,
        coalesce(sum(o.amount) filter (where o.purpose = 'owed_by'), 0)::bigint,
        coalesce(sum(o.amount) filter (where o.purpose = 'deposit'), 0)::bigint,
        coalesce(sum(o.amount) filter (where o.purpose = 'held'), 0)::bigint
    from own o
    group by o.call_id, o.currency
    order by o.call_id desc, o.currency
$$;
