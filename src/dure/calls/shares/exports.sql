-- Who gets what, for those who take it home; called by exporting.py alone.

-- The shares of a settlement, under the pseudonyms that answers are exported with.
create or replace function shares_rows(p_settlement bigint)
returns table (
    worker varchar, counted bigint, checked bigint,
    base_minor bigint, value_minor bigint, sum_minor bigint
)
language sql stable as $$
    select w.pseudonym, s.counted, s.checked, s.base_minor, s.value_minor,
        s.base_minor + s.value_minor
    from shares_settlement t
    join shares_settlementshare s on s.settlement_id = t.id
    join people_workers(t.call_id) w on w.contributor_id = s.contributor_id
    where t.id = p_settlement
    order by s.contributor_id
$$;

-- What everybody got of a call by all settlements that are in the ledger; counted and checked are
-- those of the last.
create or replace function shares_so_far(p_call bigint)
returns table (
    worker varchar, counted bigint, checked bigint,
    base_minor bigint, value_minor bigint, sum_minor bigint
)
language sql stable as $$
    with posted as (
        select t.id, max(t.number) over () = t.number as is_newest
        from shares_settlement t
        where t.call_id = p_call and t.posted_at is not null
    )
    select w.pseudonym,
        coalesce(sum(s.counted) filter (where p.is_newest), 0)::bigint,
        coalesce(sum(s.checked) filter (where p.is_newest), 0)::bigint,
        sum(s.base_minor)::bigint, sum(s.value_minor)::bigint,
        sum(s.base_minor + s.value_minor)::bigint
    from posted p
    join shares_settlementshare s on s.settlement_id = p.id
    join people_workers(p_call) w on w.contributor_id = s.contributor_id
    group by w.worker_id, w.pseudonym
    order by w.worker_id
$$;
