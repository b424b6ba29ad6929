-- What the import of tasks writes; called by importing.py alone, which holds the call.

-- Add a batch of tasks in the order given; a key that is there already stays as it is. Gives the
-- keys that were added.
create or replace function tasks_add(
    p_call bigint, p_capacity int, p_keys varchar[], p_contents jsonb[], p_golds jsonb[]
) returns setof varchar
language sql volatile as $$
    with added as (
        insert into tasks_task (call_id, key, content, gold)
        select p_call, n.key, n.content, nullif(n.gold, 'null')
        from unnest(p_keys, p_contents, p_golds) with ordinality as n (key, content, gold, place)
        order by n.place
        on conflict (call_id, key) do nothing
        returning id, key
    ), progress as (
        insert into tasks_taskprogress (call_id, task_id, capacity)
        select p_call, a.id, p_capacity from added a order by a.id
    ), tallied as (
        insert into tasks_tally as t (call_id, slot, events, tasks)
        select p_call, 0, count(*), count(*) from added having count(*) > 0
        on conflict (call_id, slot) do update set
            events = t.events + excluded.events, tasks = t.tasks + excluded.tasks
    )
    select key from added
$$;

-- Of tasks whose keys are there already, the keys that have just this content and gold. The
-- planner knows nothing of the batches just before this one, so it is told to look each key up.
create or replace function tasks_same(
    p_call bigint, p_keys varchar[], p_contents jsonb[], p_golds jsonb[]
) returns setof varchar
language sql stable set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
    select n.key
    from unnest(p_keys, p_contents, p_golds) as n (key, content, gold)
    cross join lateral (
        select content, gold from tasks_task where call_id = p_call and key = n.key offset 0
    ) t
    where t.content = n.content and t.gold is not distinct from nullif(n.gold, 'null')
$$;

-- Fresh statistics after an import that changed the picture, without which the first leases are
-- planned badly: autovacuum comes by but once a minute. True if they were worth renewing. The
-- tables belong to another role than the one that imports.
create or replace function tasks_analyze_after(p_added bigint) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if p_added < 10000 and p_added < 0.1 * (
        -- It is -1 where nobody has ever counted.
        select reltuples from pg_class where oid = 'tasks_task'::regclass
    ) then
        return false;
    end if;
    analyze tasks_task;
    analyze tasks_taskprogress;
    return true;
end $$;
revoke execute on function tasks_analyze_after(bigint) from public;
